import Layers

/// What is at a path of a walked directory, through its symlinks and hard links.
struct TreeLookup {
    /// The paths of the directory and of everything in it, sorted.
    private let entries: [LayerEntry]

    init(_ entries: [LayerEntry]) { self.entries = entries }

    /// What is at `path` itself; a symlink is not followed.
    func entry(at path: EntryPath) -> LayerEntry? { entries.index(of: path).map { entries[$0] } }

    /// The directory, or the entry with the file's content, that `path` leads to; `nil` if that is not in the tree.
    func resolve(_ path: EntryPath) -> LayerEntry? {
        guard let top = entries.first else { return nil }
        let walk = PathWalk(path.bytes) { place in
            guard let entry = entry(at: place) else {
                // What is above the tree is in no entry.
                return place.contains(top.path) ? .directory : nil
            }
            return switch entry.content {
            case .directory: .directory
            case .symlink(let target): .symlink(target: target)
            case .file, .bytes, .hardlink: .file
            }
        }
        guard case .found(let place) = walk, let entry = entry(at: place) else { return nil }
        guard case .hardlink(let first) = entry.content else { return entry }
        return self.entry(at: first)
    }
}
