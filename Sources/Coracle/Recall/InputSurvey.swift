import ByteIO
import Diagnostics
import Layers
import OCI

/// What the inputs of a build look like from outside: enough to tell whether it would come out as an earlier one did.
public struct InputSurvey: Sendable {
    /// What is asked for, and by which coracle.
    let request: Digest
    /// The stamps of all files that are read for it.
    let inputs: Digest
    /// The application directory, so that it need not be walked again.
    let tree: DirectoryTree?

    /// Nil where a file is not there, or could have changed since without a trace; and where more than files decides.
    init?(_ request: BuildRequest, _ trust: StampTrust) {
        guard request.isRecallable else { return nil }
        var survey = Surveyor(trust)
        var tree: DirectoryTree?
        // The program that builds is an input, too.
        survey.add(file: "/proc/self/exe")
        for path in request.paths { tree = survey.add(application: path, of: request) ?? tree }
        for addition in request.additions { survey.add(addition.source, DirectoryWalk.Options()) }
        for path in request.certificateFiles { survey.add(file: path) }
        guard survey.isWhole else { return nil }
        self.request = request.fingerprint
        self.tree = tree
        inputs = survey.fingerprint.digest
    }
}

extension BuildRequest {
    /// Whether files alone decide what comes out.
    fileprivate var isRecallable: Bool {
        base == nil && !readsAllFiles && !describesPod && !hasDebugTwin && startedAt != nil
            // An image that may be another tomorrow decides; or more is wanted than what was kept.
            && (split.rule != .auto || reuse.previous == nil) && reuse.target == nil && !reuse.explains
    }

    fileprivate var fingerprint: Digest {
        var request = self
        request.startedAt = nil
        var fingerprint = Fingerprint()
        fingerprint.add(reflecting: request)
        return fingerprint.digest
    }

    fileprivate var certificateFiles: [FilePath] {
        switch runtime?.certificates {
        case .embedded(let files)?, .only(let files)?: files
        case .some(.none), nil: []
        }
    }
}

private struct Surveyor {
    private let trust: StampTrust
    private(set) var fingerprint = Fingerprint()
    private(set) var isWhole = true

    init(_ trust: StampTrust) { self.trust = trust }

    mutating func add(file path: FilePath) {
        guard let status = try? FileStatus(at: path, following: true), status.kind == .regular else {
            isWhole = false
            return
        }
        add(status)
    }

    /// Returns the tree if it is a directory.
    mutating func add(application path: FilePath, of request: BuildRequest) -> DirectoryTree? {
        var planner = Planner(request)
        guard let options = planner.applicationOptions(in: path) else {
            isWhole = false
            return nil
        }
        for name in IgnoreFile.names {
            // They are no part of the tree. A link to one counts by what it leads to.
            let status = try? FileStatus(at: path.appending(name), following: true)
            if let status { add(status) }
            fingerprint.add([UInt8(status == nil ? 0 : 1)])
        }
        return add(path, options)
    }

    @discardableResult
    mutating func add(_ path: FilePath, _ options: DirectoryWalk.Options) -> DirectoryTree? {
        guard let resolved = path.resolved, let status = try? FileStatus(at: path, following: true) else {
            isWhole = false
            return nil
        }
        fingerprint.add(resolved.bytes)
        guard status.kind == .directory else {
            add(status)
            return nil
        }
        let tree = DirectoryTree(path, status, options)
        for listing in tree.listings {
            isWhole = isWhole && listing.problem == nil
            for child in listing.children {
                fingerprint.add(child.name)
                fingerprint.add([UInt8(child.isListed ? 1 : 0), child.status.kind.number])
                if let target = child.linkTarget { fingerprint.add(target) }
                // What is in a directory is among the children; its times say nothing more.
                if child.status.kind == .regular { add(child.status) }
            }
        }
        return tree
    }

    private mutating func add(_ status: FileStatus) {
        isWhole = isWhole && trust.isSettled(status.stamp)
        fingerprint.add(status.stamp)
        fingerprint.add(status.permissions, status.linkCount)
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
