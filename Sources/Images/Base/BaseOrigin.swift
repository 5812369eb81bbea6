import Diagnostics
package import OCI
import Store

/// Which image another one is built upon, how that was found out, and whether it is proved.
package struct BaseOrigin: Sendable {
    /// How it was found.
    package enum Evidence: Hashable, Sendable {
        /// The user named it.
        case named
        /// The image says so.
        case claim(BaseClaim.Source)
        /// It has more layers that are the image's lowest ones than others that could be it.
        case commonLayers
        /// The packages in the image's history are those of a base of the catalogue.
        case packages
    }

    /// What the layers say to it.
    package enum Standing: Hashable, Sendable {
        /// All layers of the base are the image's lowest ones.
        case proved
        /// The base was not to be had, and nothing speaks against the claim.
        case claimed
        /// The base was looked at, and its layers are not the image's lowest ones: the reason, as a clause.
        case refuted(String)
    }

    package let evidence: Evidence
    /// As the image or the user names the base; `nil` if only a digest or the number of layers is known.
    package let name: String?
    /// The digest of the base's index or manifest, as it was claimed or found.
    package let digest: Digest?
    /// How many of the image's layers, from the lowest, are the base's; `nil` if that is unknown.
    package let layerCount: Int?
    package let standing: Standing
    /// The base itself, for the image's platform; `nil` if it was not to be had.
    package let base: PlatformImage?

    /// Takes the values as they are.
    package init(
        _ evidence: Evidence,
        name: String?,
        digest: Digest?,
        layerCount: Int?,
        standing: Standing,
        base: PlatformImage? = nil
    ) {
        self.evidence = evidence
        self.name = name
        self.digest = digest
        self.layerCount = layerCount
        self.standing = standing
        self.base = base
    }

    /// `base` as the origin of `image`, proved or refuted by the layers of both.
    package init(_ evidence: Evidence, name: String?, _ base: PlatformImage, of image: PlatformImage) {
        let own = base.manifest.content.layers.count
        let common = image.commonLayers(with: base)
        self.init(
            evidence,
            name: name,
            digest: base.digest,
            layerCount: common == own && own > 0 ? own : nil,
            standing: common == own && own > 0 ? .proved : .refuted(Self.reason(common, own)),
            base: base
        )
    }

    private static func reason(_ common: Int, _ own: Int) -> String {
        if own == 0 { return "it has no layers" }
        if own == 1 { return "its only layer is not the image's lowest one" }
        return common == 0
            ? "its \(own) layers are not the image's lowest ones"
            : "of its \(own) layers, only the lowest \(common) are the image's lowest, too"
    }
}

extension PlatformImage {
    /// How many of the lowest layers both have: by diffID, which compression does not change, else by digest.
    package func commonLayers(with other: PlatformImage) -> Int {
        let (mine, theirs) = (config.content.diffIDs, other.config.content.diffIDs)
        let (blobs, otherBlobs) = (manifest.content.layers, other.manifest.content.layers)
        let areComplete = mine.count == blobs.count && theirs.count == otherBlobs.count
        guard areComplete else { return zip(blobs, otherBlobs).prefix { $0.digest == $1.digest }.count }
        return zip(mine, theirs).prefix { $0 == $1 }.count
    }
}

/// Finds out what images are built upon.
package struct BaseSearch: Sendable {
    private let access: ImageAccess
    /// Names that the user gives, or that could be it: asked in this order.
    private let candidates: [ImageLocation]
    /// Where a base is looked for of which only the digest is known.
    private let repositories: [RepositoryName]

    /// - Parameters:
    ///   - candidates: images that could be the base, such as the one that an image is to be put on.
    ///   - repositories: where a base may be of which the image says no more than the digest.
    package init(_ access: ImageAccess, candidates: [ImageLocation] = [], repositories: [RepositoryName] = []) {
        self.access = access
        self.candidates = candidates
        self.repositories = repositories
    }

    /// The origin of `image`: the first claim that its layers prove; else the candidate with the most layers of the image; else
    /// the first claim that says how many layers are the base's; else the first claim, as it is. `nil` for an image that says
    /// nothing and stands on none of the candidates.
    ///
    /// A base that is gone, or a registry that does not answer, is not an error here: what remains is a claim.
    package func origin(of image: PlatformImage) async -> BaseOrigin? {
        let claims = BaseClaim.claims(of: image)
        var refuted: BaseOrigin?
        for claim in claims {
            for location in locations(of: claim) {
                guard let base = await Self.image(at: location, for: image.platform, access) else { continue }
                // A name whose image has moved refutes nothing; a digest that is found does.
                let origin = BaseOrigin(.claim(claim.source), name: claim.name, base, of: image)
                if origin.standing == .proved { return origin }
                if let digest = claim.digest, base.isNamed(by: digest), refuted == nil { refuted = origin }
            }
        }
        if let best = await bestCandidate(for: image) { return best }
        if let refuted { return refuted }
        let count = claims.lazy.compactMap(\.layerCount).first { $0 <= image.manifest.content.layers.count }
        guard let first = claims.first(where: { $0.name != nil || $0.digest != nil }) ?? claims.first else {
            return nil
        }
        let name = first.name ?? claims.lazy.compactMap(\.name).first
        return BaseOrigin(
            .claim(first.source),
            name: name,
            digest: first.digest,
            layerCount: count,
            standing: .claimed
        )
    }

    /// The candidate all of whose layers are the image's, and which has the most.
    package func bestCandidate(for image: PlatformImage) async -> BaseOrigin? {
        var best: BaseOrigin?
        for location in candidates {
            guard let base = await Self.image(at: location, for: image.platform, access) else { continue }
            let origin = BaseOrigin(.commonLayers, name: location.description, base, of: image)
            guard origin.standing == .proved, let count = origin.layerCount, count > best?.layerCount ?? 0 else {
                continue
            }
            best = origin
        }
        return best
    }

    /// Where the base of a claim can be: by its digest, then by its name.
    private func locations(of claim: BaseClaim) -> [ImageLocation] {
        var names = [String]()
        if let reference = claim.reference {
            let repository = "\(reference.registry)/\(reference.repository)"
            if let digest = claim.digest ?? reference.digest { names.append("\(repository)@\(digest)") }
            if let tag = reference.tag { names.append("\(repository):\(tag)") }
        } else if let digest = claim.digest {
            names += repositories.map { "\($0)@\(digest)" }
        }
        return names.compactMap { try? Reference(parsing: $0) }.map { .registry($0) }
    }

    /// The image at `location` for `platform`; `nil` if there is none, or it is not to be had.
    private static func image(
        at location: ImageLocation,
        for platform: Platform,
        _ access: ImageAccess
    ) async -> PlatformImage? {
        guard let provider = try? access.provider(for: location, on: [platform]),
            let images = try? await PlatformImage.all(of: provider)
        else { return nil }
        return images.first(for: platform)
    }
}

extension Sequence<PlatformImage> {
    /// The image for `platform` itself, else the first one for another variant of the same processor.
    package func first(for platform: Platform) -> PlatformImage? {
        first { $0.platform.matches(platform) }
            ?? first { $0.platform.os == platform.os && $0.platform.architecture == platform.architecture }
    }
}

extension PlatformImage {
    /// Whether `digest` is that of the image, or of the index that it was found in.
    package func isNamed(by digest: Digest) -> Bool { digest == self.digest || digest == index?.descriptor.digest }
}
