import Layers
import OCI

// Every entry of the runtime layer is made by one of these three. Paths are relative to `/` and in normal form, times
// are 1970: the layer depends only on coracle's version and its options.
extension LayerEntry {
    static func directory(_ path: String, mode: UInt16 = FileModes.directory, owner: UserID = .root) -> LayerEntry {
        LayerEntry(EntryPath(unchecked: Array(path.utf8)), .directory, mode: mode, uid: owner.uid, gid: owner.gid)
    }

    static func file(_ path: String, _ text: String) -> LayerEntry {
        .file(path, Array(text.utf8))
    }

    static func file(_ path: String, _ bytes: [UInt8]) -> LayerEntry {
        LayerEntry(EntryPath(unchecked: Array(path.utf8)), .bytes(bytes), mode: FileModes.plain)
    }

    static func symlink(_ path: String, to target: String) -> LayerEntry {
        LayerEntry(
            EntryPath(unchecked: Array(path.utf8)),
            .symlink(target: Array(target.utf8)),
            mode: FileModes.symlink
        )
    }
}
