import ByteIO
package import Diagnostics
import Glibc
import Layers
import OCI
import Plan
package import Request
package import SourceTree
import Store

/// What the inputs of a build look like from outside.
package struct InputSurvey: Sendable {
    /// What decides whether a build would come out as an earlier one did.
    package struct Key: Hashable, Sendable {
        /// What is asked for, and by which coracle.
        let request: Digest
        /// The stamps of all files that are read for it.
        let inputs: Digest
    }

    /// `nil` if a file is not there, or could have changed since without a trace; and if more than files decides.
    package let key: Key?
    /// The application directory, so that it need not be walked again.
    let tree: DirectoryTree?

    package init(_ request: BuildRequest, _ memory: TreeMemory) throws(Diagnostic) {
        var survey = Surveyor(memory)
        var tree: DirectoryTree?
        // The program that builds is an input, too.
        survey.add(file: "/proc/self/exe")
        for path in request.paths {
            if request.origin != nil {
                survey.add(made: path)
            } else {
                tree = try survey.add(application: path, of: request) ?? tree
            }
        }
        for path in request.filesBesidePaths { try survey.add(path, DirectoryWalk.Options()) }
        for addition in request.additions { try survey.add(addition.source, DirectoryWalk.Options()) }
        for path in request.certificateFiles { survey.add(file: path) }
        self.tree = tree
        key =
            request.isRecallable && survey.isWhole
            ? Key(request: request.fingerprint, inputs: survey.fingerprint.digest) : nil
    }
}

extension BuildRequest {
    /// Whether files alone decide what comes out.
    fileprivate var isRecallable: Bool {
        !readsAllFiles && !hasDebugTwin && startedAt != nil
            // An image that may be another tomorrow decides; or more is wanted than what was kept.
            && (split.rule != .auto || reuse.previous == nil) && reuse.target == nil && !reuse.explains
    }

    fileprivate var certificateFiles: [FilePath] {
        switch runtime?.certificates {
        case .embedded(let files)?, .only(let files)?: files
        case .some(.none), nil: []
        }
    }
}

private struct Surveyor {
    private let memory: TreeMemory
    private(set) var fingerprint = Fingerprint()
    private(set) var isWhole = true

    init(_ memory: TreeMemory) { self.memory = memory }

    mutating func add(file path: FilePath) {
        guard let status = try? FileStatus(at: path, following: true), status.kind == .regular else {
            isWhole = false
            return
        }
        add(status)
    }

    /// Adds a program that was made just now: by its content, as its times say nothing.
    mutating func add(made path: FilePath) {
        guard let file = try? OpenFile(path, O_RDONLY | O_NONBLOCK), let status = try? file.status(),
            status.kind == .regular, status.size <= Self.largestMade, let digest = try? Digest(sha256Of: file)
        else {
            isWhole = false
            return
        }
        fingerprint.add(path.name)
        fingerprint.add(status.permissions)
        fingerprint.add(digest.hex)
    }

    /// A larger program is not recalled, in bytes.
    private static let largestMade = 1 << 30

    /// Returns the tree if it is a directory.
    mutating func add(
        application path: FilePath,
        of request: BuildRequest
    ) throws(Diagnostic) -> DirectoryTree? {
        guard let options = try? DirectoryWalk.Options(application: path, of: request) else {
            isWhole = false
            return nil
        }
        for name in IgnoreFile.names {
            // They do not belong to the tree. A link to one counts by its target.
            let status = try? FileStatus(at: path.appending(name), following: true)
            if let status { add(status) }
            fingerprint.add(status != nil)
        }
        return try add(path, options)
    }

    @discardableResult
    mutating func add(_ path: FilePath, _ options: DirectoryWalk.Options) throws(Diagnostic) -> DirectoryTree? {
        guard let resolved = path.resolved, let status = try? FileStatus(at: path, following: true) else {
            isWhole = false
            return nil
        }
        fingerprint.add(resolved.bytes)
        guard status.kind == .directory else {
            add(status)
            return nil
        }
        let tree = try memory.tree(path, resolved, status, options)
        // Many thousand stamps: side by side, and in stretches that are the same on every machine.
        let parts = inStretches(of: 512, tree.listings.count) { [memory] stretch in
            var part = Surveyor(memory)
            for listing in tree.listings[stretch] { part.add(listing) }
            return (digest: part.fingerprint.digest, isWhole: part.isWhole)
        }
        for part in parts {
            fingerprint.add(part.digest.hex)
            isWhole = isWhole && part.isWhole
        }
        return tree
    }

    private mutating func add(_ listing: DirectoryTree.Listing) {
        isWhole = isWhole && listing.problem == nil
        fingerprint.add(listing.name)
        for child in listing.children {
            fingerprint.add(listing.ownName(of: child))
            fingerprint.add(child.isListed)
            fingerprint.add(child.status.kind.number)
            if let target = child.linkTarget { fingerprint.add(target) }
            // What is in a directory is among the children; its times say nothing more.
            if child.status.kind == .regular { add(child.status) }
        }
    }

    private mutating func add(_ status: FileStatus) {
        isWhole = isWhole && memory.trust.isSettled(status.stamp)
        fingerprint.add(status)
    }
}

extension FileStatus.Kind {
    fileprivate var number: UInt8 {
        switch self {
        case .regular: 0
        case .directory: 1
        case .symlink: 2
        case .socket: 3
        case .fifo: 4
        case .characterDevice: 5
        case .blockDevice: 6
        case .unknown: 7
        }
    }
}
