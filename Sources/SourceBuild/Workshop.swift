package import ByteIO
package import Diagnostics
import Glibc
import OCI
package import Store

/// Where and with what source is built: the user's environment, a directory for what comes out, and where messages go.
package struct Workshop: Sendable {
    let environment: [String: String]
    /// Exists while a build runs; what is made there is gone after it.
    package let directory: FilePath
    let isOffline: Bool
    /// What the project states about its build.
    let settings: SourceSettings
    /// Keeps programs, so that a toolchain need not link them again; `nil` to keep nothing.
    let cache: BlobCache?
    let say: @Sendable (String) -> Void
    let note: @Sendable (Diagnostic) -> Void

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
        if let error = TemporaryPaths.naming({ path.withCString { mkdir($0, 0o700) } }) {
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
