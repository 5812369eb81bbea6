import Debian
package import Diagnostics

/// The newest version of each package of several repositories for one architecture.
package struct ApkChoice {
    private let names: [String]
    /// The name of the system, for messages.
    private let system: String
    private let architecture: String
    private var newest: [String: ApkPackage] = [:]
    private var repositories: [String] = []

    /// - Parameters:
    ///   - names: the wanted packages, sorted.
    ///   - architecture: apk's name.
    package init(names: [String], of system: String, architecture: String) {
        self.names = names
        self.system = system
        self.architecture = architecture
    }

    /// Adds the packages of an index. If two repositories have the same version, the first counts.
    package mutating func add(_ index: ApkIndexFile) {
        repositories.append(index.repository)
        for package in index.packages {
            guard let known = newest[package.name], !(known.version < package.version) else {
                newest[package.name] = package
                continue
            }
        }
    }

    /// The wanted packages, by name.
    ///
    /// - Throws: `packages.missing`, which names all missing packages; `apk.conflict`.
    package func packages() throws(Diagnostic) -> [ApkPackage] {
        let missing = names.filter { newest[$0] == nil }
        guard missing.isEmpty else {
            throw Diagnostic(
                .packagesMissing,
                "\(missing.count == 1 ? "a package is" : "\(missing.count) packages are") not there: "
                    + missing.map { "`\($0)`" }.joined(separator: ", "),
                because: "no index of `\(system)` for `\(architecture)` lists "
                    + "\(missing.count == 1 ? "it" : "them"): \(repositories.joined(separator: ", "))",
                hint: "names of packages change from one release to the next"
            )
        }
        return names.compactMap { newest[$0] }
    }

    /// What packages of a base need and none of its packages provides, as a note; `nil` if nothing is missing.
    ///
    /// A base has the packages that its definition names, and no others: what is missing may be missing on purpose, as a shell that
    /// only scripts need which are not run.
    ///
    /// - Parameter bases: the packages of each base.
    package func unmet(_ bases: [[String]]) -> Diagnostic? {
        var lines = [String]()
        for base in bases {
            let chosen = base.compactMap { newest[$0] }
            for package in chosen {
                for dependency in package.dependencies {
                    let isMet = chosen.contains { $0.meets(dependency) }
                    guard isMet == dependency.isConflict else { continue }
                    let line =
                        dependency.isConflict
                        ? "`\(package.name)` cannot be beside `\(dependency.name)`"
                        : "`\(package.name)` needs `\(dependency)`"
                    if !lines.contains(line) { lines.append(line) }
                }
            }
        }
        guard !lines.isEmpty else { return nil }
        let most = 8
        return Diagnostic(
            .baseDependencies,
            "not all that packages of `\(system)` for `\(architecture)` depend on is in their bases",
            because: lines.prefix(most).joined(separator: ", ")
                + (lines.count > most ? " and \(lines.count - most) more" : ""),
            hint: "if a program needs it, add the package to the definition; coracle adds none by itself"
        )
    }
}

extension ApkPackage {
    /// Whether it is, or provides, what `dependency` asks for.
    fileprivate func meets(_ dependency: ApkDependency) -> Bool {
        if name == dependency.name, dependency.allows(version) { return true }
        return provisions.contains { $0.name == dependency.name && dependency.allows($0.version) }
    }
}

extension Diagnostic.Code {
    package static let baseDependencies = Self("base.dependencies", .verification)
}
