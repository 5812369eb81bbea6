/// Names by which a layer deletes what the layers below have. No file of an image can have one.
///
/// image-spec, layer.md § Whiteouts.
package enum Whiteout {
    /// What follows it is the name that is deleted.
    private static let prefix = Array(".wh.".utf8)
    /// What follows the prefix in the name that deletes all that the layers below have in its directory.
    private static let opaque = Array(".wh..opq".utf8)

    /// Why such a name is refused.
    package static let reason = "names that begin with `.wh.` delete a file of the layers below"

    /// Whether `name`, the last component of a path, is one.
    package static func has(name: some Sequence<UInt8>) -> Bool { name.starts(with: prefix) }

    /// What `name` deletes; `nil` if it is the name of an entry.
    static func deleted(by name: ArraySlice<UInt8>) -> Deleted? {
        guard has(name: name) else { return nil }
        let rest = name.dropFirst(prefix.count)
        return rest.elementsEqual(opaque) ? .everything : .name(rest)
    }

    /// The path that the entry at `path` deletes, or below which it deletes everything; `nil` if it is not a whiteout.
    package static func place(deletedBy path: EntryPath) -> EntryPath? {
        guard let deleted = deleted(by: path.name) else { return nil }
        let directory = path.parent ?? .root
        return switch deleted {
        case .everything: directory
        case .name(let name): directory.appending(name)
        }
    }

    enum Deleted {
        case name(ArraySlice<UInt8>)
        case everything
    }
}
