package import Diagnostics
package import Images
package import OCI
import Stack

/// The base that an image is taken off: how many of its layers are the base's, and what the base says.
package struct OldBase: Sendable {
    /// How an image's old base is found.
    package enum Choice: Hashable, Sendable {
        /// By what the image says of itself.
        case search
        /// The image stands on nothing.
        case scratch
        case image(ImageLocation)
    }

    package let origin: BaseOrigin
    /// Number of the image's layers, from the lowest, that the new base's layers come in place of.
    package let layerCount: Int
    /// `nil` if the base is not to be had.
    package let config: ImageConfig?
    /// How it was found, in words.
    let how: String

    /// Finds the old base of `image`, which messages call `name`.
    ///
    /// - Parameter siblings: where it is looked for if the image does not say it; `nil` for nowhere.
    /// - Throws: `rebase.old-base-unknown`, `rebase.old-base-differs`; what reading a base that was named throws.
    package init(
        of image: PlatformImage,
        called name: String,
        _ choice: Choice,
        _ search: BaseSearch,
        _ siblings: SiblingBases?,
        _ access: ImageAccess
    ) async throws(Diagnostic) {
        var found: BaseOrigin?
        var place = "those named with `--from`"
        switch choice {
        case .scratch:
            origin = BaseOrigin(.named, name: "scratch", digest: nil, layerCount: 0, standing: .proved)
            layerCount = 0
            config = ImageConfig(platform: image.platform)
            how = "it was named, and its layers prove it"
            return
        case .image(let location): found = try await Self.named(location, of: image, access)
        case .search:
            found = await search.origin(of: image)
            if let siblings, found?.base == nil, found?.layerCount == nil,
                let other = await siblings.origin(of: image, access)
            {
                found = other
                place = "the tags of `\(siblings.name)`"
            }
        }
        guard let found else {
            throw Self.unknown(name, image, because: "it has neither annotations nor labels that name its base")
        }
        if case .refuted(let reason) = found.standing {
            let base = found.name ?? found.digest?.description ?? "its base"
            throw Diagnostic(
                .rebaseOldBaseDiffers,
                "`\(name)` for \(image.platform) is not built upon `\(base.excerpt)`",
                at: .image(name),
                because: reason,
                hint: "name the image that it is built upon with `--old-base`"
            )
        }
        guard let count = found.layerCount, count <= image.manifest.content.layers.count else {
            let base = found.name ?? found.digest?.description ?? "its base"
            let what = "it names `\(base.excerpt)`, which is not to be had, or has other layers by now"
            throw Self.unknown(name, image, because: what)
        }
        guard count > 0 || found.base != nil else {
            throw Diagnostic(
                .rebaseOldBaseUnknown,
                "`\(name)` for \(image.platform) is not built upon another image",
                at: .image(name),
                because: "all of its layers are its own",
                hint: "to put a base below it, add `--old-base scratch`"
            )
        }
        layerCount = count
        // Bases of the catalogue have no name in the image.
        if found.base == nil, found.name == nil,
            let (match, proof) = await CatalogueMatch.origin(of: image, found, access),
            proof.standing == .proved || proof.standing == .claimed
        {
            origin = BaseOrigin(
                .packages,
                name: match.name,
                digest: found.digest ?? proof.digest,
                layerCount: count,
                standing: proof.standing
            )
            config = match.config(for: image.platform)
            how =
                "the history names its packages, in "
                + (match.isExact ? "the versions of its lock" : "other versions than its lock has now")
                + (proof.standing == .proved ? ", and its layers prove it" : ", which nothing proves")
            return
        }
        origin = found
        config = found.base?.config.content
        how = Self.words(for: found, place)
    }

    private static func words(for origin: BaseOrigin, _ place: String) -> String {
        let source =
            switch origin.evidence {
            case .named: "it was named"
            case .claim(.annotation): "the image's annotations name it"
            case .claim(.label): "the image's labels name it"
            case .claim(.buildpacks): "the record of its buildpacks names it"
            case .claim(.layers): "its layers end where those begin that coracle made"
            case .commonLayers: "it has the most layers of the image among \(place)"
            case .packages: "the history names its packages"
            }
        return origin.standing == .proved ? "\(source), and its layers prove it" : "\(source), which nothing proves"
    }

    private static func named(
        _ location: ImageLocation,
        of image: PlatformImage,
        _ access: ImageAccess
    ) async throws(Diagnostic) -> BaseOrigin {
        let provider = try access.provider(for: location, on: [image.platform])
        let bases = try await PlatformImage.all(of: provider)
        guard let base = bases.first(for: image.platform) else {
            throw Diagnostic(
                .rebaseOldBaseDiffers,
                "`\(location)` has no image for \(image.platform)",
                at: .option("--old-base"),
                hint: "name the image that all platforms are built upon"
            )
        }
        return BaseOrigin(.named, name: location.description, base, of: image)
    }

    private static func unknown(_ name: String, _ image: PlatformImage, because reason: String) -> Diagnostic {
        Diagnostic(
            .rebaseOldBaseUnknown,
            "it is not known what `\(name)` for \(image.platform) is built upon",
            at: .image(name),
            because: reason,
            hint:
                "name the image that it was built upon with `--old-base`, best by its digest; or those that it could be, each with `--from`"
        )
    }
}

extension Diagnostic.Code {
    static let rebaseOldBaseUnknown = Self("rebase.old-base-unknown", .notFound)
    static let rebaseOldBaseDiffers = Self("rebase.old-base-differs", .verification)
}
