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
        let walk = LinkWalk<EntryPath>(
            path,
            from: .root,
            linkLimit: Self.linkLimit,
            parent: { $0.parent ?? .root },
            mayEnter: mayEnter
        ) { name in
            let candidate = name.path
            return switch step(candidate) {
            case nil: .nothing
            case .directory?: .directory(candidate)
            case .file?: .file(candidate)
            case .symlink(let target)?: .symlink(target: target[...])
            }
        }
        self =
            switch walk {
            case .found(let path): .found(path)
            case .missing(let name, let rest, let link):
                .missing(Self.place(of: rest, below: name.path), link: link?.path)
            case .blocked(let name): .blocked(by: name.path)
            case .loop(let name): .loop(name.path)
            case .denied(let directory): .denied(directory)
            }
    }

    /// Follows `path` from the root; `step` says what is where.
    package init(_ path: EntryPath, _ step: (EntryPath) -> Step?) { self.init(path.bytes, step) }

    /// The place that the components in `rest`, the next one last, have below a directory that does not exist.
    private static func place(of rest: [ArraySlice<UInt8>], below missing: EntryPath) -> EntryPath {
        rest.reversed().reduce(missing) { place, component in
            if component.isEmpty || component.elementsEqual(".".utf8) { return place }
            if component.elementsEqual("..".utf8) { return place.parent ?? .root }
            return place.appending(component)
        }
    }
}

extension LinkWalk<EntryPath>.Name {
    fileprivate var path: EntryPath { directory.appending(bytes) }
}
