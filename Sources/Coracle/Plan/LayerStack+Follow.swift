import Layers

extension LayerStack {
    /// Where a path leads.
    enum Way {
        case found(EntryPath)
        /// Nothing is there, and nothing on the way is in the way: the place it would have. `link` is the symlink that
        /// leads there, if the path itself does not.
        case missing(EntryPath, link: StackEntry?)
        /// This is in a directory's place.
        case blocked(by: StackEntry)
        /// This symlink is one too many.
        case loop(StackEntry)
    }

    /// Follows `path` from the root, through the symlinks of the base and of all layers, as the kernel would in a
    /// container: nothing leads out of the root.
    func follow(_ path: EntryPath) -> Way {
        // As many as the kernel follows (path_resolution(7)).
        var linksLeft = 40
        var resolved = EntryPath.root
        // The next component last. The first `own` of them are of the path itself, the others of a symlink's target.
        var rest = Array(path.bytes.split(separator: UInt8(ascii: "/")).reversed())
        var own = rest.count
        var link: StackEntry?
        while let component = rest.popLast() {
            if rest.count < own {
                own = rest.count
                link = nil
            }
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) {
                resolved = resolved.parent ?? .root
                continue
            }
            let candidate = resolved.appending(component)
            guard let entry = self[candidate] else {
                // Dots among what remains mean nothing in a place that is not there; only targets can have them.
                return .missing(rest.reversed().reduce(candidate) { $0.appending($1) }, link: link)
            }
            switch entry.kind {
            case .symlink(let target):
                linksLeft -= 1
                guard linksLeft > 0 else { return .loop(entry) }
                if link == nil { link = entry }
                if target.first == UInt8(ascii: "/") { resolved = .root }
                rest += target.split(separator: UInt8(ascii: "/")).reversed()
            case .directory: resolved = candidate
            case .file, .hardlink, .other:
                guard rest.isEmpty else { return .blocked(by: entry) }
                resolved = candidate
            }
        }
        return .found(resolved)
    }
}
