/// A walk along a path and through the symlinks on it: the one loop of all that follow paths in a root filesystem.
///
/// Nothing leads out of the root. `Place` is how the caller knows what is there: by its path, or by its number in a table.
///
/// path_resolution(7).
enum LinkWalk<Place> {
    /// A name, and the directory in which it is looked up.
    struct Name {
        let directory: Place
        let bytes: ArraySlice<UInt8>
    }

    /// What a name is, symlinks not followed.
    enum Step {
        case directory(Place)
        case symlink(target: ArraySlice<UInt8>)
        /// Anything that has nothing below it.
        case file(Place)
        case nothing
    }

    case found(Place)
    /// Nothing is there. `rest` are the components after it, the next one last; `link` is the symlink of the path itself
    /// that leads there.
    case missing(Name, rest: [ArraySlice<UInt8>], link: Name?)
    /// This is in a directory's place.
    case blocked(by: Name)
    /// This symlink is one too many.
    case loop(Name)
    /// This directory may not be entered.
    case denied(Place)

    /// Follows `path` from the root.
    ///
    /// - Parameters:
    ///   - path: components with slashes between them; `.`, `..` and empty components mean what they mean to the kernel.
    ///   - linkLimit: the number of symlinks that are followed.
    ///   - parent: the directory above one; above the root is the root.
    ///   - mayEnter: whether anything may be looked up in a directory.
    init<Failure>(
        _ path: some Collection<UInt8>,
        from root: Place,
        linkLimit: Int,
        parent: (Place) -> Place,
        mayEnter: (Place) -> Bool = { _ in true },
        _ step: (Name) throws(Failure) -> Step
    ) throws(Failure) {
        var links = 0
        var reached = root
        // The next component last. The first `own` of them are of the path itself, the others of a symlink's target.
        var rest = Self.components(path)
        var own = rest.count
        var link: Name?
        while let component = rest.popLast() {
            if rest.count < own {
                own = rest.count
                link = nil
            }
            // The slash at the end of a path or target: what is there has to be a directory, and nothing is looked up in it.
            if component.isEmpty { continue }
            guard mayEnter(reached) else {
                self = .denied(reached)
                return
            }
            if component.elementsEqual(".".utf8) { continue }
            if component.elementsEqual("..".utf8) {
                reached = parent(reached)
                continue
            }
            let name = Name(directory: reached, bytes: component)
            switch try step(name) {
            case .nothing:
                self = .missing(name, rest: rest, link: link)
                return
            case .symlink(let target):
                links += 1
                guard links <= linkLimit else {
                    self = .loop(name)
                    return
                }
                // No such symlink can be made on Linux; a tar may have one.
                guard !target.isEmpty else {
                    self = .missing(name, rest: [], link: name)
                    return
                }
                if link == nil { link = name }
                if target.first == UInt8(ascii: "/") { reached = root }
                rest += Self.components(target)
            case .directory(let directory): reached = directory
            case .file(let file):
                guard rest.isEmpty else {
                    self = .blocked(by: name)
                    return
                }
                reached = file
            }
        }
        self = .found(reached)
    }

    /// The components of `path`, the last first; a slash at its end is an empty one.
    private static func components(_ path: some Collection<UInt8>) -> [ArraySlice<UInt8>] {
        let path = Array(path)
        var components = path.split(separator: UInt8(ascii: "/"))
        if path.last == UInt8(ascii: "/"), !components.isEmpty { components.append([]) }
        return components.reversed()
    }
}
