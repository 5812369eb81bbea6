package import Diagnostics

/// The newest version of each package of several suites for one architecture.
///
/// Dependencies are not resolved: a base names all of its packages.
package struct PackageIndex: Sendable {
    /// Debian's name of the architecture: `amd64`, `arm64`.
    package let architecture: String
    private let wanted: Set<String>?
    private var packages: [String: IndexedPackage] = [:]
    private var suites: [String] = []

    /// - Parameter wanted: the packages to keep; `nil` for all.
    package init(architecture: String, keeping wanted: Set<String>? = nil) {
        self.architecture = architecture
        self.wanted = wanted
    }

    /// Number of packages.
    package var count: Int { packages.count }

    /// Adds the packages of `file` that are for this architecture or for all.
    ///
    /// - Throws: `packages.malformed`, and `packages.conflict` if a known package has the same name and version, and
    ///   another digest.
    package mutating func add(_ file: PackagesFile) throws(Diagnostic) {
        suites.append(file.suite)
        let architecture = architecture
        var packages = packages
        try file.forEach(named: wanted) { (package) throws(Diagnostic) in
            guard package.architecture == architecture || package.architecture == "all" else { return }
            guard let known = packages[package.name], !(known.version < package.version) else {
                packages[package.name] = package
                return
            }
            guard known.version == package.version else { return }
            guard known.digest == package.digest, known.size == package.size else {
                throw Diagnostic(
                    .packagesConflict,
                    "`\(package.name)` \(package.version) is two different packages",
                    because: "in `\(known.origins[0].suite)` it is \(known.digest),"
                        + " and in `\(package.origins[0].suite)` \(package.digest)"
                )
            }
            for origin in package.origins where !known.origins.contains(origin) {
                packages[package.name]?.origins.append(origin)
            }
        }
        self.packages = packages
    }

    /// The newest version of the package `name`.
    package subscript(name: String) -> IndexedPackage? { packages[name] }

    /// The newest versions of all of `names`, in their order.
    ///
    /// - Throws: `packages.missing`, which names all missing packages.
    package func select(_ names: [String]) throws(Diagnostic) -> [IndexedPackage] {
        let missing = names.filter { packages[$0] == nil }
        guard missing.isEmpty else {
            let list = missing.map { "`\($0)`" }.joined(separator: ", ")
            throw Diagnostic(
                .packagesMissing,
                "\(missing.count == 1 ? "a package is" : "\(missing.count) packages are") not there: \(list)",
                because: "neither `\(architecture)` nor `all` has \(missing.count == 1 ? "it" : "them") in "
                    + suites.map { "`\($0)`" }.joined(separator: ", "),
                hint: "names of packages change from one release of Debian to the next"
            )
        }
        return names.compactMap { packages[$0] }
    }
}

extension Diagnostic.Code {
    package static let packagesConflict = Self("packages.conflict", .verification)
    package static let packagesMissing = Self("packages.missing", .notFound)
}
