package import ByteIO
import CDeflate
import Glibc

/// Bytes that are read anywhere, such as those of a file.
package protocol PlacedBytes: ~Copyable {
    /// In bytes.
    var size: Int64 { get }

    /// Up to `count` bytes from `offset` on, fewer at the end; `nil` if they cannot be read.
    func bytes(from offset: Int64, count: Int) -> [UInt8]?
}

/// The directory of a zip archive, and the content of single files in it.
///
/// PKWARE's APPNOTE.TXT, § 4.3: the record at the end says where the directory is, and that where each file is.
package struct ZipArchive<Bytes: PlacedBytes & ~Copyable>: ~Copyable {
    package struct Entry: Hashable, Sendable {
        /// Sizes in bytes, as the directory says.
        package let compressedSize: Int
        package let size: Int
        fileprivate let method: UInt32
        fileprivate let offset: Int64

        /// Whether the content stands in the archive as it is.
        package var isStored: Bool { method == 0 && compressedSize == size }
    }

    private let source: Bytes
    private let directory: [UInt8]
    /// Size of what stands before the archive and that its offsets do not count, such as a script, in bytes.
    private let shift: Int64

    /// `nil` if the bytes are not a zip archive.
    ///
    /// - Parameter directoryLimit: more bytes of the directory are not looked through.
    package init?(_ source: consuming Bytes, directoryLimit: Int = 4 << 20) {
        guard let (directory, shift) = ZipDirectory.read(source, upTo: directoryLimit) else { return nil }
        self.source = source
        self.directory = directory
        self.shift = shift
    }

    /// Size of what is looked through of the directory, in bytes.
    package var directorySize: Int { directory.count }

    /// The first file whose name passes `isWanted`.
    package func entry(where isWanted: (ArraySlice<UInt8>) -> Bool) -> Entry? {
        var found: Entry?
        forEach { name, entry in
            if isWanted(name) { found = entry }
            return found == nil
        }
        return found
    }

    package func entry(named name: String) -> Entry? { entry { $0.elementsEqual(name.utf8) } }

    /// Hands over the name of each file and the file, in the order of the directory, until `body` returns false.
    package func forEach(_ body: (ArraySlice<UInt8>, Entry) -> Bool) {
        var offset = 0
        while offset + 46 <= directory.count, directory[offset...].starts(with: [0x50, 0x4B, 0x01, 0x02]) {
            let nameLength = Int(ZipDirectory.number(directory, offset + 28, 2))
            let entry = Entry(
                compressedSize: Int(ZipDirectory.number(directory, offset + 20, 4)),
                size: Int(ZipDirectory.number(directory, offset + 24, 4)),
                method: ZipDirectory.number(directory, offset + 10, 2),
                offset: Int64(ZipDirectory.number(directory, offset + 42, 4))
            )
            guard body(directory[(offset + 46)...].prefix(nameLength), entry) else { return }
            let extra = ZipDirectory.number(directory, offset + 30, 2) + ZipDirectory.number(directory, offset + 32, 2)
            offset += 46 + nameLength + Int(extra)
        }
    }

    /// Where the compressed bytes of `entry` begin; `nil` if no file is there.
    package func start(of entry: Entry) -> Int64? {
        let place = shift + entry.offset
        guard let header = source.bytes(from: place, count: 30), header.count == 30,
            header.starts(with: [0x50, 0x4B, 0x03, 0x04])
        else { return nil }
        return place + 30 + Int64(ZipDirectory.number(header, 26, 2)) + Int64(ZipDirectory.number(header, 28, 2))
    }

    /// The content of `entry`; `nil` if it has more than `limit` bytes, or cannot be read.
    package func content(of entry: Entry, upTo limit: Int = 1 << 20) -> [UInt8]? {
        guard entry.compressedSize <= limit, entry.size <= limit, let start = start(of: entry),
            let bytes = source.bytes(from: start, count: entry.compressedSize), bytes.count == entry.compressedSize
        else { return nil }
        return switch entry.method {
        case 0: bytes
        case 8: ZipDirectory.inflated(bytes, entry.size)
        default: nil
        }
    }
}

private enum ZipDirectory {
    /// The record at the end has a comment behind it of at most 65,535 bytes.
    private static let endSize = 22
    private static let mostBehind = Int64(endSize + 65535)

    static func read(
        _ source: borrowing some PlacedBytes & ~Copyable,
        upTo limit: Int
    ) -> (directory: [UInt8], shift: Int64)? {
        let size = source.size
        let tailSize = min(size, mostBehind)
        guard tailSize >= Int64(endSize), let tail = source.bytes(from: size - tailSize, count: Int(tailSize)),
            tail.count >= endSize,
            let end = (0...tail.count - endSize).last(where: { tail[$0...].starts(with: [0x50, 0x4B, 0x05, 0x06]) })
        else { return nil }
        let (length, start) = (Int(number(tail, end + 12, 4)), Int64(number(tail, end + 16, 4)))
        // The directory ends where the record begins; what it says of its place does not count what stands before the archive.
        let shift = max(0, size - tailSize + Int64(end) - Int64(length) - start)
        guard let bytes = source.bytes(from: shift + start, count: min(length, limit)) else { return nil }
        if bytes.starts(with: [0x50, 0x4B, 0x01, 0x02]) || shift == 0 { return (bytes, shift) }
        // Something stands between the two, such as a signature.
        return source.bytes(from: start, count: min(length, limit)).map { ($0, 0) }
    }

    static func inflated(_ bytes: [UInt8], _ size: Int) -> [UInt8]? {
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
    static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> UInt32 {
        bytes.dropFirst(start).prefix(count).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// An open file.
package struct FileBytes: ~Copyable, PlacedBytes {
    private let file: OpenFile
    package let size: Int64

    /// `nil` if there is no file that can be read.
    package init?(_ path: FilePath) {
        guard let file = try? OpenFile(path, O_RDONLY | O_NONBLOCK), let size = try? file.status().size else {
            return nil
        }
        self.file = file
        self.size = size
    }

    package func bytes(from offset: Int64, count: Int) -> [UInt8]? { try? file.bytes(at: offset, count: count) }
}

/// Part of an array.
package struct SliceBytes: PlacedBytes {
    private let slice: ArraySlice<UInt8>

    package init(_ slice: ArraySlice<UInt8>) { self.slice = slice }

    package var size: Int64 { Int64(slice.count) }

    package func bytes(from offset: Int64, count: Int) -> [UInt8]? {
        guard offset >= 0, offset <= size, count >= 0 else { return nil }
        return Array(slice.dropFirst(Int(offset)).prefix(count))
    }
}

extension ZipArchive where Bytes: ~Copyable, Bytes == FileBytes {
    /// `nil` if the file is not a zip archive.
    package init?(_ path: FilePath) {
        guard let file = FileBytes(path) else { return nil }
        self.init(file)
    }
}
