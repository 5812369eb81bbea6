import Layers

/// The directories of an image made from nothing.
///
/// `/dev`, `/proc`, `/sys` and `/run` are not among them: a container runtime mounts what it needs, and makes the
/// directory for it.
enum Directories {
    static var entries: [LayerEntry] {
        // Anyone may write in it, and remove only what is their own.
        [.directory("tmp", mode: 0o1777)]
    }

    /// The directories above `entries`, the root included, that `entries` does not have: 0755 and owned by root.
    static func missing(from entries: [LayerEntry]) -> [LayerEntry] {
        var known = Set(entries.map(\.path))
        var missing: [LayerEntry] = []
        for entry in entries {
            var path = entry.path
            while let parent = path.parent, known.insert(parent).inserted {
                missing.append(LayerEntry(parent, .directory, mode: FileModes.directory))
                path = parent
            }
        }
        return missing
    }
}
