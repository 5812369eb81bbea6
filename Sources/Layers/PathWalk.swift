/// Where a path leads in a root filesystem, through its symlinks, as the kernel would go in a container: nothing leads
/// out of the root.
///
/// path_resolution(7).
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
    /// This directory may not be entered.
    case denied(EntryPath)

    /// The most symlinks that Linux follows in one path: it fails at the next (include/linux/namei.h, MAXSYMLINKS).
    package static let linkLimit = 40

    /// Follows `path` from the root.
    ///
    /// - Parameters:
    ///   - path: components with slashes between them; `.`, `..` and empty components mean what they mean to the kernel.
    ///   - mayEnter: whether the process may look anything up in this directory.
    ///   - step: what is at a path; `nil` for nothing.
    package init(
        _ path: some Collection<UInt8>,
        mayEnter: (EntryPath) -> Bool = { _ in true },
        _ step: (EntryPath) -> Step?
    ) {
        var links = 0
        var resolved = EntryPath.root
        // The next component last. The first `own` of them are of the path itself, the others of a symlink's target.
        var rest = Self.components(path)
        var own = rest.count
        var link: EntryPath?
        while let component = rest.popLast() {
            if rest.count < own {
                own = rest.count
                link = nil
            }
            // The slash at the end of a path or target: what is there has to be a directory, and nothing is looked up in it.
            if component.isEmpty { continue }
            guard mayEnter(resolved) else {
                self = .denied(resolved)
                return
            }
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) {
                resolved = resolved.parent ?? .root
                continue
            }
            let candidate = resolved.appending(component)
            switch step(candidate) {
            case nil:
                self = .missing(Self.place(of: rest, below: candidate), link: link)
                return
            case .symlink(let target)?:
                links += 1
                guard links <= Self.linkLimit else {
                    self = .loop(candidate)
                    return
                }
                // No such symlink can be made on Linux; a tar may have one.
                guard !target.isEmpty else {
                    self = .missing(candidate, link: candidate)
                    return
                }
                if link == nil { link = candidate }
                if target.first == UInt8(ascii: "/") { resolved = .root }
                rest += Self.components(target)
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

    /// Follows `path` from the root; `step` says what is where.
    package init(_ path: EntryPath, _ step: (EntryPath) -> Step?) { self.init(path.bytes, step) }

    /// The components of `path`, the last first; a slash at its end is an empty one.
    private static func components(_ path: some Collection<UInt8>) -> [ArraySlice<UInt8>] {
        let path = Array(path)
        var components = path.split(separator: UInt8(ascii: "/"))
        if path.last == UInt8(ascii: "/"), !components.isEmpty { components.append([]) }
        return components.reversed()
    }

    /// The place that the components in `rest`, the next one last, have below a directory that does not exist.
    private static func place(of rest: [ArraySlice<UInt8>], below missing: EntryPath) -> EntryPath {
        rest.reversed().reduce(missing) { place, component in
            if component.isEmpty || component.elementsEqual(".".utf8) { return place }
            if component.elementsEqual("..".utf8) { return place.parent ?? .root }
            return place.appending(component)
        }
    }
}
