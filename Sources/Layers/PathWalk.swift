/// Where a path leads in a root filesystem, through its symlinks, as the kernel would go in a container: nothing leads
/// out of the root.
package enum PathWalk: Hashable, Sendable {
    /// What is at one path, symlinks not followed.
    package enum Step: Hashable, Sendable {
        case directory
        case symlink(target: [UInt8])
        /// Anything that has nothing below it.
        case file
    }

    case found(EntryPath)
    /// Nothing is there, and nothing on the way is in the way: the place it would have. `link` is the symlink that
    /// leads there, if the path itself does not.
    case missing(EntryPath, link: EntryPath?)
    /// This is in a directory's place.
    case blocked(by: EntryPath)
    /// This symlink is one too many.
    case loop(EntryPath)

    /// Follows `path` from the root; `step` says what is where.
    package init(_ path: EntryPath, _ step: (EntryPath) -> Step?) {
        // As many as the kernel follows (path_resolution(7)).
        var linksLeft = 40
        var resolved = EntryPath.root
        // The next component last. The first `own` of them are of the path itself, the others of a symlink's target.
        var rest = Array(path.bytes.split(separator: UInt8(ascii: "/")).reversed())
        var own = rest.count
        var link: EntryPath?
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
            switch step(candidate) {
            case nil:
                // Dots among what remains mean nothing in a place that is not there; only targets can have them.
                self = .missing(rest.reversed().reduce(candidate) { $0.appending($1) }, link: link)
                return
            case .symlink(let target)?:
                linksLeft -= 1
                guard linksLeft > 0 else {
                    self = .loop(candidate)
                    return
                }
                if link == nil { link = candidate }
                if target.first == UInt8(ascii: "/") { resolved = .root }
                rest += target.split(separator: UInt8(ascii: "/")).reversed()
            case .directory?: resolved = candidate
            case .file?:
                guard rest.isEmpty else {
                    self = .blocked(by: candidate)
                    return
                }
                resolved = candidate
            }
        }
        self = .found(resolved)
    }
}
