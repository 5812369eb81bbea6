import ByteIO
import Diagnostics
import Layers
import OCI

/// A file or a link in a layer, for reports.
struct LayerFile: Hashable, Sendable {
    enum Content: Hashable, Sendable {
        /// Bytes that coracle made or took out of another image; the size of the file.
        case made(Int64)
        /// A copy of a file of this machine, and its size.
        case copied(from: FilePath, Int64)
        case symlink(target: [UInt8])
        case hardlink(target: EntryPath)
    }

    let path: EntryPath
    let mode: UInt16
    let owner: UserID
    let content: Content
}

extension LayerFile {
    /// `nil` for a directory.
    init?(_ entry: LayerEntry) {
        switch entry.content {
        case .bytes(let bytes): content = .made(Int64(bytes.count))
        case .file(_, let stamp) where entry.isUnpacked: content = .made(stamp.size)
        case .file(let source, let stamp): content = .copied(from: source, stamp.size)
        case .symlink(let target): content = .symlink(target: target)
        case .hardlink(let target): content = .hardlink(target: target)
        case .directory: return nil
        }
        path = entry.path
        mode = entry.mode
        owner = UserID(uid: entry.uid, gid: entry.gid)
    }

    /// For a program.
    var json: JSON {
        var json = JSONObject()
        json["path"] = .string(path.description)
        json["mode"] = .string(String(mode, radix: 8))
        json["owner"] = .string(owner.description)
        switch content {
        case .made(let size): json["size"] = .int(size)
        case .copied(let source, let size):
            json["size"] = .int(size)
            json["source"] = .string(source.display)
        case .symlink(let target): json["linkTarget"] = .string(String(printing: target))
        case .hardlink(let target): json["hardlinkTo"] = .string(target.description)
        }
        return .object(json)
    }
}
