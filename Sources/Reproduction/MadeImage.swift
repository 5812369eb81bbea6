package import Diagnostics
package import Images
package import OCI
package import Store

/// An image that coracle made, for one platform, and what it says of its own layers.
package struct MadeImage: Sendable {
    /// A layer, with what history and annotations say of it.
    package struct Layer: Sendable {
        package let descriptor: Descriptor
        package let diffID: DiffID
        /// What made it, as the history says; empty if it does not say.
        package let step: String
        /// How it was compressed, such as `libdeflate 1.14, level 2, blocks by path to 1024 KiB`; `nil` for a layer that another
        /// program wrote, and for one of a base that was made of packages.
        package let compression: String?
    }

    package let image: PlatformImage
    /// The lowest first.
    package let layers: [Layer]

    package var platform: Platform { image.platform }
    package var config: ImageConfig { image.config.content }
    package var annotations: [String: String] { image.manifest.content.annotations }
    package var digest: Digest { image.digest }
    /// How many of the layers are the base's: those without coracle's mark, as long as nothing else is known.
    package var baseCount: Int
    /// The layers above the base's.
    package var own: [Layer] { Array(layers.dropFirst(baseCount)) }
    /// The layers below them.
    package var base: [Layer] { Array(layers.prefix(baseCount)) }

    /// What the own layers' history says, the lowest first.
    package var steps: [String] { own.map(\.step) }

    /// - Throws: `reproduce.history` if history and layers do not belong together; `reproduce.not-ours` if no layer has coracle's
    ///   mark.
    init(_ image: PlatformImage, named name: String) throws(Diagnostic) {
        self.image = image
        let (config, descriptors) = (image.config.content, image.manifest.content.layers)
        let history = config.history.filter { !$0.isEmptyLayer }
        guard config.diffIDs.count == descriptors.count else {
            let counts = "\(descriptors.count) layers and \(config.diffIDs.count) diffIDs"
            throw Self.contradiction(name, "its manifest and its config have \(counts)")
        }
        let isComplete = history.count == descriptors.count
        layers = descriptors.indices.map { index in
            Layer(
                descriptor: descriptors[index],
                diffID: config.diffIDs[index],
                step: isComplete ? history[index].createdBy ?? "" : "",
                compression: descriptors[index].annotations?[AnnotationKey.compression]
            )
        }
        baseCount = layers.prefix { $0.compression == nil }.count
        guard baseCount < layers.count else {
            throw Diagnostic(
                .reproduceNotOurs,
                "`\(name)` does not say that coracle made it",
                at: .image(name),
                because: "none of its layers has the annotation `\(AnnotationKey.compression)`",
                hint: "make it again with the program that made it, and compare both with `coracle diff`"
            )
        }
        guard isComplete else {
            let counts = "\(descriptors.count) layers and \(history.count) steps that made one"
            throw Self.contradiction(name, "its config has \(counts)")
        }
        let isOnBase = image.manifest.content.annotations[AnnotationKey.baseDigest] != nil
        guard isOnBase || !layers.dropFirst(baseCount).contains(where: { $0.compression == nil }) else {
            throw Self.contradiction(name, "a layer without coracle's mark lies above one that has it")
        }
    }

    private static func contradiction(_ name: String, _ reason: String) -> Diagnostic {
        Diagnostic(
            .reproduceHistory,
            "`\(name)` does not say how it was made",
            at: .image(name),
            because: reason,
            hint: "another program has changed it since: look for the image that `coracle build` wrote"
        )
    }
}

/// All images under one name.
package struct MadeImages: Sendable {
    /// As the user named it.
    package let name: String
    /// The digest of the index, or of the only manifest.
    package let top: Digest
    /// In the index's order; at least one.
    package private(set) var images: [MadeImage]
    package let index: Document<Index>?
    /// Brings the layers.
    package let provider: any ImageProvider

    /// - Throws: `reproduce.not-ours`, `reproduce.history`; what reading the image throws.
    package init(_ location: ImageLocation, _ access: ImageAccess) async throws(Diagnostic) {
        provider = try access.provider(for: location)
        name = location.description
        let found = try await PlatformImage.all(of: provider)
        guard let first = found.first else {
            throw Diagnostic(
                .reproduceNotOurs,
                "`\(name)` has no images that could be made again",
                at: .image(name),
                because: "what it names is empty, or is something else than an image",
                hint: "name an image that `coracle build` has made"
            )
        }
        var images = [MadeImage]()
        for image in found { images.append(try MadeImage(image, named: name)) }
        self.images = images
        index = first.index
        top = first.index?.descriptor.digest ?? first.digest
    }

    /// Notes that the lowest layers are those of `bases`, where they are: a base that coracle made itself has its mark, too.
    mutating func stand(on bases: [PlatformImage]) {
        for index in images.indices {
            let platform = images[index].platform
            guard
                let base = bases.first(where: { $0.platform.matches(platform) }) ?? (bases.count == 1 ? bases[0] : nil),
                case let count = base.manifest.content.layers.count, count < images[index].layers.count,
                images[index].image.commonLayers(with: base) == count
            else { continue }
            images[index].baseCount = count
        }
    }

    /// Notes how many of the lowest layers are the base's.
    mutating func stand(onLayers counts: [Platform: Int]) {
        for index in images.indices {
            guard let count = counts[images[index].platform], count <= images[index].layers.count else { continue }
            images[index].baseCount = count
        }
    }

    /// That of the index or the only manifest, then those of the images.
    package var digests: [Digest] { [top] + images.map(\.digest) }

    /// The image for `platform`; `nil` if there is none.
    package func image(for platform: Platform) -> MadeImage? { images.first { $0.platform == platform } }
}

extension Diagnostic.Code {
    static let reproduceNotOurs = Self("reproduce.not-ours", .input)
    static let reproduceHistory = Self("reproduce.history", .input)
}
