package import ByteIO
package import Diagnostics
import Glibc
package import OCI
package import Store

/// An image that goes from one place to another, byte for byte: its digest never changes unless another format is wanted.
package struct ImageCopy: Sendable {
    /// Where it goes.
    package enum Destination: Hashable, Sendable {
        /// Registries, under these names.
        case registry([Reference])
        /// An image layout; `nil` for the name that the image has.
        case layout(FilePath, name: String?)
        /// A tar file that is both an archived layout and what `docker load` reads.
        case archive(FilePath, name: String?)
        /// To who asks for the images, and does with them what this module does not: see `gathered`.
        case caller(name: String?)

        /// The place that `location` names.
        package init(_ location: ImageLocation) {
            switch location {
            case .registry(let reference): self = .registry([reference])
            case .layout(let path, let name): self = .layout(path, name: name)
            case .archive(let path, let name), .dockerArchive(let path, let name): self = .archive(path, name: name)
            case .catalogue(let name): preconditionFailure("`\(name)` is a base of the catalogue, not a destination")
            }
        }
    }

    /// Where it comes from.
    package var source: ImageLocation
    /// Where it goes.
    package var destination: Destination
    /// `nil` for all platforms.
    package var platform: Platform?
    /// In which format the documents arrive; `nil` for that which they have. Another one has other digests.
    package var format: ManifestFormat?
    /// What becomes of the image before it arrives; `nil` to leave it as it is.
    package var change: (@Sendable (ImageSet, ImageAccess) async throws(Diagnostic) -> ImageSet)?
    /// Whether signatures and other documents about the image come along.
    package var includesReferrers = false
    /// Whether a note says what `includesReferrers` would have brought along.
    package var notesReferrers = false

    /// All platforms, without referrers.
    package init(from source: ImageLocation, to destination: Destination) {
        self.source = source
        self.destination = destination
    }

    /// Brings the image there.
    ///
    /// - Throws: `image.…`, `blob.…`, `registry.…`, `output.exists`, `io.failed`.
    package func run(_ access: ImageAccess) async throws(Diagnostic) -> CopyReport {
        try await put(access) { () async throws(Diagnostic) in try await images(access) }
    }

    /// Brings `images` there in place of the source's, which they were made of: without names of their own they get its name.
    ///
    /// - Throws: `registry.…`, `blob.…`, `output.exists`, `io.failed`.
    package func place(_ images: ImageSet, _ access: ImageAccess) async throws(Diagnostic) -> CopyReport {
        try await put(access) { () async throws(Diagnostic) in images }
    }

    private func put(
        _ access: ImageAccess,
        _ make: () async throws(Diagnostic) -> ImageSet
    ) async throws(Diagnostic) -> CopyReport {
        switch destination {
        case .registry(let references):
            try Self.checkNames(references)
            let images = try await make()
            try await access.push(images, to: references)
            return await report(images, references, access)
        case .layout(let path, let name):
            try Self.checkDirectory(of: path)
            let layout = try LayoutDestination(path)
            let images = try named(try await make(), name)
            for problem in try await layout.publish(images) { access.note(problem) }
            return await report(images, images.names, access)
        case .archive(let path, let name):
            try Self.checkDirectory(of: path)
            let archive = try ArchiveDestination(path)
            let images = try named(try await make(), name)
            try await archive.publish(images)
            return await report(images, images.names, access)
        case .caller: preconditionFailure("the caller has the images from `gathered`")
        }
    }

    /// The images as they would arrive, with their names; blobs are fetched when they are read.
    ///
    /// - Throws: `image.…`, `registry.…`.
    package func gathered(_ access: ImageAccess) async throws(Diagnostic) -> ImageSet {
        let images = try await images(access)
        switch destination {
        case .registry: return images
        case .layout(_, let name), .archive(_, let name), .caller(let name): return try named(images, name)
        }
    }

    /// What is said about images that the caller has brought where they go.
    package func reported(_ images: ImageSet, _ access: ImageAccess) async -> CopyReport {
        await report(images, images.names, access)
    }

    /// What a push would do, for each name, without doing it.
    package func plan(_ access: ImageAccess) async throws(Diagnostic) -> [PushPreview] {
        guard case .registry(let references) = destination else { return [] }
        try Self.checkNames(references)
        let images = try await images(access)
        var previews = [PushPreview]()
        for reference in references { previews.append(try await access.preview(images, for: reference)) }
        return previews
    }

    private func images(_ access: ImageAccess) async throws(Diagnostic) -> ImageSet {
        let provider = try access.provider(for: source, on: platform.map { [$0] })
        var images = try await ImageGraph.read(provider, platform: platform, referrers: includesReferrers)
        if let change { images = try await change(images, access) }
        if format == .docker { images = try images.inDockerFormat() }
        for layer in images.elsewhere {
            access.note(
                Diagnostic(
                    .copyLayerElsewhere,
                    "a layer is not distributed with its image, and is not copied: \(layer.digest)",
                    at: .image(provider.name),
                    because: "its media type is `\(layer.mediaType.rawValue)`;"
                        + " its maker has it at `\((layer.urls?.first ?? "").excerpt)`",
                    hint: "registries that want all layers refuse such an image"
                )
            )
        }
        for note in images.notes { access.note(note) }
        return images
    }

    /// What is missing is reported before anything is fetched.
    static func checkDirectory(of path: FilePath) throws(Diagnostic) {
        let directory = path.directory
        do throws(SystemError) {
            guard try FileStatus(at: directory, following: true).kind != .directory else { return }
            throw SystemError(number: ENOTDIR)
        } catch {
            throw Diagnostic(
                .outputNoDirectory,
                "there is no directory `\(directory.display)` for `\(path.name)` to be written in",
                at: .file(path: path.display),
                because: error.description,
                hint: "make it first, or choose another place"
            )
        }
    }

    /// A digest is what comes out, so none goes in.
    package static func checkNames(_ references: [Reference]) throws(Diagnostic) {
        for reference in references where reference.digest != nil {
            throw Diagnostic(
                .copyNameWithDigest,
                "`\(reference.text)` names a digest, and the image has its own",
                hint: "leave out what follows `@`"
            )
        }
    }

    /// The names for a layout: those asked for, else what the image is called where it comes from.
    private func named(_ images: ImageSet, _ name: String?) throws(Diagnostic) -> ImageSet {
        guard images.names.isEmpty || name != nil else { return images }
        var images = images
        if let name {
            images.top.annotations?[AnnotationKey.containerdImageName] = nil
            images.top.annotations?[AnnotationKey.refName] = nil
            if Self.isTag(name) {
                images.top.annotations = (images.top.annotations ?? [:]).merging([AnnotationKey.refName: name]) { $1 }
            } else {
                let reference = try Reference(parsing: name)
                try Self.checkNames([reference])
                images.names = [reference]
            }
        } else if case .registry(let reference) = source {
            images.names = try Self.withoutDigest(reference).map { [$0] } ?? []
        } else if let known = images.top.entryName, !Self.isTag(known), let reference = try? Reference(parsing: known),
            reference.tag != nil, reference.digest == nil
        {
            images.names = [reference]
        }
        return images
    }

    /// A name alone is a tag, as skopeo has it: `oci:DIR:latest`.
    private static func isTag(_ name: String) -> Bool {
        !name.utf8.contains { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "@") }
    }

    /// `nil` if the digest is all there is.
    private static func withoutDigest(_ reference: Reference) throws(Diagnostic) -> Reference? {
        guard reference.digest != nil else { return reference }
        guard let tag = reference.tag else { return nil }
        return try Reference(parsing: "\(reference.registry)/\(reference.repository):\(tag)")
    }
}

extension Diagnostic.Code {
    static let outputNoDirectory = Self("output.no-directory", .localIO)
    static let copyLayerElsewhere = Self("copy.layer-elsewhere", .verification)
    static let copyAttached = Self("copy.attached", .verification)
    static let copyTagsStay = Self("copy.tags-stay", .verification)
    static let copyNameWithDigest = Self("copy.name-with-digest", .usage)
}
