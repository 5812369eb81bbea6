package import ByteIO
package import Diagnostics
import Glibc
package import Layers
import OCI

/// The entries of a directory of this machine, as they go into an image: looked at (`lstat`), not read.
///
/// Modes and owners are set, not taken over, and names are sorted, so that a checkout under another umask, by another
/// user or on another file system gives the same entries.
package struct DirectoryWalk {
    package struct Options: Sendable {
        package var ignoring: IgnoreRules?
        /// Files and directories that do not belong to the application, such as the output of the build.
        package var skipping: Set<FileIdentity> = []
        /// The mode that was asked for, from which those of files and directories follow; `nil` for 0644 and 0755.
        package var mode: UInt16?
        package var uid: UInt32 = 0
        package var gid: UInt32 = 0
        package var modified: Int64 = 0
        package var allowsEscapingSymlinks = false
        package var largestFile: Int64 = .max
        /// Whether programs keep their file capabilities.
        package var keepsCapabilities = false

        package init() {}
    }

    /// A file, whatever name it has.
    package struct FileIdentity: Hashable, Sendable {
        package let device: UInt64
        let inode: UInt64

        package init(_ status: FileStatus) {
            device = status.stamp.device
            inode = status.stamp.inode
        }
    }

    /// A file that may be executed.
    package struct Executable {
        /// Relative to the directory walked.
        package let name: [UInt8]
        package let entry: LayerEntry
        /// The file on this machine; `entry` may be another name of it.
        package let file: FilePath
    }

    /// Something in the directory.
    private struct Place: Sendable {
        /// Relative to the directory walked.
        let name: [UInt8]
        /// In the image, where it may be too long.
        let path: EntryPath
        /// On this machine.
        let file: FilePath

        init(of name: [UInt8], below root: FilePath, to destination: EntryPath) {
            self.name = name
            path = destination.appending(name)
            file = root.appending(name: name)
        }
    }

    /// The directory itself and all that is in it, sorted.
    package private(set) var entries: [LayerEntry] = []
    package private(set) var executables: [Executable] = []
    package private(set) var notes: [Diagnostic] = []
    package private(set) var ignoredCount = 0

    /// Length of the longest path in an image, in bytes (limits.h, PATH_MAX): nothing can unpack a longer one.
    static let longestPath = 4096

    private let options: Options
    private var firstNames: [FileIdentity: EntryPath] = [:]

    /// Walks `root`, whose content goes to `destination`. What is wrong goes to `problems`.
    ///
    /// - Parameter walked: what is below `root`, with the same options, if that was looked at already.
    package init(
        _ root: FilePath,
        to destination: EntryPath,
        _ options: Options,
        _ problems: inout Problems,
        walked: DirectoryTree? = nil
    ) {
        self.options = options
        entries.append(directory(at: destination))
        let status = problems.collect { () throws(Diagnostic) in try Self.status(of: root) }
        guard let status else { return }
        let tree = walked ?? DirectoryTree(root, status, options)
        notes += tree.listings.flatMap(\.notes)
        ignoredCount = tree.listings.reduce(0) { $0 + $1.ignoredCount }
        entries.reserveCapacity(tree.listings.reduce(1) { $0 + $1.children.count })
        // Putting paths together is most of what is left to do, and can be done side by side.
        let places = inStretches(of: 64, tree.listings.count) { stretch in
            tree.listings[stretch].map { listing in
                listing.children.map { Place(of: listing.name(of: $0), below: root, to: destination) }
            }
        }.flatMap(\.self)
        // A stack of our own, because a tree may be deeper than a thread's stack.
        var stack = [(listing: 0, next: 0)]
        directories: while let (index, first) = stack.popLast() {
            let listing = tree.listings[index]
            if first == 0, let problem = listing.problem { problems.add(problem) }
            for next in first..<listing.children.count {
                let (child, place) = (listing.children[next], places[index][next])
                if child.isListed { add(child, place, &problems) }
                guard let below = child.listing, place.path.bytes.count <= Self.longestPath else { continue }
                stack.append((index, next + 1))
                stack.append((below, 0))
                continue directories
            }
        }
    }

    private static func status(of path: FilePath) throws(Diagnostic) -> FileStatus {
        do throws(SystemError) {
            return try FileStatus(at: path, following: true)
        } catch {
            throw error.diagnostic("look at the directory", path.display)
        }
    }

    // MARK: One entry

    private func directory(at path: EntryPath) -> LayerEntry {
        LayerEntry(
            path,
            .directory,
            mode: options.mode.map { FileModes.directory(stated: $0) } ?? FileModes.directory,
            uid: options.uid,
            gid: options.gid,
            modified: options.modified
        )
    }

    private mutating func add(_ item: DirectoryTree.Child, _ place: Place, _ problems: inout Problems) {
        let path = place.path
        if Whiteout.has(name: path.name) {
            problems.add(Self.whiteoutName(place))
            return
        }
        guard path.bytes.count <= Self.longestPath else {
            problems.add(Self.pathTooLong(place))
            return
        }
        switch item.status.kind {
        case .directory: entries.append(directory(at: path))
        case .regular: addFile(item, place, &problems)
        case .symlink: addSymlink(place, to: item.linkTarget ?? [], &problems)
        case .socket: problems.add(Self.special(place, "a socket"))
        case .fifo: problems.add(Self.special(place, "a named pipe (FIFO)"))
        case .characterDevice, .blockDevice: problems.add(Self.special(place, "a device"))
        case .unknown: problems.add(Self.special(place, "of an unknown kind"))
        }
    }

    private mutating func addFile(
        _ item: DirectoryTree.Child,
        _ place: Place,
        _ problems: inout Problems
    ) {
        let (path, host) = (place.path, place.file)
        guard item.status.size <= options.largestFile else {
            problems.add(.tooLarge(host, item.status, limit: options.largestFile))
            return
        }
        guard options.mode != nil || !FileModes.setsID(item.status.permissions) else {
            problems.add(
                Diagnostic(
                    .treeSetuid,
                    "a file would run with another user's rights",
                    at: .file(path: host.display),
                    because: "it has the setuid or setgid bit (mode \(String(item.status.permissions, radix: 8)))",
                    hint: "remove the bit, or add the file by itself with `--add \(host.display):\(path):4755`"
                )
            )
            return
        }
        var content = LayerEntry.Content.file(host, item.status.stamp)
        if item.status.linkCount > 1 {
            if let first = firstNames[FileIdentity(item.status)] {
                content = .hardlink(to: first)
            } else {
                firstNames[FileIdentity(item.status)] = path
            }
        }
        let capabilities = item.status.isExecutable ? host.fileCapabilities : nil
        let entry = LayerEntry(
            path,
            content,
            mode: options.mode.map { FileModes.file(isExecutable: item.status.isExecutable, stated: $0) }
                ?? FileModes.file(isExecutable: item.status.isExecutable),
            uid: options.uid,
            gid: options.gid,
            modified: options.modified,
            capability: options.keepsCapabilities ? capabilities?.value ?? [] : []
        )
        entries.append(entry)
        guard item.status.isExecutable else { return }
        executables.append(Executable(name: place.name, entry: entry, file: host))
        if let lost = capabilities, !options.keepsCapabilities { notes.append(.capabilitiesNotCarried(host, lost)) }
    }

    private mutating func addSymlink(
        _ place: Place,
        to target: [UInt8],
        _ problems: inout Problems
    ) {
        if !options.allowsEscapingSymlinks, Self.escapes(target, from: place.name) {
            problems.add(.escapingSymlink(place.file, to: target))
            return
        }
        entries.append(
            LayerEntry(
                place.path,
                .symlink(target: target),
                mode: FileModes.symlink,
                uid: options.uid,
                gid: options.gid,
                modified: options.modified
            )
        )
    }

    private static func whiteoutName(_ place: Place) -> Diagnostic {
        Diagnostic(
            .treeWhiteoutName,
            "a file's name has a special meaning in an image",
            at: .file(path: place.file.display),
            because: "\(Whiteout.reason) (image-spec, layer.md § Whiteouts)",
            hint: "rename it, or leave it out with a line in `.coracleignore`"
        )
    }

    private static func pathTooLong(_ place: Place) -> Diagnostic {
        Diagnostic(
            .treePathTooLong,
            "a path is too long for an image",
            at: .file(path: place.file.display.excerpt),
            because: "it would have \(place.path.bytes.count) bytes there; Linux allows \(longestPath)",
            hint: "give it and the directories above it shorter names, or leave it out with a line in `.coracleignore`"
        )
    }

    private static func special(_ place: Place, _ kind: String) -> Diagnostic {
        Diagnostic(
            .treeSpecialFile,
            "not a file that can be in an image",
            at: .file(path: place.file.display),
            because: "it is \(kind)",
            hint: "leave it out with a line in `.coracleignore`"
        )
    }
}

