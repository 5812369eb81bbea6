package import ByteIO
import CBases
package import Diagnostics
import Glibc

/// A place with definitions and their locks: a directory with a folder for each suite, or what is in coracle itself.
package struct BaseShelf: Sendable {
    /// The definitions of one suite, and which packages they were locked to.
    package struct Section: Sendable {
        package let suite: DebianSuite
        /// Sorted by name.
        package let definitions: [BaseDefinition]
        /// Nil where there is none.
        package let lock: BaseLock?
        /// Where the lock is, or would be; for what is in coracle itself a name for messages.
        package let lockPath: FilePath

        package init(suite: DebianSuite, definitions: [BaseDefinition], lock: BaseLock?, lockPath: FilePath) {
            self.suite = suite
            self.definitions = definitions
            self.lock = lock
            self.lockPath = lockPath
        }
    }

    /// Of a definition, in bytes.
    private static let definitionLimit = 1 << 20

    /// Nil for what is in coracle itself.
    package let path: FilePath?
    /// The newest suite first.
    package let sections: [Section]

    private init(path: FilePath?, sections: [Section]) {
        self.path = path
        self.sections = sections
    }

    /// What is in coracle itself.
    ///
    /// - Throws: what no user can cause.
    package static func embedded() throws(Diagnostic) -> BaseShelf {
        var sections = [Section]()
        for suite in DebianSuite.known {
            let folder = FilePath("Bases/\(suite.name)")
            var definitions = [BaseDefinition]()
            var lock: BaseLock?
            for (name, bytes) in embeddedFiles(of: suite) {
                let path = folder.appending(name)
                if name == BaseLock.fileName {
                    lock = try BaseLock(parsing: bytes, named: path.display)
                } else {
                    definitions.append(try definition(bytes, at: path, of: suite))
                }
            }
            guard !definitions.isEmpty else { continue }
            sections.append(
                Section(
                    suite: suite,
                    definitions: definitions.sorted { $0.name < $1.name },
                    lock: lock,
                    lockPath: folder.appending(BaseLock.fileName)
                )
            )
        }
        return BaseShelf(path: nil, sections: sections)
    }

    /// Reads `PATH/SUITE/*.yaml` and `PATH/SUITE/packages.lock.json` for the suites there are; files beside them are left
    /// alone.
    ///
    /// - Throws: `yaml.…`, `json.…`, `io.failed`; `base.shelf-empty` without any definition.
    package init(readingFrom path: FilePath) throws(Diagnostic) {
        var sections = [Section]()
        for suite in DebianSuite.known {
            let folder = path.appending(suite.name)
            let names: [[UInt8]]
            do throws(SystemError) {
                names = try OpenFile(folder, O_RDONLY | O_DIRECTORY).directoryEntries()
            } catch {
                if error.number == ENOENT || error.number == ENOTDIR { continue }
                throw error.diagnostic("read bases", folder.display)
            }
            var definitions = [BaseDefinition]()
            for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) })
            where name.count > 5 && name.suffix(5).elementsEqual(".yaml".utf8) && name.first != UInt8(ascii: ".") {
                let file = folder.appending(name: name)
                guard let bytes = try Self.contents(of: file, limit: Self.definitionLimit) else { continue }
                definitions.append(try Self.definition(bytes, at: file, of: suite))
            }
            guard !definitions.isEmpty else { continue }
            let lockPath = folder.appending(BaseLock.fileName)
            let lock = try Self.contents(of: lockPath, limit: BaseLock.sizeLimit).map { (bytes) throws(Diagnostic) in
                let lock = try BaseLock(parsing: bytes, named: lockPath.display)
                guard lock.suite == suite else {
                    throw Diagnostic(
                        .baseLockStale,
                        "`\(lockPath.display)` is the lock of `\(lock.suite.name)`",
                        at: .file(path: lockPath.display),
                        hint: "renew it: `coracle base lock`"
                    )
                }
                return lock
            }
            sections.append(Section(suite: suite, definitions: definitions, lock: lock, lockPath: lockPath))
        }
        guard !sections.isEmpty else {
            throw Diagnostic(
                .baseShelfEmpty,
                "`\(path.display)` has no bases",
                at: .file(path: path.display),
                because: "there is no file such as `debian12/NAME.yaml`",
                hint: "name the directory that has a folder for each release: "
                    + DebianSuite.known.map { "`\($0.name)`" }.joined(separator: ", ")
            )
        }
        self.init(path: path, sections: sections)
    }

    private static func definition(
        _ bytes: [UInt8],
        at path: FilePath,
        of suite: DebianSuite
    ) throws(Diagnostic) -> BaseDefinition {
        let name = String(path.name.dropLast(5))
        return try BaseDefinition(parsing: bytes, named: name, of: suite, from: path.display)
    }

    /// Nil if there is no such file.
    private static func contents(of file: FilePath, limit: Int) throws(Diagnostic) -> [UInt8]? {
        do throws(SystemError) {
            return try OpenFile(file, O_RDONLY | O_NONBLOCK).readAll(limit: limit)
        } catch {
            if error.number == ENOENT { return nil }
            var problem = error.diagnostic("read a base", file.display)
            problem.reason = error.description(readingAtMost: limit)
            throw problem
        }
    }

    /// The files of `Bases/SUITE` by their names.
    private static func embeddedFiles(of suite: DebianSuite) -> [(name: String, bytes: [UInt8])] {
        var files = [(name: String, bytes: [UInt8])]()
        var index = 0
        var file = coracle_base_file()
        while coracle_base_file_at(index, &file) {
            index += 1
            guard let suiteName = file.suite, let name = file.name, String(cString: suiteName) == suite.name else {
                continue
            }
            files.append((String(cString: name), Array(UnsafeBufferPointer(start: file.bytes, count: file.size))))
        }
        return files
    }
}

extension Diagnostic.Code {
    package static let baseShelfEmpty = Self("base.shelf-empty", .input)
}
