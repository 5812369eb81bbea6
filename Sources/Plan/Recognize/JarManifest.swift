import ByteIO
import CDeflate
import Glibc

/// What `META-INF/MANIFEST.MF` says of how a Java archive is started.
struct JarManifest: Hashable, Sendable {
    let mainClass: String?

    /// JAR File Specification, § JAR Manifest: lines of `Name: value`, at most 72 bytes long; a space at the beginning goes
    /// on with the line before.
    init(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        // The main section ends at the first empty line.
        var section = [String]()
        for line in lines.prefix(while: { !$0.isEmpty }) {
            if line.hasPrefix(" "), !section.isEmpty {
                section[section.count - 1] += line.dropFirst()
            } else {
                section.append(String(line))
            }
        }
        let line = section.first { $0.lowercased().hasPrefix("main-class:") }
        let name = line?.dropFirst("main-class:".count).filter { $0 != " " } ?? ""
        mainClass = name.isEmpty ? nil : name
    }

    /// `nil` if the file is not a zip archive, or has no readable manifest.
    init?(ofJarAt path: FilePath) {
        let file = try? OpenFile(path, O_RDONLY | O_NONBLOCK)
        guard let file, let size = try? file.status().size, let bytes = Self.manifest(file, size) else { return nil }
        self.init(bytes)
    }

    private static let sizeLimit = 1 << 20
    /// More of the directory is not looked through; the manifest is to be its first or second entry.
    private static let directoryLimit = 1 << 20

    /// PKWARE's APPNOTE.TXT, § 4.3: the record at the end says where the directory is, and that where each file is.
    private static func manifest(_ file: borrowing OpenFile, _ size: Int64) -> [UInt8]? {
        let tailSize = min(size, 65557)
        guard let tail = try? file.bytes(at: size - tailSize, count: Int(tailSize)) else { return nil }
        let end = (0...max(0, tail.count - 22)).last { start in
            tail.count >= 22 && tail[start...].starts(with: [0x50, 0x4B, 0x05, 0x06])
        }
        guard let end else { return nil }
        let (length, start) = (Int(number(tail, end + 12, 4)), Int64(number(tail, end + 16, 4)))
        guard let directory = try? file.bytes(at: start, count: min(length, directoryLimit)) else { return nil }
        var offset = 0
        while offset + 46 <= directory.count, directory[offset...].starts(with: [0x50, 0x4B, 0x01, 0x02]) {
            let nameLength = Int(number(directory, offset + 28, 2))
            let name = directory[(offset + 46)...].prefix(nameLength)
            if name.elementsEqual("META-INF/MANIFEST.MF".utf8) {
                return content(
                    file,
                    method: number(directory, offset + 10, 2),
                    compressedSize: Int(number(directory, offset + 20, 4)),
                    size: Int(number(directory, offset + 24, 4)),
                    at: Int64(number(directory, offset + 42, 4))
                )
            }
            offset += 46 + nameLength + Int(number(directory, offset + 30, 2)) + Int(number(directory, offset + 32, 2))
        }
        return nil
    }

    private static func content(
        _ file: borrowing OpenFile,
        method: UInt32,
        compressedSize: Int,
        size: Int,
        at offset: Int64
    ) -> [UInt8]? {
        guard
            compressedSize <= sizeLimit, size <= sizeLimit,
            let header = try? file.bytes(at: offset, count: 30), header.count == 30,
            header.starts(with: [0x50, 0x4B, 0x03, 0x04])
        else { return nil }
        let start = offset + 30 + Int64(number(header, 26, 2)) + Int64(number(header, 28, 2))
        guard let bytes = try? file.bytes(at: start, count: compressedSize), bytes.count == compressedSize else {
            return nil
        }
        return switch method {
        case 0: bytes
        case 8: inflated(bytes, size)
        default: nil
        }
    }

    private static func inflated(_ bytes: [UInt8], _ size: Int) -> [UInt8]? {
        guard size > 0, let decompressor = libdeflate_alloc_decompressor() else { return nil }
        defer { libdeflate_free_decompressor(decompressor) }
        var isFine = false
        let content = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            let result = libdeflate_deflate_decompress(
                decompressor,
                bytes,
                bytes.count,
                buffer.baseAddress,
                size,
                nil
            )
            isFine = result == LIBDEFLATE_SUCCESS
            initialized = isFine ? size : 0
        }
        return isFine ? content : nil
    }

    /// Little-endian; 0 where the bytes end before.
    private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt32 {
        bytes.dropFirst(start).prefix(count).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
