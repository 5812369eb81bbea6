import ByteIO
import Diagnostics
import Dispatch
import Glibc
import Layers
import Synchronization

/// What is below a directory of this machine, listed and looked at, without what is left out.
///
/// Listing is nearly all system calls, and most directories wait for nothing but a core: those of one depth are listed
/// side by side. What comes out does not depend on it.
struct DirectoryTree: Sendable {
    /// Something in a directory.
    struct Child: Sendable {
        /// Relative to the root of the tree.
        let name: [UInt8]
        let status: FileStatus
        /// False for a directory that is left out, and below which something is not.
        let isListed: Bool
        let linkTarget: [UInt8]?
        /// A directory's own listing.
        fileprivate(set) var listing: Int?
    }

    /// One directory.
    struct Listing: Sendable {
        /// Sorted by name.
        fileprivate(set) var children: [Child] = []
        fileprivate(set) var notes: [Diagnostic] = []
        fileprivate(set) var ignoredCount = 0
        /// What kept it from being listed.
        fileprivate(set) var problem: Diagnostic?
    }

    /// The root's is the first.
    private(set) var listings: [Listing] = []

    private let root: FilePath
    private let options: DirectoryWalk.Options

    /// Lists `root`, which looked like `status`, and all below it. No directory stays open.
    init(_ root: FilePath, _ status: FileStatus, _ options: DirectoryWalk.Options) {
        self.root = root
        self.options = options
        listings.append(list([], status, flags: 0))
        var level = 0..<1
        while !level.isEmpty {
            var pending = [(name: [UInt8], status: FileStatus)]()
            for index in level {
                for child in listings[index].children.indices
                where listings[index].children[child].status.kind == .directory {
                    listings[index].children[child].listing = listings.count + pending.count
                    pending.append((listings[index].children[child].name, listings[index].children[child].status))
                }
            }
            level = listings.count..<listings.count + pending.count
            listings += listed(pending)
        }
    }

    private func listed(_ pending: [(name: [UInt8], status: FileStatus)]) -> [Listing] {
        // So many at a time that handing them out costs little.
        let stride = 32
        guard pending.count > stride else { return pending.map { list($0.name, $0.status, flags: O_NOFOLLOW) } }
        let chunkCount = (pending.count + stride - 1) / stride
        let chunks = Mutex<[Int: [Listing]]>([:])
        DispatchQueue.concurrentPerform(iterations: chunkCount) { chunk in
            let listings = pending[chunk * stride..<min((chunk + 1) * stride, pending.count)].map { directory in
                list(directory.name, directory.status, flags: O_NOFOLLOW)
            }
            chunks.withLock { $0[chunk] = listings }
        }
        return chunks.withLock { chunks in (0..<chunkCount).flatMap { chunks[$0] ?? [] } }
    }

    /// What is in the directory `name`, which looked like `planned`.
    private func list(_ name: [UInt8], _ planned: FileStatus, flags: Int32) -> Listing {
        let path = name.isEmpty ? root : root.appending(name: name)
        var listing = Listing()
        do throws(SystemError) {
            let directory = try OpenFile(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | flags)
            // Another directory, or a symlink to one, may have been put in its place.
            guard DirectoryWalk.FileIdentity(try directory.status()) == DirectoryWalk.FileIdentity(planned) else {
                throw SystemError(number: ESTALE)
            }
            var names = try directory.directoryEntries()
            names.sort { $0.lexicographicallyPrecedes($1) }
            listing.notes = Self.lookalikes(names, in: path)
            listing.children.reserveCapacity(names.count)
            for child in names { try look(at: child, in: directory, below: name, &listing) }
        } catch {
            listing.problem = Self.unreadableDirectory(path, error)
        }
        return listing
    }

    private func look(
        at child: [UInt8],
        in directory: borrowing OpenFile,
        below parent: [UInt8],
        _ listing: inout Listing
    ) throws(SystemError) {
        if child.starts(with: TemporaryPaths.prefix.utf8) { return }
        var name = [UInt8]()
        name.reserveCapacity(parent.count + 1 + child.count)
        name += parent
        if !name.isEmpty { name.append(UInt8(ascii: "/")) }
        name += child
        let isIgnored = options.ignoring?.excludes(name) ?? false
        // A directory that is left out is walked all the same where a rule brings something in it back.
        if isIgnored, !(options.ignoring?.mayContainIncluded(below: name) ?? false) {
            listing.ignoredCount += 1
            return
        }
        let status = try directory.status(of: child)
        if options.skipping.contains(DirectoryWalk.FileIdentity(status)) { return }
        if isIgnored, status.kind != .directory {
            listing.ignoredCount += 1
            return
        }
        let target = status.kind == .symlink ? try directory.symlinkTarget(of: child) : nil
        listing.children.append(Child(name: name, status: status, isListed: !isIgnored, linkTarget: target))
    }

    private static func unreadableDirectory(_ path: FilePath, _ error: SystemError) -> Diagnostic {
        switch error.number {
        case EACCES, EPERM:
            Diagnostic(
                .treeUnreadable,
                "a directory cannot be read",
                at: .file(path: path.display),
                because: error.description,
                hint: "make it readable and searchable for you, or leave it out with a line in `.coracleignore`"
            )
        case ESTALE, ENOENT, ELOOP, ENOTDIR:
            Diagnostic(
                .treeChanged,
                "a directory changed while it was read",
                at: .file(path: path.display),
                because: error.number == ENOENT ? "it, or something in it, is gone" : "something else is in its place",
                hint: "let whatever writes there finish, then build again"
            )
        default: error.diagnostic("read a directory", path.display)
        }
    }

    /// Two names that look the same and are not are nearly always an accident of moving files between systems.
    private static func lookalikes(_ names: [[UInt8]], in directory: FilePath) -> [Diagnostic] {
        let foreign = names.filter { $0.contains { $0 >= 0x80 } }
        guard foreign.count > 1 else { return [] }
        var notes = [Diagnostic]()
        // Swift compares text by canonical equivalence.
        var seen = Set<String>()
        for name in foreign {
            guard let text = String(validating: name, as: UTF8.self), !seen.insert(text).inserted else { continue }
            notes.append(
                Diagnostic(
                    .treeLookalike,
                    "two names differ only in how their characters are composed: `\(text)`",
                    at: .file(path: directory.display),
                    hint: "both are kept; rename one if that is not meant"
                )
            )
        }
        return notes
    }
}
