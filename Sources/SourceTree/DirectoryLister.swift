import ByteIO
import Diagnostics
import Glibc
import Layers

/// Lists one directory after the other.
struct DirectoryLister: Sendable {
    /// A directory that is to be listed.
    struct Directory: Sendable {
        /// Relative to the root of the tree; empty for the root.
        let name: [UInt8]
        let status: FileStatus
        /// What was in it before.
        let known: Int?
    }

    /// The root, open while what is below it is looked at.
    final class OpenRoot: Sendable {
        let file: OpenFile
        let keepsDirectoryTimes: Bool

        init(_ path: FilePath) throws(SystemError) {
            file = try OpenFile(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK)
            keepsDirectoryTimes = file.keepsDirectoryTimes
        }
    }

    private static let temporaryPrefix = Array(TemporaryPaths.prefix.utf8)

    let root: FilePath
    let options: DirectoryWalk.Options
    let known: KnownListings?
    /// A few at most: to hash every file that is not among them would take longer.
    private let skipped: [DirectoryWalk.FileIdentity]

    init(root: FilePath, options: DirectoryWalk.Options, known: KnownListings?) {
        self.root = root
        self.options = options
        self.known = known
        skipped = Array(options.skipping)
    }

    /// What is in `directory`.
    ///
    /// - Parameter open: `nil` if nothing that is known is trusted.
    func list(_ directory: Directory, _ open: OpenRoot?) -> DirectoryTree.Listing {
        let path = directory.name.isEmpty ? root : root.appending(name: directory.name)
        var listing = DirectoryTree.Listing(name: directory.name, status: directory.status, known: directory.known)
        do throws(SystemError) {
            if let open, let names = knownNames(in: directory, open) {
                listing.names = names
                listing.isKnown = true
                try look(in: open.file, isRoot: true, &listing)
            } else {
                let flags = directory.name.isEmpty ? 0 : O_NOFOLLOW
                let file = try OpenFile(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | flags)
                // Another directory, or a symlink to one, may have been put in its place.
                guard DirectoryWalk.FileIdentity(try file.status()) == DirectoryWalk.FileIdentity(directory.status)
                else { throw SystemError(number: ESTALE) }
                var names = try file.directoryEntries()
                names.sort { $0.lexicographicallyPrecedes($1) }
                listing.names = names.map { KnownListings.Name(bytes: $0[...], listing: nil) }
                try look(in: file, isRoot: false, &listing)
            }
            listing.notes = Self.lookalikes(listing.names, in: path)
        } catch {
            listing.problem = Self.unreadableDirectory(path, error)
        }
        return listing
    }

    /// What was in `directory`, if it looks as it did then.
    private func knownNames(in directory: Directory, _ open: OpenRoot) -> [KnownListings.Name]? {
        guard
            open.keepsDirectoryTimes,
            let listing = directory.known.flatMap({ known?.listing(at: $0) }), listing.stamp == directory.status.stamp,
            // What is in it is looked at from the root: the kernel takes no longer path at once.
            directory.name.count < Int(PATH_MAX) - 512
        else { return nil }
        return listing.names
    }

    /// Looks at what has the names of `listing`.
    ///
    /// - Parameter isRoot: whether `file` is the root, and not the directory that they are in.
    private func look(
        in file: borrowing OpenFile,
        isRoot: Bool,
        _ listing: inout DirectoryTree.Listing
    ) throws(SystemError) {
        listing.children.reserveCapacity(listing.names.count)
        // Relative to the root, each name in the place of the one before.
        var name = listing.name.isEmpty ? [] : listing.name + [UInt8(ascii: "/")]
        let prefixCount = name.count
        for position in listing.names.indices {
            let child = listing.names[position].bytes
            if child.starts(with: Self.temporaryPrefix) { continue }
            name.removeLast(name.count - prefixCount)
            name += child
            let isIgnored = options.ignoring?.excludes(name) ?? false
            // A directory that is left out is walked all the same where a rule brings something in it back.
            if isIgnored, !(options.ignoring?.mayContainIncluded(below: name) ?? false) {
                listing.ignoredCount += 1
                continue
            }
            let place = isRoot ? name[...] : child
            let status = try file.status(of: place)
            if skipped.contains(DirectoryWalk.FileIdentity(status)) { continue }
            if isIgnored, status.kind != .directory {
                listing.ignoredCount += 1
                continue
            }
            if status.kind == .directory { listing.directories.append(listing.children.count) }
            listing.children.append(
                DirectoryTree.Child(
                    status: status,
                    isListed: !isIgnored,
                    linkTarget: status.kind == .symlink ? try file.symlinkTarget(of: place) : nil,
                    position: position
                )
            )
        }
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
    private static func lookalikes(_ names: [KnownListings.Name], in directory: FilePath) -> [Diagnostic] {
        let nonASCII = names.compactMap { name in name.bytes.contains { $0 >= 0x80 } ? name.bytes : nil }
        guard nonASCII.count > 1 else { return [] }
        var notes = [Diagnostic]()
        // Swift compares text by canonical equivalence.
        var seen = Set<String>()
        for name in nonASCII {
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
