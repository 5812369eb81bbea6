import Layers
import OCI

// Every entry of the runtime layer is made by one of these three. Paths are relative to `/` and in normal form, times
// are 1970: the layer depends only on coracle's version and its options.
extension LayerEntry {
    static func directory(_ path: String, mode: UInt16 = 0o755, owner: UserID = .root) -> LayerEntry {
        LayerEntry(EntryPath(unchecked: Array(path.utf8)), .directory, mode: mode, uid: owner.uid, gid: owner.gid)
    }

    static func file(_ path: String, _ text: String) -> LayerEntry {
        .file(path, Array(text.utf8))
    }

    static func file(_ path: String, _ bytes: [UInt8]) -> LayerEntry {
        LayerEntry(EntryPath(unchecked: Array(path.utf8)), .bytes(bytes), mode: 0o644)
    }

    static func symlink(_ path: String, to target: String) -> LayerEntry {
        // The mode of a link means nothing; 0777 is what every tar stores for one.
        LayerEntry(EntryPath(unchecked: Array(path.utf8)), .symlink(target: Array(target.utf8)), mode: 0o777)
    }
}
