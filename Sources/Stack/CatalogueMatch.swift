import Bases
package import Diagnostics
package import Images
package import OCI

/// A base of the catalogue that an image can stand on, by the packages that its lowest layers name.
///
/// Images on such bases record the digest of their base and no name. The layers of a base have a package each, so that the history
/// names the base by them, even if its packages were locked in other versions.
package struct CatalogueMatch: Sendable {
    private let entry: BaseCatalogue.Entry
    /// The name that `--base` takes, such as `debian13/cc:root`.
    package var name: String { entry.name }
    /// Whether the packages have the versions that are locked now.
    package let isExact: Bool

    /// Those whose packages `steps` name, the likeliest first: with all versions, then those whose versions are the nearest.
    ///
    /// - Parameters:
    ///   - steps: what the history says of the base's layers, the lowest first.
    ///   - isLocked: whether the lock of the project counts.
    /// - Throws: what is wrong with a directory of bases.
    package static func all(
        _ steps: [String],
        for platform: Platform,
        _ access: ImageAccess,
        isLocked: Bool = true
    ) throws(Diagnostic) -> [CatalogueMatch] {
        guard let architecture = platform.debianArchitecture, !steps.isEmpty else { return [] }
        // A base that was made one layer names all of its packages in one step.
        let listed = steps.count == 1 ? (steps[0].split(separator: ";").first ?? "").components(between: ", ") : steps
        let (names, known) = (listed.dropLast().map(package(in:)), Set(listed))
        var exact = [CatalogueMatch]()
        var near: [(match: CatalogueMatch, likeness: Int)] = []
        let catalogue = try access.catalogue().bases
        for entry in isLocked ? catalogue.all : BaseCatalogue(catalogue.shelves).all {
            for variant in variants {
                let entry = BaseCatalogue.Entry(entry.definition, variant, in: entry.section)
                guard
                    let packages = try? entry.section.lock?.packages(of: entry.definition, variant, for: architecture)
                else { continue }
                let full = packages.map { "\($0.name) \($0.version)" }
                if known.isSuperset(of: full), full.count >= listed.count - 1 {
                    exact.append(CatalogueMatch(entry: entry, isExact: true))
                } else if steps.count > 1, packages.map(\.name) == names {
                    let likeness = zip(full, listed).reduce(0) { $0 + $1.0.commonPrefix(with: $1.1) }
                    near.append((CatalogueMatch(entry: entry, isExact: false), likeness))
                }
            }
        }
        // The newest suite comes first among bases with the same likeness.
        let best = near.enumerated().sorted { ($1.element.likeness, $0.offset) < ($0.element.likeness, $1.offset) }
        return exact + best.map(\.element.match)
    }

    /// The likeliest one for the lowest layers of `image`, as far as `claim` says how many are the base's; `nil` if there is none.
    ///
    /// A base with the locked versions is made of what the cache has, and its layers are compared: they prove it or refute it. Where
    /// packages are missing, or the lock has other versions, it is claimed by the history alone. No mirror is asked for a proof.
    package static func origin(
        of image: PlatformImage,
        _ claim: BaseOrigin,
        _ access: ImageAccess
    ) async -> (match: CatalogueMatch, origin: BaseOrigin)? {
        let config = image.config.content
        let steps = config.history.filter { !$0.isEmptyLayer }.map { $0.createdBy ?? "" }
        guard let count = claim.layerCount, count > 0, count <= steps.count,
            steps.count == image.manifest.content.layers.count,
            let all = try? all(Array(steps.prefix(count)), for: image.platform, access), let first = all.first
        else { return nil }
        // Variants may have the same packages, and then differ in their user.
        let name = first.entry.definition.fullName
        let same = all.filter { $0.isExact == first.isExact && $0.entry.definition.fullName == name }
        let likeliest = same.first { $0.entry.execution.user == config.config.user } ?? first
        let claimed = BaseOrigin(
            .packages,
            name: likeliest.name,
            digest: claim.digest,
            layerCount: count,
            standing: .claimed
        )
        guard likeliest.isExact, let catalogue = try? access.catalogue() else { return (likeliest, claimed) }
        var refuted: (CatalogueMatch, BaseOrigin)?
        let others = all.filter { $0.isExact && $0.name != likeliest.name }
        for match in [likeliest] + others.prefix(mostProofs - 1) {
            guard
                let base = await catalogue.localImage(
                    of: match.entry,
                    for: image.platform,
                    count == 1 ? .oneLayer : .layerPerPackage
                )
            else { continue }
            let origin = BaseOrigin(.packages, name: match.name, base, of: image)
            if origin.standing == .proved { return (match, origin) }
            if match.name == likeliest.name { refuted = (match, origin) }
        }
        return refuted ?? (likeliest, claimed)
    }

    /// How many bases are made to find the one whose layers the image has.
    private static let mostProofs = 4

    /// How a container of the base is started, for the merge of configurations.
    package func config(for platform: Platform) -> ImageConfig {
        ImageConfig(platform: platform, config: entry.execution)
    }

    private static let variants = [
        BaseVariant(), BaseVariant(isRoot: true), BaseVariant(isSlim: true), BaseVariant(isDebug: true),
        BaseVariant(isDebug: true, isRoot: true), BaseVariant(isSlim: true, isRoot: true),
    ]

    /// The package in a step such as `libc6 2.41-1`.
    private static func package(in step: String) -> String { String(step.prefix { $0 != " " }) }
}

extension String {
    /// Length of the text that both begin with, in bytes.
    fileprivate func commonPrefix(with other: String) -> Int { zip(utf8, other.utf8).prefix { $0 == $1 }.count }
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
