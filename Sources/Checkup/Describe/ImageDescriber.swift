package import ByteIO
package import Diagnostics
import Findings
package import Images
package import Inventory
package import Layers
package import OCI
package import SBOM
import Stack
package import Store

/// Says what is in images.
package struct ImageDescriber: Sendable {
    let access: ImageAccess
    let created: Timestamp?
    let supplier: String?
    private let isBuild: Bool

    /// - Parameters:
    ///   - access: the way to images.
    ///   - created: the time that documents carry; `nil` for the images' own.
    ///   - supplier: who gives the images out; `nil` for what their labels say.
    ///   - isBuild: whether the images were built just now, and are not looked at later.
    package init(
        _ access: ImageAccess,
        created: Timestamp? = nil,
        supplier: String? = nil,
        isBuild: Bool = false
    ) {
        self.isBuild = isBuild
        self.access = access
        self.created = created
        self.supplier = supplier
    }

    /// What is in the image at `location`: in all of its platforms together, or in those of `platforms`.
    ///
    /// - Throws: `sbom.no-image`, `base.platform-missing`; what keeps them from being read.
    package func describe(
        _ location: ImageLocation,
        for platforms: [Platform] = []
    ) async throws(Diagnostic) -> ImageDescription {
        let provider = try access.provider(for: location, on: platforms.isEmpty ? nil : platforms)
        let name = Name(text: Self.name(of: location), reference: Self.reference(of: location))
        return try await describe(provider, called: name, for: platforms).whole
    }

    /// What images are called in documents about them.
    package struct Name: Hashable, Sendable {
        package let text: String
        package let reference: Reference?

        /// A reference has its repository for a name.
        package init(text: String, reference: Reference?) {
            self.text = reference.map { "\($0.registry)/\($0.repository)" } ?? text
            self.reference = reference
        }
    }

    /// Each image by itself, and all of them together as what their index stands for.
    package struct Descriptions: Sendable {
        package var images: [ImageDescription]
        /// The only image, or the union.
        package let whole: ImageDescription
    }

    /// - Parameter files: by the digests of their layers, what a build has written just now.
    /// - Throws: `sbom.no-image`, `base.platform-missing`; what keeps them from being read.
    package func describe(
        _ provider: any ImageProvider,
        called name: Name,
        for platforms: [Platform] = [],
        knowing files: [Digest: WrittenFiles] = [:]
    ) async throws(Diagnostic) -> Descriptions {
        let candidates = try await FinishedImage.candidates(of: provider, for: platforms, access)
        var images = [ImageDescription]()
        // One after the other, as the records of each take room.
        for candidate in candidates {
            images.append(try await describe(try await DescribedImage(candidate, knowing: files), name))
        }
        guard let first = images.first else {
            throw Diagnostic(.sbomNoImage, "there is no image in `\(provider.name)`", at: .image(provider.name))
        }
        let top = try await provider.top()
        if images.count == 1, !platforms.isEmpty || top.digest == first.subject.digest {
            return Descriptions(images: images, whole: first)
        }
        var subject = SBOMSubject(
            .index,
            name: name.text,
            digest: top.digest,
            created: images.map(\.subject.created).max() ?? first.subject.created
        )
        subject.reference = name.reference
        subject.supplier = first.subject.supplier
        subject.base =
            images.allSatisfy { $0.subject.base?.name == first.subject.base?.name } ? first.subject.base : nil
        subject.isBuild = isBuild
        subject.variants = images.compactMap { image in
            guard let platform = image.subject.platform, let digest = image.subject.digest else { return nil }
            return SBOMSubject.Variant(platform: platform, digest: digest)
        }
        let whole = ImageDescription(inventory: .union(images.map(\.inventory)), subject: subject)
        return Descriptions(images: images, whole: whole)
    }

    private func describe(_ image: DescribedImage, _ name: Name) async throws(Diagnostic) -> ImageDescription {
        let inventory = try await image.inventory()
        let annotations = image.manifest.content.annotations
        let vendor = annotations[AnnotationKey.vendor] ?? image.config.config.labels[AnnotationKey.vendor]
        var subject = SBOMSubject(
            .image,
            name: name.text,
            digest: image.manifest.descriptor.digest,
            created: created ?? image.config.created.flatMap { try? Timestamp(parsing: $0) }
                ?? Timestamp(secondsSince1970: 0)
        )
        subject.reference = name.reference
        subject.platform = image.config.platform
        subject.supplier = supplier ?? vendor
        subject.isBuild = isBuild
        if let base = annotations[AnnotationKey.baseName] {
            subject.base = SBOMSubject.Base(
                name: base,
                digest: annotations[AnnotationKey.baseDigest].flatMap { try? Digest(parsing: $0) }
            )
        }
        return ImageDescription(inventory: inventory, subject: subject)
    }

    private static func reference(of location: ImageLocation) -> Reference? {
        guard case .registry(let reference) = location else { return nil }
        return reference
    }

    /// What a file is called, without its ending: the same wherever it lies.
    package static func name(of path: FilePath) -> String {
        path.display.split(separator: "/").last.map { name in
            String(name.hasSuffix(".oci") || name.hasSuffix(".tar") ? name.dropLast(4) : name)
        } ?? path.display
    }

    private static func name(of location: ImageLocation) -> String {
        switch location {
        case .registry(let reference): "\(reference.registry)/\(reference.repository)"
        case .layout(let path, _), .archive(let path, _), .dockerArchive(let path, _):
            name(of: path)
        case .catalogue(let name): "\(name)"
        }
    }
}

/// What is in an image, and which.
package struct ImageDescription: Hashable, Sendable {
    package let inventory: Inventory
    package let subject: SBOMSubject

    package init(inventory: Inventory, subject: SBOMSubject) {
        self.inventory = inventory
        self.subject = subject
    }

    /// The same, with what `documents` know besides.
    package func adding(_ documents: [AddedDocument]) -> ImageDescription {
        ImageDescription(inventory: inventory.adding(documents), subject: subject)
    }

    /// - Parameter version: coracle's own.
    package func document(as format: SBOMFormat, by version: String) -> SBOMDocument {
        SBOMDocument(inventory, of: subject, as: format, by: version)
    }
}

extension Diagnostic.Code {
    static let sbomNoImage = Self("sbom.no-image", .notFound)
}
