package import ByteIO
import Debian
package import Diagnostics
package import OCI
import YAML

/// All bases: those in coracle itself and those of a user's directories, which take precedence.
package struct BaseCatalogue: Sendable {
    /// A base with its lock and variant.
    package struct Entry: Sendable {
        package let definition: BaseDefinition
        package let variant: BaseVariant
        /// The suite and lock beside the definition.
        package let section: BaseShelf.Section

        package init(_ definition: BaseDefinition, _ variant: BaseVariant, in section: BaseShelf.Section) {
            self.definition = definition
            self.variant = variant
            self.section = section
        }

        /// The name, such as `debian12/cc:debug`.
        package var name: String {
            variant.description.isEmpty ? definition.fullName : "\(definition.fullName):\(variant)"
        }

        /// Whether its programs run as root.
        package var isRoot: Bool { variant.isRoot ?? definition.isRootByDefault }

        /// Whether the package `name` is in it, for any architecture: named by the definition, or needed by what is.
        package func has(_ name: String) -> Bool {
            if definition.packages.contains(name) { return true }
            guard !definition.followed.isEmpty, let lists = section.lock?.dependencies[definition.name] else {
                return false
            }
            return lists.values.contains { $0.contains { $0.name == name } }
        }

        /// The C library: `glibc` or `musl`; `nil` without one.
        package var libc: String? { has("libc6") || has("glibc") ? "glibc" : has("musl") ? "musl" : nil }

        /// Whether it has a bundle of certificates.
        var hasCertificates: Bool {
            has(LayerMaker.certificates) || (definition.apk != nil && has("ca-certificates-bundle"))
        }

        /// Whether it has a shell.
        package var hasShell: Bool {
            variant.isDebug || ["dash", "bash", "busybox", "busybox-static"].contains(where: has)
        }

        /// How a container of the base itself is started.
        package var execution: ImageConfig.Execution { BaseAssembler.execution(of: self) }

        /// Size of its packages for `platform`, in bytes; 0 if they are not locked.
        package func size(for platform: Platform) -> Int64 {
            guard let architecture = platform.debianArchitecture,
                let packages = try? section.lock?.packages(of: definition, variant, for: architecture)
            else { return 0 }
            return packages.reduce(0) { $0.addingClamped($1.size) }
        }

        /// The same base with another lock.
        package func locked(by lock: BaseLock, at path: FilePath, from source: BaseShelf.LockSource) -> Entry {
            Entry(definition, variant, in: section.locked(by: lock, at: path, from: source))
        }

        /// - Throws: `base.lock-missing`; `base.lock-stale` for the lock of a project that was made for another definition.
        package func lock() throws(Diagnostic) -> BaseLock {
            if let lock = section.lock {
                guard section.lockSource != .project || lock.definitions[definition.name] == definition.digest else {
                    throw outdated
                }
                return lock
            }
            throw Diagnostic(
                .baseLockMissing,
                "the packages of `\(definition.fullName)` are not locked",
                at: .file(path: section.lockPath.display),
                because: definition.apk == nil
                    ? "there is no such file"
                    : "coracle comes without a lock of these: their mirrors keep only the newest packages",
                hint: definition.apk == nil
                    ? "make it: `coracle base lock`"
                    : "lock them for this project, where there is a network: `coracle base lock \(definition.fullName)`; `--latest` takes the newest without a lock"
            )
        }

        private var outdated: Diagnostic {
            Diagnostic(
                .baseLockStale,
                "`\(section.lockPath.display)` locks the packages of another `\(definition.fullName)`",
                at: .file(path: section.lockPath.display),
                because: "the list of packages in \(definition.origin) has changed since",
                hint:
                    "lock it again: `coracle base lock \(definition.fullName)`; or leave the lock out with `--no-lock`"
            )
        }
    }

    /// The sources by precedence; coracle itself is the last.
    package let shelves: [BaseShelf]
    /// The lock of the project, which precedes the others for the bases that it names.
    private let project: ProjectLock.File?
    /// Locks of this run, by the full names of bases. They precede all others.
    private let newest: [String: BaseLock]

    package init(
        _ shelves: [BaseShelf],
        lockedBy project: ProjectLock.File? = nil,
        newest: [String: BaseLock] = [:]
    ) {
        self.shelves = shelves
        self.project = project
        self.newest = newest
    }

    private func entry(_ definition: BaseDefinition, in section: BaseShelf.Section) -> Entry {
        let entry = Entry(definition, BaseVariant(), in: section)
        if let lock = newest[definition.fullName] { return entry.locked(by: lock, at: section.lockPath, from: .index) }
        guard let project, let lock = project.lock.lock(of: definition) else { return entry }
        return entry.locked(by: lock, at: project.path, from: .project)
    }

    /// One entry for each definition, without variant: the newest suite first, then by name. Definitions that another source
    /// hides are omitted.
    package var all: [Entry] {
        var entries = [String: Entry]()
        for shelf in shelves {
            for section in shelf.sections {
                for definition in section.definitions where entries[definition.fullName] == nil {
                    entries[definition.fullName] = entry(definition, in: section)
                }
            }
        }
        return entries.values.sorted { left, right in
            let (a, b) = (left.definition, right.definition)
            return a.suite == b.suite ? a.name < b.name : a.suite > b.suite
        }
    }

    /// The base that `text` names: `debian12/cc`, `cc` for the newest suite that has it, `cc:debug`; `nil` if there is none.
    ///
    /// - Throws: `base.variant-unknown` for an unknown variant.
    package func find(_ text: String) throws(Diagnostic) -> Entry? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let entry = all.first(where: { $0.definition.isCalled(name) }) else { return nil }
        guard parts.count == 2 else { return entry }
        let variant = try BaseVariant(parsing: String(parts[1]))
        guard !variant.isDebug || entry.definition.apk == nil else {
            throw Diagnostic(
                .baseVariantUnknown,
                "`\(entry.definition.fullName)` has no variant `debug`",
                because: "its shell would be Debian's",
                hint: "take a base with a shell, such as `alpine-3.24/shell`"
            )
        }
        return Entry(entry.definition, variant, in: entry.section)
    }

    /// The base that `text` names, where it cannot be anything else.
    ///
    /// - Throws: `base.unknown`, which suggests the most similar name; `base.variant-unknown`.
    package func entry(named text: String) throws(Diagnostic) -> Entry {
        if let entry = try find(text) { return entry }
        let name = String(text.prefix { $0 != ":" })
        let all = all
        let near =
            Spelling.closest(to: name, among: all.map(\.definition.fullName))
            ?? Spelling.closest(to: name, among: all.filter { $0.definition.apk == nil }.map(\.definition.name))
        throw Diagnostic(
            .baseUnknown,
            "there is no base `\(name)`",
            hint: near.map { "did you mean `\($0)`?" } ?? "list those there are: `coracle base list`"
        )
    }
}

extension Diagnostic.Code {
    package static let baseUnknown = Self("base.unknown", .notFound)
}
