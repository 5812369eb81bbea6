package import Diagnostics
package import Images
package import OCI

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

    /// Finds the old base of `image`, which messages call `name`.
    ///
    /// - Throws: `rebase.old-base-unknown`, `rebase.old-base-differs`; what reading a base that was named throws.
    package init(
        of image: PlatformImage,
        called name: String,
        _ choice: Choice,
        _ search: BaseSearch,
        _ access: ImageAccess
    ) async throws(Diagnostic) {
        let found: BaseOrigin?
        switch choice {
        case .scratch:
            origin = BaseOrigin(.named, name: "scratch", digest: nil, layerCount: 0, standing: .proved)
            layerCount = 0
            config = ImageConfig(platform: image.platform)
            return
        case .image(let location): found = try await Self.named(location, of: image, access)
        case .search: found = await search.origin(of: image)
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
        origin = found
        layerCount = count
        config = found.base?.config.content
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
            hint: "name the image that it was built upon with `--old-base`, best by its digest"
        )
    }
}

extension Diagnostic.Code {
    static let rebaseOldBaseUnknown = Self("rebase.old-base-unknown", .notFound)
    static let rebaseOldBaseDiffers = Self("rebase.old-base-differs", .verification)
}
