package import ByteIO
package import Diagnostics
import Glibc
import OCI
package import Store

/// Where and with what source is built: the user's environment, a directory for what comes out, and where messages go.
package struct Workshop: Sendable {
    let environment: [String: String]
    /// Exists while a build runs; what is made there is gone after it.
    package private(set) var directory: FilePath
    let isOffline: Bool
    /// Whether nothing of earlier builds may be used.
    private(set) var isFresh = false
    /// What the project states about its build.
    var settings: SourceSettings
    /// Keeps programs, and what toolchains keep themselves; `nil` to keep nothing.
    private(set) var cache: BlobCache?
    let say: @Sendable (String) -> Void
    private(set) var note: @Sendable (Diagnostic) -> Void

    /// Makes a directory of its own below `place`, which `close` deletes; so does a process that is interrupted.
    ///
    /// - Parameters:
    ///   - isOffline: whether toolchains may use the network.
    ///   - say: is given lines for the user, not yet safe for a terminal.
    /// - Throws: `io.failed`.
    package init(
        in place: FilePath,
        _ environment: [String: String],
        isOffline: Bool,
        settings: SourceSettings = SourceSettings(),
        cache: BlobCache?,
        say: @escaping @Sendable (String) -> Void,
        note: @escaping @Sendable (Diagnostic) -> Void
    ) throws(Diagnostic) {
        let directory = TemporaryPaths.name(in: place.resolved ?? place, for: "source")
        TemporaryPaths.insert(directory)
        self.environment = environment
        self.directory = directory
        self.isOffline = isOffline
        self.settings = settings
        self.cache = cache
        self.say = say
        self.note = note
        for path in [directory, temporary] { try Self.make(path) }
    }

    /// Deletes what was made.
    package func close() {
        deleteTree(directory)
        TemporaryPaths.remove(directory)
    }

    /// The same for a build that uses nothing of earlier ones, in a directory below this one's.
    func another() throws(Diagnostic) -> Workshop {
        var other = self
        (other.isFresh, other.cache, other.directory) = (true, nil, directory.appending("second"))
        // What there is to say was said of the first one.
        other.note = { _ in }
        for path in [other.directory, other.temporary] { try Self.make(path) }
        return other
    }

    /// Where the toolchain of `project` keeps what it has built, from build to build if there is a cache.
    func shelf(for project: SourceProject, _ variant: String) throws(Diagnostic) -> FilePath {
        let identity = "\(project.ecosystem.rawValue)\0\(project.directory.display)\0\(variant)"
        if let path = cache?.directory("source-1", for: Digest(sha256Of: Array(identity.utf8))) { return path }
        let path = directory.appending("build-\(variant)")
        try Self.make(path)
        return path
    }

    /// Makes a directory called `name` for what is not a product.
    func another(_ name: String) throws(Diagnostic) -> FilePath {
        let path = directory.appending(name)
        try Self.make(path)
        return path
    }

    /// What a tool of `ecosystem` gets, with what the project states.
    func environment(_ ecosystem: Ecosystem, _ words: SourceSettings.Words) -> ToolEnvironment {
        var environment = ToolEnvironment(
            self.environment,
            with: ecosystem.variables,
            temporary: temporary.display
        )
        environment.stated = words.environment
        return environment
    }

    /// Where tools put what they do not keep.
    var temporary: FilePath { directory.appending("tmp") }

    /// Makes the directory for the program of one platform.
    func output(for platform: Platform) throws(Diagnostic) -> FilePath {
        let name = platform.description.replacing("/", with: "-")
        let path = directory.appending(name)
        try Self.make(path)
        return path
    }

    private static func make(_ path: FilePath) throws(Diagnostic) {
        if let error = TemporaryPaths.naming({ path.withCString { mkdir($0, 0o700) } }), error.number != EEXIST {
            throw error.diagnostic("create a directory", path.display)
        }
    }

    /// The file that a shell would start for `name`. Relative parts of `PATH` lead to what others may have written.
    func program(named name: String) -> FilePath? {
        for directory in (environment["PATH"] ?? "").split(separator: ":") where directory.hasPrefix("/") {
            let path = FilePath(String(directory)).appending(name)
            let isThere = (try? FileStatus(at: path, following: true))?.kind == .regular
            if isThere, path.withCString({ access($0, X_OK) }) == 0 { return path }
        }
        return nil
    }
}
