import Check
import Checkup
package import Diagnostics
package import Findings
import Gate
import Images
import Layers
package import OCI
import Plan
import Request
import Stack
package import Store

/// Images on their new base, ready for a destination.
package struct RebasedImages: Sendable {
    /// One for each platform, in the order of the index.
    package private(set) var images: [RebasedImage]
    /// For each of `images`, what of the new base is hidden; empty if that was not looked at.
    package private(set) var hidden: [HiddenFiles] = []
    /// For each of `images`, what the check found that refused nothing.
    package private(set) var findings: [[Finding]] = []
    /// As the image was named, with what its index says of it.
    let top: Descriptor
    /// Digest of the new base's index, or of its only manifest.
    package let newTop: Digest
    /// Whether only some of the image's platforms were chosen.
    private let isPartial: Bool
    let provider: any ImageProvider

    init(
        images: [RebasedImage],
        top: Descriptor,
        newTop: Digest,
        isPartial: Bool,
        provider: any ImageProvider
    ) {
        self.images = images
        self.top = top
        self.newTop = newTop
        self.isPartial = isPartial
        self.provider = provider
    }

    /// Whether the image stands on the new base already, with all its platforms.
    package var isUnchanged: Bool { !isPartial && images.allSatisfy(\.isUnchanged) }

    /// As the user named the image.
    var name: String { provider.name }

    /// The digest of what the image was.
    package var originalDigest: Digest { top.digest }

    // MARK: Documents

    /// The index over the images, with everything that the old one said; `nil` for an image alone.
    private var index: Document<Index>? {
        guard let index = images.first?.original.index, !isPartial || images.count > 1 else { return nil }
        if isUnchanged { return index }
        var new = index.content
        new.mediaType = .imageIndex
        // Records of how the old images were built are not about the new ones.
        new.manifests = images.map(\.entry)
        if let base = images.first?.base {
            new.annotations[AnnotationKey.baseName] = base.reference
            new.annotations[AnnotationKey.baseDigest] = newTop.description
        }
        return Document(encoding: new, as: .imageIndex)
    }

    /// Entries of the old index that are not images, such as build records: they are about the old images.
    package var leftEntries: [Descriptor] {
        guard let old = images.first?.original.index?.content, !isUnchanged else { return [] }
        return old.manifests.filter { entry in
            entry.mediaType.isManifest && !images.contains { $0.original.entry.digest == entry.digest }
                && (entry.isAttestation || entry.artifactType != nil)
        }
    }

    /// The images with all their blobs: layers stay where they are until a destination wants them.
    ///
    /// - Throws: what asking for layers that are kept elsewhere throws.
    package func set() async throws(Diagnostic) -> ImageSet {
        var blobs: [(Descriptor, ImageSet.Blob)] = []
        var elsewhere = [Descriptor]()
        for image in images {
            let count = image.isUnchanged ? 0 : image.base.layers.count
            for layer in image.manifest.content.layers.prefix(count) {
                blobs.append((layer, .remote(ImageSet.RemoteBlob(layer, of: image.base.provider))))
            }
            for layer in image.manifest.content.layers.dropFirst(count) {
                if layer.isKeptElsewhere, !((try? await provider.holds(layer)) ?? false) {
                    elsewhere.append(layer)
                    continue
                }
                blobs.append((layer, .remote(ImageSet.RemoteBlob(layer, of: provider))))
            }
            for document in [image.config.encoded, image.manifest.encoded] {
                blobs.append((document.descriptor, .bytes(document.bytes)))
            }
        }
        var top = self.top
        let index = index
        let new =
            index?.descriptor
            ?? images.first.map { image in
                var entry = image.manifest.descriptor
                entry.platform = image.platform
                return entry
            }
        if let index { blobs.append((index.descriptor, .bytes(index.bytes))) }
        if let new {
            top.mediaType = new.mediaType
            top.digest = new.digest
            top.size = new.size
            top.platform = new.platform
        }
        var set = ImageSet(
            top: top,
            names: [],
            listings: images.map {
                ImageSet.Listing(config: $0.config.descriptor, layers: $0.manifest.content.layers)
            },
            blobs: blobs
        )
        set.elsewhere = elsewhere
        return set
    }

    // MARK: The check

    /// Checks the images, unless `gate` is `nil`, and records in them what was excused.
    ///
    /// - Throws: what the images are refused for, all at once.
    mutating func check(
        _ gate: GateOptions?,
        _ grounds: [BaseReader.Found],
        _ access: ImageAccess
    ) async throws {
        let readable = images.allSatisfy { $0.manifest.content.layers.allSatisfy(\.canBeRead) }
        guard let gate, readable else {
            if gate != nil { access.note(unreadable) }
            for place in images.indices { images[place].annotate([AnnotationKey.gateSkipped: "true"]) }
            return
        }
        guard !isUnchanged else { return }
        let tables = try LayerTables(provider, access)
        for (image, ground) in zip(images, grounds) {
            let hidden = HiddenFiles(try await tables.read(image.ownLayers), image.ownSteps, of: ground.files)
            if !image.isUnchanged { for note in hidden.notes(provider.name) { access.note(note) } }
            self.hidden.append(hidden)
        }
        let drafts = access.settings.temporaryDirectory
        let made = ImageSetProvider(try await set(), called: provider.name, drafts: drafts)
        let candidates = try await FinishedImage.candidates(of: made, access)
        var refused = [Diagnostic]()
        // One after the other, as the files of each take room on the disk.
        for (place, candidate) in candidates.enumerated() where images.indices.contains(place) {
            let found = try ImageGate.findings(
                in: try await candidate.open().gated,
                weighing: KnownBases.alternatives(for: nil, access)
            )
            var outcome = GateOutcome(found, gate)
            if !outcome.refused.isEmpty {
                let earlier = try await earlier(images[place], access)
                outcome = GateOutcome(found, gate) { earlier.contains(FindingKey($0)) }
            }
            refused += outcome.refused.map { finding in
                var problem = finding.diagnostic
                // The same bases help a build and a rebase, whose option has another name.
                problem.hint = problem.hint?.replacing("`--base ", with: "`--onto ")
                return problem
            }
            findings.append(outcome.reportedByBuild)
            images[place].annotate(outcome.annotations)
        }
        if let problems = DiagnosticList(Rebase.distinct(refused)) { throw problems }
    }

    /// What the check finds in the image as it was: that is not the new base's doing.
    private func earlier(_ image: RebasedImage, _ access: ImageAccess) async throws(Diagnostic) -> Set<FindingKey> {
        let candidates = try await FinishedImage.candidates(of: provider, for: [image.original.platform], access)
        guard let candidate = candidates.first else { return [] }
        return Set(try ImageGate.findings(in: try await candidate.open().gated).map(FindingKey.init))
    }

    private var unreadable: Diagnostic {
        Diagnostic(
            .rebaseUnchecked,
            "the image is not checked on its new base",
            at: .image(provider.name),
            because: "it has layers that are kept by their maker, or that coracle cannot read; they stay as they are"
        )
    }
}

/// What is the same of a finding on two bases: the file, the rule, and what the file asks for.
private struct FindingKey: Hashable {
    private let rule: String
    private let path: String?
    private let subject: String?

    init(_ finding: Finding) {
        rule = finding.rule.code
        path = finding.path?.description
        subject = finding.subject ?? finding.summary
    }
}

extension Descriptor {
    /// Whether it is a layer whose files can be read.
    fileprivate var canBeRead: Bool {
        [.layerTar, .layerTarGzip, .layerTarZstd].contains(mediaType.asOCILayer) && urls == nil
    }
}

extension Diagnostic.Code {
    static let rebaseUnchecked = Self("rebase.unchecked", .verification)
}
