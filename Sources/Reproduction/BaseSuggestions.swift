import Bases
package import Diagnostics
package import Images
import OCI

/// Which bases an image can be built upon, by what it says.
package enum BaseSuggestions {
    /// The names that `--base` takes, the likeliest first; empty if the image names none and no base of the catalogue has its
    /// packages.
    ///
    /// - Throws: what is wrong with a directory of bases.
    package static func names(for image: MadeImage, _ access: ImageAccess) throws(Diagnostic) -> [String] {
        if let name = image.annotations[AnnotationKey.baseName] { return [name] }
        guard let architecture = image.platform.debianArchitecture else { return [] }
        let steps = image.base.map(\.step)
        // A base that was made one layer names all of its packages in one step.
        let listed = steps.count == 1 ? (steps[0].split(separator: ";").first ?? "").components(between: ", ") : steps
        var (exact, near) = ([String](), [String]())
        let catalogue = try access.catalogue().bases
        for entry in catalogue.all {
            for variant in variants {
                let named = BaseCatalogue.Entry(entry.definition, variant, in: entry.section)
                guard
                    let packages = try? entry.section.lock?.packages(
                        of: entry.definition,
                        variant,
                        for: architecture
                    )
                else { continue }
                let full = packages.map { "\($0.name) \($0.version)" }
                if Set(full).isSubset(of: listed), full.count >= listed.count - 1 {
                    exact.append(named.name)
                } else if steps.count > 1, packages.map(\.name) == listed.dropLast().map(name) {
                    near.append(named.name)
                }
            }
        }
        return exact + near
    }

    private static let variants = [
        BaseVariant(), BaseVariant(isRoot: true), BaseVariant(isSlim: true), BaseVariant(isDebug: true),
        BaseVariant(isDebug: true, isRoot: true), BaseVariant(isSlim: true, isRoot: true),
    ]

    /// The package in a step such as `libc6 2.41-1`.
    private static func name(_ step: String) -> String { String(step.prefix { $0 != " " }) }
}

extension Substring {
    fileprivate func components(between separator: String) -> [String] {
        var (parts, rest) = ([String](), self)
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
