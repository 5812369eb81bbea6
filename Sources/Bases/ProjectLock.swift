package import ByteIO
package import Diagnostics
import Glibc
import OCI

/// The packages of the bases that a project uses: a file `coracle.lock` beside its `coracle.yaml`.
///
/// It is used instead of the locks that are compiled into coracle, or stand beside definitions, for the bases that it names.
/// A release of Debian has one list of packages in it, which the bases of that release share.
package struct ProjectLock: Hashable, Sendable {
    package static let fileName = "coracle.lock"
    private static let version: Int64 = 1
    /// Largest file, in bytes.
    private static let sizeLimit = 16 << 20

    /// At most one of each release, the newest release first.
    package let locks: [BaseLock]

    package init(_ locks: [BaseLock] = []) { self.locks = locks.sorted { $0.suite > $1.suite } }

    /// The full names of the bases that it locks, sorted.
    package var bases: [String] {
        locks.flatMap { lock in lock.definitions.keys.map { "\(lock.suite.name)/\($0)" } }.sorted()
    }

    /// The packages of a release; `nil` if none of its bases is locked.
    package func lock(of suite: DebianSuite) -> BaseLock? { locks.first { $0.suite == suite } }

    /// The lock that names `definition`, also if that has changed since.
    package func lock(of definition: BaseDefinition) -> BaseLock? {
        lock(of: definition.suite).flatMap { $0.definitions[definition.name] == nil ? nil : $0 }
    }

    /// The same with `lock` instead of that of its release.
    package func replacing(_ lock: BaseLock) -> ProjectLock {
        ProjectLock(locks.filter { $0.suite != lock.suite } + [lock])
    }

    /// Reads the bytes of a lock.
    ///
    /// - Throws: `json.malformed`, `json.unexpected`, `digest.malformed`.
    package init(parsing bytes: [UInt8], named name: String) throws(Diagnostic) {
        let reader = JSONReader(try JSON(parsing: bytes, named: name), named: name)
        let version = try reader.member("version")
        guard try version.int() == Self.version else {
            throw version.malformed("version \(try version.int()) is not known, only \(Self.version)")
        }
        var locks = [BaseLock]()
        for element in try reader.member("locks").array() {
            let suite = try element.member("suite")
            guard (try? DebianSuite(named: try suite.string())) != nil else {
                throw suite.malformed("this coracle has no bases of `\(try suite.string())`")
            }
            let lock = try BaseLock(element)
            guard !locks.contains(where: { $0.suite == lock.suite }) else {
                throw element.malformed("`\(lock.suite.name)` stands twice")
            }
            locks.append(lock)
        }
        self.init(locks)
    }

    /// The bytes of the file. The same lock always has the same bytes.
    package var encoded: [UInt8] {
        var object = JSONObject()
        object["version"] = .int(Self.version)
        object["locks"] = .array(locks.map { .object($0.members) })
        return JSON.object(object).encoded(pretty: true)
    }
}

extension ProjectLock {
    /// A lock as it is in a file.
    package struct File: Sendable {
        package let path: FilePath
        package let lock: ProjectLock
        /// `nil` if there was no file.
        private let bytes: [UInt8]?
        /// How long to wait for another process that writes it, in seconds.
        private static let patience = 30

        /// Whether the file is there.
        package var exists: Bool { bytes != nil }

        /// Reads the file at `path`; without one the lock is empty.
        ///
        /// - Throws: what `init(parsing:)` throws; `io.failed`.
        package init(readingFrom path: FilePath) throws(Diagnostic) {
            self.path = path
            bytes = try Self.contents(of: path)
            lock =
                try bytes.map { (bytes) throws(Diagnostic) in
                    try ProjectLock(parsing: bytes, named: path.display)
                } ?? ProjectLock()
        }

        /// Puts `lock` in the place of the file, in one step.
        ///
        /// - Returns: `false`, without writing, if the file is no longer the one that was read.
        /// - Throws: `io.failed`.
        package func replace(with lock: ProjectLock) throws(Diagnostic) -> Bool {
            let directory: DirectoryLock
            do throws(SystemError) {
                directory = try DirectoryLock(path.directory, patience: Self.patience)
            } catch {
                throw error.diagnostic("lock the directory", path.directory.display)
            }
            guard try Self.contents(of: path) == bytes else { return false }
            let new = lock.encoded
            if new != bytes {
                var draft = try BlobDraft(in: path.directory)
                try draft.write(new)
                let sealed = draft.seal()
                try sealed.synchronize()
                try sealed.replace(path)
            }
            directory.release()
            return true
        }

        private static func contents(of path: FilePath) throws(Diagnostic) -> [UInt8]? {
            do throws(SystemError) {
                return try OpenFile(path, O_RDONLY | O_NONBLOCK).readAll(limit: ProjectLock.sizeLimit)
            } catch {
                if error.number == ENOENT { return nil }
                var problem = error.diagnostic("read the lock", path.display)
                problem.reason = error.description(readingAtMost: ProjectLock.sizeLimit)
                throw problem
            }
        }
    }
}
