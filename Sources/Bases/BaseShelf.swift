package import ByteIO
import CBases
package import Diagnostics
import Glibc

/// A source of definitions and their locks: a directory with a folder for each suite, or coracle itself.
package struct BaseShelf: Sendable {
    /// Who decided which packages a base is made of.
    package enum LockSource: Hashable, Sendable {
        /// Those who released coracle.
        case coracle
        /// The lock beside the definitions.
        case definitions
        /// The lock of the project.
        case project
        /// Debian's index, for this one run.
        case index
    }

    /// The definitions of one suite, and their lock.
    package struct Section: Sendable {
        package let suite: DebianSuite
        /// The definitions, sorted by name.
        package let definitions: [BaseDefinition]
        /// The lock; `nil` if absent.
        package let lock: BaseLock?
        /// The path of the lock, whether it exists or not. In coracle itself it is only a name for messages.
        package let lockPath: FilePath
        package let lockSource: LockSource

        package init(
            suite: DebianSuite,
            definitions: [BaseDefinition],
            lock: BaseLock?,
            lockPath: FilePath,
            from lockSource: LockSource = .definitions
        ) {
            self.suite = suite
            self.definitions = definitions
            self.lock = lock
            self.lockPath = lockPath
            self.lockSource = lockSource
        }

        /// The same definitions with another lock.
        func locked(by lock: BaseLock, at path: FilePath, from source: LockSource) -> Section {
            Section(suite: suite, definitions: definitions, lock: lock, lockPath: path, from: source)
        }
    }

    /// Largest definition, in bytes.
    private static let definitionLimit = 1 << 20
    /// Largest file of a key, in bytes.
    private static let keyLimit = 64 << 10

    /// The directory; `nil` for the bases in coracle itself.
    package let path: FilePath?
    /// The suites, the newest first.
    package let sections: [Section]

    private init(path: FilePath?, sections: [Section]) {
        self.path = path
        self.sections = sections
    }

    /// The bases in coracle itself.
    ///
    /// - Throws: errors that users cannot cause.
    package static func embedded() throws(Diagnostic) -> BaseShelf {
        var sections = [Section]()
        for suite in DebianSuite.known + DebianSuite.others {
            let folder = FilePath("Bases/\(suite.name)")
            var definitions = [BaseDefinition]()
            var lock: BaseLock?
            if let bytes = embeddedFile(BaseLock.fileName, of: suite) {
                lock = try BaseLock(parsing: bytes, named: folder.appending(BaseLock.fileName).display)
            }
            let files = embeddedDefinitions(of: suite)
            for name in files.names { definitions.append(try files.definition(named: name)) }
            guard !definitions.isEmpty else { continue }
            sections.append(
                Section(
                    suite: suite,
                    definitions: definitions.sorted { $0.name < $1.name },
                    lock: lock,
                    lockPath: folder.appending(BaseLock.fileName),
                    from: .coracle
                )
            )
        }
        return BaseShelf(path: nil, sections: sections)
    }

    /// Reads `PATH/SUITE/*.yaml` and `PATH/SUITE/packages.lock.json` for all suites that bases can be made from. Other files are
    /// ignored, except for keys that definitions of apk packages name.
    ///
    /// - Throws: `yaml.…`, `json.…`, `io.failed`; `base.shelf-empty` without any definition.
    package init(readingFrom path: FilePath) throws(Diagnostic) {
        var sections = [Section]()
        for suite in try Self.suites(in: path) {
            let folder = path.appending(suite.name)
            let names: [[UInt8]]
            do throws(SystemError) {
                names = try OpenFile(folder, O_RDONLY | O_DIRECTORY).directoryEntries()
            } catch {
                if error.number == ENOENT || error.number == ENOTDIR { continue }
                throw error.diagnostic("read bases", folder.display)
            }
            let keys = suite.format == .apk ? try Self.keys(names, in: folder) : [:]
            var files = DefinitionFiles(of: suite, beside: keys, else: Self.embeddedDefinitions(of: suite).files)
            for name in names.sorted(by: { $0.lexicographicallyPrecedes($1) })
            where name.count > 5 && name.suffix(5).elementsEqual(".yaml".utf8) && name.first != UInt8(ascii: ".") {
                let file = folder.appending(name: name)
                guard let bytes = try Self.contents(of: file, limit: Self.definitionLimit) else { continue }
                files.add(bytes, at: file)
            }
            var definitions = [BaseDefinition]()
            for name in files.names { definitions.append(try files.definition(named: name)) }
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

    /// The releases of Debian that are known, and the folders named after other systems.
    package static func suites(in path: FilePath) throws(Diagnostic) -> [DebianSuite] {
        var others = [DebianSuite]()
        do throws(SystemError) {
            for name in try OpenFile(path, O_RDONLY | O_DIRECTORY).directoryEntries() {
                guard let suite = try? DebianSuite(named: String(printing: name)), suite.format == .apk else {
                    continue
                }
                others.append(suite)
            }
        } catch {
            guard error.number == ENOENT || error.number == ENOTDIR else {
                throw error.diagnostic("read bases", path.display)
            }
        }
        return DebianSuite.known + others.sorted(by: >)
    }

    /// The files of keys in the folder of a suite.
    private static func keys(_ names: [[UInt8]], in folder: FilePath) throws(Diagnostic) -> [String: [UInt8]] {
        var keys: [String: [UInt8]] = [:]
        for name in names where name.suffix(4).elementsEqual(".pub".utf8) {
            keys[String(printing: name)] = try contents(of: folder.appending(name: name), limit: keyLimit)
        }
        return keys
    }

    /// The definitions in coracle itself.
    private static func embeddedDefinitions(of suite: DebianSuite) -> DefinitionFiles {
        var files = DefinitionFiles(of: suite)
        for (name, bytes) in embeddedFiles(of: suite) where name.hasSuffix(".yaml") {
            files.add(bytes, at: FilePath("Bases/\(suite.name)").appending(name))
        }
        return files
    }

    /// The content of the file; `nil` if absent.
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

    /// A file of `Bases/SUITE`; `nil` if coracle itself has none of that name.
    static func embeddedFile(_ name: String, of suite: DebianSuite) -> [UInt8]? {
        embeddedFiles(of: suite).first { $0.name == name }?.bytes
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
