import ByteIO
import Check
package import Diagnostics
package import OCI
import Registry
package import Store

/// All that hangs on an image, on its index and on the images of all platforms: referrers, what has cosign's tags, and the
/// build records that an index holds; and what hangs on these.
package struct AttachedTree: Sendable {
    /// How a document is found from its subject.
    package enum Way: Hashable, Sendable {
        /// By its `subject`, in the registry's list or under the fallback tag.
        case referrer
        case tag(AttachedTag)
        /// As an entry of the image's own index (BuildKit's attestation manifests).
        case index
    }

    /// A document that hangs on something.
    package struct Node: Sendable {
        package let way: Way
        package let manifest: Descriptor
        /// `nil` if the manifest is not there, though a list names it.
        package let content: Content?
        package fileprivate(set) var attached: [Node] = []
    }

    /// What a document's manifest says, whatever a list says of it.
    package struct Content: Sendable {
        package let artifactType: MediaType
        package let layers: [Descriptor]
        package let annotations: [String: String]
    }

    /// A manifest or index of the image.
    package struct Subject: Sendable {
        package let manifest: Descriptor
        package let platform: Platform?
        package let attached: [Node]
    }

    /// What a list and a tag lead to, before it is known what hangs on it.
    private struct Found: Sendable {
        let way: Way
        let manifest: Descriptor
    }

    /// Limits that only a made image exceeds.
    private static let (deepest, mostDocuments, deepestIndex) = (8, 5000, 4)

    package let name: String
    /// The index first, then its images in their order.
    package let subjects: [Subject]

    /// - Parameter platform: the only image that is looked at; `nil` for all, and the index.
    /// - Throws: `image.platform-missing`, `image.too-large`, `offline.missing`; what the provider throws.
    package init(
        _ provider: any ImageProvider,
        platform: Platform? = nil,
        note: @Sendable (Diagnostic) -> Void = { _ in }
    ) async throws(Diagnostic) {
        name = provider.name
        var reader = Reader(provider: provider)
        var top = try await provider.top()
        if let platform {
            var choice = PlatformChoice(provider, platform)
            top = try await choice.choose(from: top)
            top.platform = top.platform ?? platform
        }
        try await reader.addImages(top, depth: 0)
        try await reader.addAttached()
        for problem in reader.notes { note(problem) }
        var subjects = [Subject]()
        for image in reader.images {
            let attached = reader.nodes(on: image.digest, depth: 0)
            subjects.append(Subject(manifest: image, platform: image.platform, attached: attached))
        }
        self.subjects = subjects
    }

    /// All documents.
    package var nodes: [Node] {
        func all(_ nodes: [Node]) -> [Node] { nodes.flatMap { [$0] + all($0.attached) } }
        return all(subjects.flatMap(\.attached))
    }

    /// Reads lists and manifests, level by level.
    private struct Reader {
        let provider: any ImageProvider
        var images: [Descriptor] = []
        var notes: [Diagnostic] = []
        private var found: [Digest: [Found]] = [:]
        private var contents: [Digest: Content] = [:]
        private var seen: Set<Digest> = []

        init(provider: any ImageProvider) { self.provider = provider }

        mutating func addImages(_ document: Descriptor, depth: Int) async throws(Diagnostic) {
            guard seen.insert(document.digest).inserted else { return }
            try checkCount()
            images.append(document)
            guard document.mediaType.isIndex, depth < AttachedTree.deepestIndex else { return }
            let bytes = try await provider.document(document)
            for child in try Document<Index>(decoding: bytes, of: document).content.manifests {
                guard child.mediaType.isManifest || child.mediaType.isIndex else { continue }
                guard child.isAttestation else {
                    try await addImages(child, depth: depth + 1)
                    continue
                }
                let text = child.annotations?["vnd.docker.reference.digest"]
                let subject = text.flatMap { try? Digest(parsing: $0) } ?? document.digest
                found[subject, default: []].append(Found(way: .index, manifest: child))
            }
        }

        mutating func addAttached() async throws(Diagnostic) {
            var subjects = images.map(\.digest)
            // The build records of the index are documents, too.
            var pending = found.values.flatMap(\.self)
            for _ in 0..<AttachedTree.deepest {
                let lists = try await provider.attachedEach(to: subjects)
                for (subject, list) in zip(subjects, lists) {
                    let new =
                        list.referrers.map { Found(way: .referrer, manifest: $0) }
                        + list.tagged.map { Found(way: .tag($0.0), manifest: $0.1) }
                    found[subject, default: []] += new
                    pending += new
                }
                let wanted = pending.filter { seen.insert($0.manifest.digest).inserted }.map(\.manifest)
                pending = []
                try checkCount()
                let provider = provider
                let read = try await concurrently(wanted, atMost: 4) { document async throws(Diagnostic) in
                    try await Reader.content(of: document, provider)
                }
                for (document, content) in zip(wanted, read) { contents[document.digest] = content }
                subjects = wanted.map(\.digest)
                guard !subjects.isEmpty else { return }
            }
            notes.append(
                Diagnostic(
                    .copyReferrersDeep,
                    "documents about documents are followed \(AttachedTree.deepest) times, and there may be more",
                    at: .image(provider.name)
                )
            )
        }

        private func checkCount() throws(Diagnostic) {
            guard seen.count > AttachedTree.mostDocuments else { return }
            throw Diagnostic(
                .imageTooLarge,
                "more than \(AttachedTree.mostDocuments) manifests hang on `\(provider.name)` or are part of it",
                hint: "choose one image with `--platform`"
            )
        }

        /// `nil` if it is not there.
        private static func content(
            of document: Descriptor,
            _ provider: any ImageProvider
        ) async throws(Diagnostic) -> Content? {
            let bytes: [UInt8]
            do throws(Diagnostic) {
                bytes = try await provider.document(document)
            } catch {
                guard [.manifestNotFound, .blobNotFound, .blobMissing].contains(error.code) else { throw error }
                return nil
            }
            if document.mediaType.isManifest {
                let manifest = try Document<Manifest>(decoding: bytes, of: document).content
                return Content(
                    artifactType: manifest.artifactType ?? manifest.config.mediaType,
                    layers: manifest.layers,
                    annotations: manifest.annotations
                )
            }
            guard document.mediaType.isIndex else {
                return Content(artifactType: document.mediaType, layers: [], annotations: [:])
            }
            let index = try Document<Index>(decoding: bytes, of: document).content
            return Content(
                artifactType: index.artifactType ?? document.mediaType,
                layers: [],
                annotations: index.annotations
            )
        }

        /// Sorted, so that registries that list them in any order give the same tree.
        func nodes(on subject: Digest, depth: Int) -> [Node] {
            guard depth < AttachedTree.deepest else { return [] }
            var all = [Node]()
            var listed = Set<Digest>()
            for document in found[subject] ?? [] where listed.insert(document.manifest.digest).inserted {
                var node = Node(
                    way: document.way,
                    manifest: document.manifest,
                    content: contents[document.manifest.digest]
                )
                node.attached = nodes(on: document.manifest.digest, depth: depth + 1)
                all.append(node)
            }
            return all.sorted { ($0.kind, $0.manifest.digest.description) < ($1.kind, $1.manifest.digest.description) }
        }
    }
}

extension AttachedTree.Node {
    /// What kind of document it is: its artifact type, and the tag's ending for what has a tag.
    package var kind: String {
        if case .tag(let tag) = way { return ".\(tag.kind.rawValue)" }
        return content?.artifactType.rawValue ?? "missing"
    }

    /// What a bundle or an attestation says, as their makers write it into annotations; sorted, each once.
    package var predicateTypes: [String] {
        let keys = ["dev.sigstore.bundle.predicateType", "in-toto.io/predicate-type", "predicateType"]
        let all = [content?.annotations ?? [:]] + (content?.layers ?? []).map { $0.annotations ?? [:] }
        return Set(all.flatMap { annotations in keys.compactMap { annotations[$0] } }).sorted()
    }
}
