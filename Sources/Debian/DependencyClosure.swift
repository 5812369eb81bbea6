package import Diagnostics

/// The packages that others need, by Debian's own relations.
///
/// The first alternative that is there is taken, as apt does, unless one of them is among the packages already.
package struct DependencyClosure: Hashable, Sendable {
    /// A package, and why it is there.
    package struct Member: Hashable, Sendable {
        package let name: String
        /// The package that needs it.
        package let dependent: String
        /// What that one asks for, as Debian writes it.
        package let relation: String

        package init(name: String, dependent: String, relation: String) {
            (self.name, self.dependent, self.relation) = (name, dependent, relation)
        }
    }

    /// Largest number of packages.
    package static let limit = 2_000

    /// What `roots` need besides `present`, nearest first.
    package let members: [Member]

    /// - Parameters:
    ///   - roots: the packages whose relations are followed, and those of what they need.
    ///   - present: packages that are there anyhow, with the roots; their relations are not followed.
    ///   - excluded: packages that are not taken, nor what only they need. A relation that one of them satisfies is not followed.
    /// - Throws: `packages.missing`, which suggests the nearest name; `packages.unsatisfiable`; `packages.too-many`; what reading the
    ///   index throws.
    package init(
        of roots: [String],
        besides present: [String],
        without excluded: Set<String>,
        in index: inout DependencyIndex
    ) throws(Diagnostic) {
        for name in excluded.sorted() where try index.package(name) == nil { throw Self.missing(name, index) }
        var chosen = Chosen()
        for name in present + roots {
            guard let package = try index.package(name) else { throw Self.missing(name, index) }
            chosen.add(package)
        }
        var members = [Member]()
        var pending = roots
        var next = 0
        while next < pending.count {
            guard let package = chosen.packages[pending[next]] else {
                preconditionFailure("a package that is not there")
            }
            next += 1
            for group in package.needs where !group.contains(where: { excluded.contains($0.name) }) {
                if group.contains(where: chosen.satisfies) { continue }
                guard let (found, alternative) = try Self.first(of: group, in: &index) else {
                    throw try Self.unsatisfiable(package, group, &index)
                }
                // A name that only packages provide which are left out.
                if excluded.contains(found.name) { continue }
                chosen.add(found)
                pending.append(found.name)
                let isItself = found.name == alternative.name
                members.append(
                    Member(
                        name: found.name,
                        dependent: package.name,
                        relation: isItself ? "\(alternative)" : "\(alternative), which it provides"
                    )
                )
                guard members.count <= Self.limit else { throw Self.tooMany(roots) }
            }
        }
        self.members = members
    }

    /// The packages so far, by all names that they can be asked for by.
    private struct Chosen {
        private(set) var packages: [String: DependencyIndex.Package] = [:]
        private var offers: [String: [DependencyIndex.Package]] = [:]

        mutating func add(_ package: DependencyIndex.Package) {
            guard packages.updateValue(package, forKey: package.name) == nil else { return }
            for name in Set([package.name] + package.provides.map(\.name)) { offers[name, default: []].append(package) }
        }

        func satisfies(_ alternative: PackageRelations.Alternative) -> Bool {
            offers[alternative.name]?.contains { $0.satisfies(alternative) } == true
        }
    }

    private static func first(
        of group: [PackageRelations.Alternative],
        in index: inout DependencyIndex
    ) throws(Diagnostic) -> (DependencyIndex.Package, PackageRelations.Alternative)? {
        for alternative in group {
            if let package = try index.package(alternative.name), package.satisfies(alternative) {
                return (package, alternative)
            }
            if let package = try index.providers(of: alternative).first { return (package, alternative) }
        }
        return nil
    }

    private static func missing(_ name: String, _ index: DependencyIndex) -> Diagnostic {
        // All of a release are too many to compare with: the nearest one begins alike.
        let near = index.names.filter { $0.utf8.first == name.utf8.first && abs($0.utf8.count - name.utf8.count) < 3 }
        return Diagnostic(
            .packagesMissing,
            "there is no package `\(name)`",
            because: "the index has none of this name for `\(index.architecture)`",
            hint: Spelling.closest(to: name, among: near.sorted()).map { "did you mean `\($0)`?" }
                ?? "names of packages change from one release of Debian to the next"
        )
    }

    private static func unsatisfiable(
        _ package: DependencyIndex.Package,
        _ group: [PackageRelations.Alternative],
        _ index: inout DependencyIndex
    ) throws(Diagnostic) -> Diagnostic {
        var reasons = [String]()
        for alternative in group {
            let there = try index.package(alternative.name)?.version.description
            reasons.append(there.map { "`\(alternative.name)` is \($0)" } ?? "there is no `\(alternative.name)`")
        }
        return Diagnostic(
            .packagesUnsatisfiable,
            "`\(package.name)` \(package.version) needs `\(group.map(\.description).joined(separator: " | "))`",
            because: reasons.joined(separator: ", and "),
            hint: "name a mirror with all parts of the release, or leave `\(group[0].name)` out with `without`"
        )
    }

    private static func tooMany(_ roots: [String]) -> Diagnostic {
        Diagnostic(
            .packagesTooMany,
            "`\(roots.first ?? "")` needs more than \(limit) packages",
            hint: "leave some out with `without`"
        )
    }
}

extension Diagnostic.Code {
    package static let packagesUnsatisfiable = Self("packages.unsatisfiable", .notFound)
    package static let packagesTooMany = Self("packages.too-many", .input)
}
