import ByteIO
import CDeflate
import Glibc

/// The directory of a zip archive, and the content of single small files in it.
///
/// PKWARE's APPNOTE.TXT, § 4.3: the record at the end says where the directory is, and that where each file is.
struct ZipArchive: ~Copyable {
    struct Entry: Hashable {
        fileprivate let method: UInt32
        fileprivate let compressedSize: Int
        fileprivate let size: Int
        fileprivate let offset: Int64
    }

    /// A larger file is not read.
    private static let sizeLimit = 1 << 20
    /// More of the directory is not looked through.
    private static let directoryLimit = 4 << 20

    private let file: OpenFile
    private let directory: [UInt8]

    /// `nil` if the file is not a zip archive.
    init?(_ path: FilePath) {
        guard let file = try? OpenFile(path, O_RDONLY | O_NONBLOCK), let size = try? file.status().size,
            let directory = Self.directory(file, size)
        else { return nil }
        self.file = file
        self.directory = directory
    }

    /// The first file whose name passes `isWanted`.
    func entry(where isWanted: (ArraySlice<UInt8>) -> Bool) -> Entry? {
        var offset = 0
        while offset + 46 <= directory.count, directory[offset...].starts(with: [0x50, 0x4B, 0x01, 0x02]) {
            let nameLength = Int(Self.number(directory, offset + 28, 2))
            if isWanted(directory[(offset + 46)...].prefix(nameLength)) {
                return Entry(
                    method: Self.number(directory, offset + 10, 2),
                    compressedSize: Int(Self.number(directory, offset + 20, 4)),
                    size: Int(Self.number(directory, offset + 24, 4)),
                    offset: Int64(Self.number(directory, offset + 42, 4))
                )
            }
            let extra = Int(Self.number(directory, offset + 30, 2)) + Int(Self.number(directory, offset + 32, 2))
            offset += 46 + nameLength + extra
        }
        return nil
    }

    func entry(named name: String) -> Entry? { entry { $0.elementsEqual(name.utf8) } }

    /// The content of `entry`; `nil` if it is too large, or cannot be read.
    func content(of entry: Entry) -> [UInt8]? {
        guard
            entry.compressedSize <= Self.sizeLimit, entry.size <= Self.sizeLimit,
            let header = try? file.bytes(at: entry.offset, count: 30), header.count == 30,
            header.starts(with: [0x50, 0x4B, 0x03, 0x04])
        else { return nil }
        let start = entry.offset + 30 + Int64(Self.number(header, 26, 2)) + Int64(Self.number(header, 28, 2))
        guard let bytes = try? file.bytes(at: start, count: entry.compressedSize), bytes.count == entry.compressedSize
        else { return nil }
        return switch entry.method {
        case 0: bytes
        case 8: Self.inflated(bytes, entry.size)
        default: nil
        }
    }

    private static func directory(_ file: borrowing OpenFile, _ size: Int64) -> [UInt8]? {
        let tailSize = min(size, 65557)
        guard let tail = try? file.bytes(at: size - tailSize, count: Int(tailSize)) else { return nil }
        let end = (0...max(0, tail.count - 22)).last { start in
            tail.count >= 22 && tail[start...].starts(with: [0x50, 0x4B, 0x05, 0x06])
        }
        guard let end else { return nil }
        let (length, start) = (Int(number(tail, end + 12, 4)), Int64(number(tail, end + 16, 4)))
        return try? file.bytes(at: start, count: min(length, directoryLimit))
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
