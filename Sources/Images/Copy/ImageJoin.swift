package import Diagnostics
package import OCI
import Store

/// Finished images of several platforms, brought together under one name. No byte of an image changes: only an index over them is
/// made.
package struct ImageJoin: Sendable {
    /// One image of the index.
    package struct Part: Sendable {
        package let platform: Platform
        package let digest: Digest
        /// What it was taken from, as the user named it.
        package let source: String
    }

    /// The index, and what it is over.
    package struct Result: Sendable {
        package let report: CopyReport
        /// In the order of the index.
        package let parts: [Part]
    }

    /// Where the images are: an index brings all of its images.
    package let sources: [ImageLocation]
    /// What the index is called.
    package let names: [Reference]
    /// A directory, or a file that ends in `.tar`; `nil` if it is only pushed.
    package let output: ImageCopy.Destination?
    /// Whether it goes to the registries of `names`.
    package let isPushed: Bool
    /// Annotations of the index, beside those that all images have.
    package let annotations: [String: String]

    /// Takes the values as they are.
    package init(
        _ sources: [ImageLocation],
        called names: [Reference],
        to output: ImageCopy.Destination?,
        isPushed: Bool,
        _ annotations: [String: String] = [:]
    ) {
        (self.sources, self.names, self.output) = (sources, names, output)
        (self.isPushed, self.annotations) = (isPushed, annotations)
    }

    /// Brings the index, and what of the images is missing there, to where it goes.
    ///
    /// - Throws: `index.same-platform`, `index.no-image`; `image.…`, `registry.…`, `output.exists`, `io.failed`.
    package func run(_ access: ImageAccess) async throws(Diagnostic) -> Result {
        try ImageCopy.checkNames(names)
        switch output {
        case .layout(let path, _)?, .archive(let path, _)?: try ImageCopy.checkDirectory(of: path)
        case .registry?, .caller?, nil: break
        }
        let (set, parts) = try await joined(access)
        switch output {
        case .layout(let path, _)?:
            for problem in try await LayoutDestination(path).publish(set) { access.note(problem) }
        case .archive(let path, _)?: try await ArchiveDestination(path).publish(set)
        case .registry?, .caller?, nil: break
        }
        if isPushed { try await access.push(set, to: names) }
        return Result(report: CopyReport(set, names: names.map(\.text)), parts: parts)
    }

    private func joined(_ access: ImageAccess) async throws(Diagnostic) -> (ImageSet, [Part]) {
        var joined = Joined()
        for source in sources { try await joined.add(try access.provider(for: source)) }
        let index = Document(
            encoding: Index(
                manifests: joined.entries,
                annotations: (joined.common ?? [:]).merging(annotations) { $1 }
            ),
            as: .imageIndex
        )
        let set = ImageSet(
            top: index.descriptor,
            names: names,
            listings: joined.listings,
            blobs: joined.blobs + [(index.descriptor, .bytes(index.bytes))]
        )
        return (set, joined.parts)
    }
}

/// The images that were found so far.
private struct Joined {
    var entries: [Descriptor] = []
    var parts: [ImageJoin.Part] = []
    var listings: [ImageSet.Listing] = []
    var blobs: [(Descriptor, ImageSet.Blob)] = []
    /// The annotations that all images have with the same values; `nil` before the first image.
    var common: [String: String]?

    mutating func add(_ provider: any ImageProvider) async throws(Diagnostic) {
        let images = try await PlatformImage.all(of: provider)
        guard !images.isEmpty else {
            throw Diagnostic(
                .indexNoImage,
                "`\(provider.name)` holds no image for a platform",
                at: .image(provider.name),
                because: "what hangs on images, and other artifacts, have none",
                hint: "name an image, or an index of images"
            )
        }
        var added = [Descriptor]()
        for image in images {
            let platform = image.platform
            if let other = parts.first(where: { $0.platform.isSame(as: platform) }) {
                // The very same image, named twice or in two indexes, contradicts nothing.
                if other.digest == image.digest { continue }
                throw Diagnostic(
                    .indexSamePlatform,
                    "two images are for \(platform)",
                    at: .image(provider.name),
                    because: "`\(other.source)` has \(other.digest), `\(provider.name)` has \(image.digest)",
                    hint: "leave one of them out: an index has one image for a platform"
                )
            }
            parts.append(ImageJoin.Part(platform: platform, digest: image.digest, source: provider.name))
            var entry = image.manifest.descriptor
            entry.platform = image.entry.platform ?? platform
            entry.annotations = image.entry.annotations?.withoutNames
            added.append(entry)
            let own = image.manifest.content.annotations
            common = common?.filter { own[$0.key] == $0.value } ?? own
        }
        added += try await statements(about: Set(added.map(\.digest)), provider)
        entries += added
        let graph = try await ImageGraph.read(provider, only: added)
        listings += graph.listings
        blobs += graph.blobs
    }

    /// What buildx says about these images, beside them in their index: it names them by their digests, which stay.
    private func statements(
        about images: Set<Digest>,
        _ provider: any ImageProvider
    ) async throws(Diagnostic) -> [Descriptor] {
        let top = try await provider.top()
        guard top.mediaType.isIndex else { return [] }
        let index = try Document<Index>(decoding: try await provider.document(top), of: top).content
        let subjects = Set(images.map(\.description))
        return index.manifests.filter { entry in
            entry.isAttestation && entry.mediaType.isManifest
                && entry.annotations?["vnd.docker.reference.digest"].map(subjects.contains) ?? false
        }
    }
}

extension Platform {
    /// Whether an engine could take either image.
    fileprivate func isSame(as other: Platform) -> Bool { matches(other) && osVersion == other.osVersion }
}

extension [String: String] {
    /// Without what an image is called where it was found; `nil` if nothing is left.
    fileprivate var withoutNames: [String: String]? {
        let left = filter { ![AnnotationKey.refName, AnnotationKey.containerdImageName].contains($0.key) }
        return left.isEmpty ? nil : left
    }
}

extension Diagnostic.Code {
    static let indexSamePlatform = Self("index.same-platform", .usage)
    static let indexNoImage = Self("index.no-image", .input)
}
