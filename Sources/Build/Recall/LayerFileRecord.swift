import ByteIO
import Layers
import OCI

/// The files of all layers of a build in bytes, as the cache keeps them.
///
/// A path is written as what it has in common with the one before it, and the rest; the file that it is a copy of by what
/// both paths have in common at their ends.
enum LayerFileRecord {
    private static let format: UInt8 = 1

    /// - Parameter inputs: what the files were planned from.
    static func encode(_ layers: [[LayerEntry]], of inputs: Digest) -> [UInt8] {
        var writer = BinaryWriter()
        writer.put(format)
        writer.put(Array(inputs.description.utf8))
        writer.put(UInt32(clamping: layers.count))
        for entries in layers {
            let files = entries.lazy.compactMap { LayerFile($0) }
            writer.put(UInt32(clamping: entries.count(where: { !$0.isDirectory })))
            var before = [UInt8]()
            for file in files {
                let path = file.path.bytes
                let shared = path.countShared(with: before)
                writer.put(UInt32(clamping: shared))
                writer.put(path[shared...])
                before = path
                writer.put(file.mode)
                writer.put(file.owner.uid)
                writer.put(file.owner.gid)
                put(file.content, path, &writer)
            }
        }
        return writer.bytes
    }

    private static func put(_ content: LayerFile.Content, _ path: [UInt8], _ writer: inout BinaryWriter) {
        switch content {
        case .made(let size):
            writer.put(UInt8(0))
            writer.put(size)
        case .copied(let source, let size):
            writer.put(UInt8(1))
            writer.put(size)
            let shared = path.countSharedAtEnd(with: source.bytes)
            writer.put(source.bytes[..<(source.bytes.count - shared)])
            writer.put(UInt32(clamping: shared))
        case .symlink(let target):
            writer.put(UInt8(2))
            writer.put(target)
        case .hardlink(let target):
            writer.put(UInt8(3))
            writer.put(target.bytes)
        }
    }

    /// The files of each layer; `nil` for what is not a record, or one of other inputs.
    static func decode(_ bytes: [UInt8], of inputs: Digest) -> [[LayerFile]]? {
        var reader = BinaryReader(bytes)
        guard let format: UInt8 = reader.number(), format == Self.format,
            let known = reader.bytes(), known.elementsEqual(inputs.description.utf8),
            let count: UInt32 = reader.number()
        else { return nil }
        var layers = [[LayerFile]]()
        for _ in 0..<count {
            guard let files = self.files(&reader) else { return nil }
            layers.append(files)
        }
        return reader.isAtEnd ? layers : nil
    }

    private static func files(_ reader: inout BinaryReader) -> [LayerFile]? {
        guard let count: UInt32 = reader.number() else { return nil }
        var files = [LayerFile]()
        var path = [UInt8]()
        for _ in 0..<count {
            guard let shared: UInt32 = reader.number(), Int(shared) <= path.count, let rest = reader.slice(),
                let mode: UInt16 = reader.number(), let uid: UInt32 = reader.number(),
                let gid: UInt32 = reader.number()
            else { return nil }
            path = Array(path[..<Int(shared)] + rest)
            guard let content = content(&reader, path) else { return nil }
            files.append(
                LayerFile(
                    path: EntryPath(unchecked: path),
                    mode: mode,
                    owner: UserID(uid: uid, gid: gid),
                    content: content
                )
            )
        }
        return files
    }

    private static func content(_ reader: inout BinaryReader, _ path: [UInt8]) -> LayerFile.Content? {
        let kind: UInt8? = reader.number()
        switch kind {
        case 0:
            let size: Int64? = reader.number()
            return size.map { .made($0) }
        case 1:
            guard let size: Int64 = reader.number(), let start = reader.slice(), let shared: UInt32 = reader.number(),
                Int(shared) <= path.count
            else { return nil }
            return .copied(from: FilePath(bytes: start + path.suffix(Int(shared))), size)
        case 2: return reader.bytes().map { .symlink(target: $0) }
        case 3: return reader.bytes().map { .hardlink(target: EntryPath(unchecked: $0)) }
        default: return nil
        }
    }
}

extension [UInt8] {
    /// How many bytes are the same at the fronts of both.
    fileprivate func countShared(with other: [UInt8]) -> Int {
        let most = Swift.min(count, other.count)
        var shared = 0
        while shared < most, self[shared] == other[shared] { shared += 1 }
        return shared
    }

    /// How many bytes are the same at the ends of both.
    fileprivate func countSharedAtEnd(with other: [UInt8]) -> Int {
        let most = Swift.min(count, other.count)
        var shared = 0
        while shared < most, self[count - 1 - shared] == other[other.count - 1 - shared] { shared += 1 }
        return shared
    }
}
