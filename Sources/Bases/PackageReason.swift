import Debian
package import Diagnostics
import OCI

/// Why a package is in a base.
package struct PackageReason: Hashable, Sendable {
    /// A package, and the one that needs it.
    package struct Step: Hashable, Sendable {
        package let package: String
        package let dependent: String
        /// As Debian writes it: `libc6 (>= 2.41)`.
        package let relation: String
    }

    package let base: String
    package let package: String
    /// Debian's name of the architecture; `nil` if the definition names the package.
    package let architecture: String?
    /// From the package to one that the definition names.
    package let steps: [Step]

    /// - Throws: `base.package-absent`, with the nearest name; `base.lock-…`.
    package init(of package: String, in entry: BaseCatalogue.Entry) throws(Diagnostic) {
        let definition = entry.definition
        base = definition.fullName
        self.package = package
        if definition.packages.contains(package) {
            architecture = nil
            steps = []
            return
        }
        let lock = try entry.lock()
        var there = definition.packages
        for architecture in lock.architectures {
            let members = lock.dependencies(of: definition, for: architecture) ?? []
            let byName = Dictionary(members.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            there += members.map(\.name)
            guard var member = byName[package] else { continue }
            var steps = [Step]()
            var seen: Set<String> = []
            while seen.insert(member.name).inserted {
                steps.append(Step(package: member.name, dependent: member.dependent, relation: member.relation))
                guard let next = byName[member.dependent] else { break }
                member = next
            }
            self.architecture = architecture
            self.steps = steps
            return
        }
        throw Diagnostic(
            .basePackageAbsent,
            "`\(definition.fullName)` has no package `\(package.excerpt)`",
            at: .file(path: definition.origin),
            because: definition.excluded.contains(package)
                ? "its definition leaves it out with `without`"
                : definition.followed.isEmpty
                    ? "its definition does not name it, and takes no dependencies"
                    : "its definition does not name it, and nothing in it depends on it",
            hint: Spelling.closest(to: package, among: Set(there).sorted()).map { "did you mean `\($0)`?" }
        )
    }

    /// For a person, in lines.
    package var text: [String] {
        let named = steps.last?.dependent ?? package
        return ["\(base) has \(package):"]
            + steps.map { "  \($0.dependent) depends on \($0.relation)" } + ["  its definition names \(named)"]
    }
}

extension Diagnostic.Code {
    package static let basePackageAbsent = Self("base.package-absent", .notFound)
}