extension Diagnostic {
    package static func tooLarge(_ file: FilePath, _ status: FileStatus, limit: Int64) -> Diagnostic {
        Diagnostic(
            .treeFileTooLarge,
            "a file is too large",
            at: .file(path: file.display),
            because: "\(status.size) bytes; the limit is \(limit)",
            hint:
                "raise it with `--max-file-size`, or leave the file out; in a directory with a line in `.coracleignore`"
        )
    }

    package static func capabilitiesNotCarried(_ file: FilePath, _ lost: FileCapabilities) -> Diagnostic {
        let names = lost.names.map { "`\($0)`" }.joined(separator: ", ")
        // Engines and Kubernetes let any user listen on ports below 1024.
        let isForPorts = lost.names == ["NET_BIND_SERVICE"]
        return Diagnostic(
            .treeCapabilities,
            "file capabilities are not carried into the image",
            at: .file(path: file.display),
            because: "its `security.capability` attribute has \(names.isEmpty ? "no permitted capability" : names)",
            hint: (isForPorts ? "container engines let every user listen on low ports; where yours does not, " : "")
                + "keep them with `--xattrs security.capability`"
        )
    }
}

extension Diagnostic.Code {
    static let treeUnreadable = Self("tree.unreadable", .input)
    static let treeChanged = Self("tree.changed", .input)
    static let treeLookalike = Self("tree.lookalike", .input)
    static let treeFileTooLarge = Self("tree.file-too-large", .input)
    static let treeSetuid = Self("tree.setuid", .input)
    static let treeCapabilities = Self("tree.capabilities", .input)
    static let treePathTooLong = Self("tree.path-too-long", .input)
    static let treeWhiteoutName = Self("tree.whiteout-name", .input)
    package static let treeSpecialFile = Self("tree.special-file", .input)
}
