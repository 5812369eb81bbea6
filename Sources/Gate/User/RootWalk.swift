import Diagnostics
import Layers

/// Follows paths through a root filesystem as the kernel does for one user: through symlinks, and with the execute bit of
/// every directory on the way.
///
/// path_resolution(7).
struct RootWalk<Root: ImageRoot>: Sendable {
    enum Outcome: Hashable, Sendable {
        /// What is there; of a hard link, the file itself.
        case found(RootEntry)
        /// Nothing is there.
        case missing
        /// The user may not search this directory.
        case denied(RootEntry)
        /// More symlinks than Linux follows.
        case loop
    }

    /// include/linux/namei.h, MAXSYMLINKS.
    private static var linkLimit: Int { 40 }
    /// PATH_MAX.
    private static var lengthLimit: Int { 4096 }

    let root: Root
    let user: ContainerUser

    /// - Parameter path: absolute; a relative one is taken from the root directory.
    func reach(_ path: some Collection<UInt8>) -> Outcome {
        guard path.count < Self.lengthLimit else { return .missing }
        // Backwards, so that the next one is the last.
        var pending = Array(components(path).reversed())
        var entry = directory(at: .root)
        var links = 0
        while let name = pending.popLast() {
            guard entry.kind == .directory else { return .missing }
            guard user.may(.execute, entry) else { return .denied(entry) }
            if name.elementsEqual("..".utf8) {
                entry = directory(at: entry.path.parent ?? .root)
                continue
            }
            guard var next = root[entry.path.appending(name)] else { return .missing }
            if case .hardlink(let first) = next.kind {
                guard let file = root[first] else { return .missing }
                next = file
            }
            guard case .symlink(let target) = next.kind else {
                entry = next
                continue
            }
            links += 1
            guard links <= Self.linkLimit else { return .loop }
            guard target.count < Self.lengthLimit else { return .missing }
            if target.first == UInt8(ascii: "/") { entry = directory(at: .root) }
            pending += components(target).reversed()
        }
        return .found(entry)
    }

    private func components(_ path: some Collection<UInt8>) -> [[UInt8]] {
        Array(path).split(separator: UInt8(ascii: "/")).map { Array($0) }.filter { $0 != [UInt8(ascii: ".")] }
    }

    /// A directory that no layer has an entry for is made by whoever unpacks the image: root's, and open to all.
    private func directory(at path: EntryPath) -> RootEntry {
        root[path] ?? RootEntry(path, .directory, mode: 0o755, origin: .base)
    }
}

extension ImageRoot {
    /// All of the file that `path` leads to; nil where there is none, it is larger than `limit`, or is not at hand.
    func content(of path: String, limit: Int64) throws(Diagnostic) -> [UInt8]? {
        guard let entry = resolve(path), entry.kind == .file, entry.size <= limit else { return nil }
        return try bytes(of: entry, at: 0, count: Int(entry.size))
    }
}
