package import Debian
package import Diagnostics
package import OCI

/// The exact packages that the bases of a suite are made from: a file `packages.lock.json`.
///
/// Any mirror will do, because packages are verified with the digests here.
package struct BaseLock: Hashable, Sendable {
    package struct Package: Hashable, Sendable {
        package let name: String
        package let version: String
        /// The package's own name of its architecture: `amd64`, `arm64`, `all`; of apk packages `x86_64`, `aarch64`, `noarch`.
        package let architecture: String
        /// The path below a mirror, such as `pool/main/t/tzdata/tzdata_2026a-1_all.deb`.
        package let path: String
        /// Size of the file, in bytes.
        package let size: Int64
        package let digest: Digest

        package init(
            name: String,
            version: String,
            architecture: String,
            path: String,
            size: Int64,
            digest: Digest
        ) {
            self.name = name
            self.version = version
            self.architecture = architecture
            self.path = path
            self.size = size
            self.digest = digest
        }
    }

    /// A signed index that packages were found in.
    package struct Release: Hashable, Sendable {
        /// The suite, such as `bookworm-security`.
        package let suite: String
        /// The version of a point release, such as `12.15`; empty if absent.
        package let version: String
        package let date: Timestamp

        package init(suite: String, version: String, date: Timestamp) {
            self.suite = suite
            self.version = version
            self.date = date
        }
    }

    package static let fileName = "packages.lock.json"

    /// Debian's `busybox`, linked statically, is what `debug` adds to a base.
    package static let debugPackage = "busybox-static"

    package let suite: DebianSuite
    package let releases: [Release]
    /// `BaseDefinition.digest` of the definitions that it was made from, by their names.
    package let definitions: [String: Digest]
    /// The packages by Debian's names of architectures, sorted by name.
    package let packages: [String: [Package]]
    /// The mirrors that are asked if no other one is named: of apk packages those of the definitions.
    package let mirrors: [String]
    /// The packages that those of a definition depend on, nearest first: by the definition's name, then by architecture.
    package let dependencies: [String: [String: [DependencyClosure.Member]]]

    package init(
        suite: DebianSuite,
        releases: [Release],
        definitions: [String: Digest],
        packages: [String: [Package]],
        mirrors: [String] = [],
        dependencies: [String: [String: [DependencyClosure.Member]]] = [:]
    ) {
        self.mirrors = mirrors
        self.suite = suite
        self.releases = releases
        self.definitions = definitions
        self.packages = packages
        self.dependencies = dependencies
    }

    /// The same without packages of other names.
    package func keeping(_ names: Set<String>) -> BaseLock {
        BaseLock(
            suite: suite,
            releases: releases,
            definitions: definitions,
            packages: packages.mapValues { $0.filter { names.contains($0.name) } },
            mirrors: mirrors,
            dependencies: dependencies
        )
    }

    /// Debian's names of the locked architectures, sorted.
    package var architectures: [String] { packages.keys.sorted() }

    /// The date of the newest index.
    package var date: Timestamp? { releases.map(\.date).max() }

    /// The packages of `definition` in its order, followed by those that `variant` adds.
    ///
    /// - Parameter architecture: Debian's name.
    /// - Throws: `base.lock-stale` if it was made from another definition, `base.lock-architecture`.
    package func packages(
        of definition: BaseDefinition,
        _ variant: BaseVariant = BaseVariant(),
        for architecture: String
    ) throws(Diagnostic) -> [Package] {
        guard definitions[definition.name] == definition.digest else {
            throw stale(definition, "it was made \(definitions[definition.name] == nil ? "without it" : "before")")
        }
        guard let locked = packages[architecture] else {
            throw Diagnostic(
                .baseLockArchitecture,
                "`\(definition.fullName)` is not locked for `\(architecture)`",
                because: "the lock has packages for \(architectures.joined(separator: ", "))"
            )
        }
        let byName = Dictionary(locked.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var chosen = [Package]()
        let isAdding = variant.isDebug && suite.format == .deb && !definition.packages.contains(Self.debugPackage)
        guard let dependencies = dependencies(of: definition, for: architecture) else {
            throw stale(definition, "it was made without the packages' dependencies")
        }
        for name in definition.packages + dependencies.map(\.name) + (isAdding ? [Self.debugPackage] : []) {
            guard let package = byName[name] else { throw stale(definition, "it has no `\(name)`") }
            chosen.append(package)
        }
        return chosen
    }

    /// The packages that those of `definition` depend on; `nil` if the lock does not say.
    package func dependencies(of definition: BaseDefinition, for architecture: String) -> [DependencyClosure.Member]? {
        definition.followed.isEmpty ? [] : dependencies[definition.name]?[architecture]
    }

    private func stale(_ definition: BaseDefinition, _ reason: String) -> Diagnostic {
        Diagnostic(
            .baseLockStale,
            "the lock of `\(suite.name)` does not fit the definition of `\(definition.name)`",
            at: .file(path: definition.origin),
            because: reason,
            hint: "renew it: `coracle base lock`"
        )
    }
}

extension Diagnostic.Code {
    package static let baseLockStale = Self("base.lock-stale", .input)
    package static let baseLockMissing = Self("base.lock-missing", .input)
    package static let baseLockArchitecture = Self("base.lock-architecture", .notFound)
}
