package import Layers

extension LayerStack {
    /// Where a path leads.
    package enum Way {
        case found(EntryPath)
        /// Nothing is there, and nothing on the way is in the way: the place it would have. `link` is the symlink that
        /// leads there, if the path itself does not.
        case missing(EntryPath, link: StackEntry?)
        /// This is in a directory's place.
        case blocked(by: StackEntry)
        /// This symlink is one too many.
        case loop(StackEntry)
    }

    /// Follows `path` from the root, through the symlinks of the base and of all layers.
    package func follow(_ path: EntryPath) -> Way { follow(path.bytes) }

    /// Follows `path`, whose dots and slashes mean what they mean to the kernel.
    package func follow(_ path: some Collection<UInt8>) -> Way {
        func entry(_ path: EntryPath) -> StackEntry {
            self[path] ?? StackEntry(path: path, kind: .other, mode: 0, origin: "nothing")
        }
        return switch PathWalk(path, { self[$0]?.step }) {
        case .found(let place): .found(place)
        case .missing(let place, let link): .missing(place, link: link.map(entry))
        case .blocked(let file), .denied(let file): .blocked(by: entry(file))
        case .loop(let link): .loop(entry(link))
        }
    }
}

extension StackEntry {
    fileprivate var step: PathWalk.Step {
        switch kind {
        case .directory: .directory
        case .symlink(let target): .symlink(target: target)
        case .file, .hardlink, .other: .file
        }
    }
}
