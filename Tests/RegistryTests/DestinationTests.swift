import ByteIO
import Diagnostics
import HTTP
import OCI
import Store
import TestSupport
import Testing

@testable import Registry

@Suite("Registry destination")
struct DestinationTests {
    private static let host = FakeRegistry.host

    private let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    private func name(_ text: String) throws -> Reference { try Reference(parsing: text) }

    private func blob(_ bytes: [UInt8], _ type: MediaType) -> (Descriptor, ImageSet.Blob) {
        (Descriptor(mediaType: type, digest: Digest(sha256Of: bytes), size: Int64(bytes.count)), .bytes(bytes))
    }

    /// An index of two images, which have a layer in common.
    private func images(base: (Descriptor, ImageSet.Blob)? = nil) throws -> ImageSet {
        var draft = try BlobDraft(in: FilePath(place.path))
        try draft.write(Array("common".utf8))
        let digest = Digest(sha256Of: Array("common".utf8))
        let common = (Descriptor(mediaType: .layerTar, digest: digest, size: 6), ImageSet.Blob.draft(draft.seal()))
        var blobs = [(Descriptor, ImageSet.Blob)]()
        var children = [Descriptor]()
        var listings = [ImageSet.Listing]()
        for architecture in ["amd64", "arm64"] {
            let config = blob(Array("{\"architecture\":\"\(architecture)\"}".utf8), .imageConfig)
            let layers = [base, common].compactMap(\.self)
            let manifest = Document(encoding: Manifest(config: config.0, layers: layers.map(\.0)), as: .imageManifest)
            blobs += layers + [config, (manifest.descriptor, .bytes(manifest.bytes))]
            children.append(manifest.descriptor)
            listings.append(ImageSet.Listing(config: config.0, layers: layers.map(\.0)))
        }
        let index = Document(encoding: Index(manifests: children), as: .imageIndex)
        blobs.append((index.descriptor, .bytes(index.bytes)))
        return ImageSet(top: index.descriptor, names: [], listings: listings, blobs: blobs)
    }

    /// A layer of another repository, which is there.
    private func base(in registry: FakeRegistry, _ text: String = "registry.test/other/base:1") throws -> (
        Descriptor, ImageSet.Blob
    ) {
        let layer = registry.hold(Array("base".utf8), in: "other/base")
        let provider = RegistryProvider(
            try name(text),
            registry.client(),
            cache: nil,
            drafts: FilePath(place.path)
        )
        return (layer, .remote(ImageSet.RemoteBlob(layer, of: provider)))
    }

    private func puts(_ registry: FakeRegistry) -> [String] {
        registry.lines.filter { $0.hasPrefix("PUT ") }.map { $0.split(separator: "?")[0].dropFirst(4) + "" }
    }

    @Test("blobs come first, once; then the manifests, children first; tags last")
    func order() async throws {
        let registry = FakeRegistry()
        let images = try images()
        let names = try [name("\(Self.host)/me/app:1"), name("\(Self.host)/me/app:latest")]
        try await RegistryDestination(registry.client(), parallel: 1).publish(images, to: names)
        let manifests = images.blobs.map(\.descriptor).filter { $0.mediaType.isManifest || $0.mediaType.isIndex }
        #expect(
            puts(registry)
                == (1...3).map { "/v2/me/app/blobs/uploads/\($0)" }
                + manifests.map { "/v2/me/app/manifests/\($0.digest)" }
                + ["/v2/me/app/manifests/1", "/v2/me/app/manifests/latest"]
        )
        #expect(registry.lines.first == "GET /v2/")
        #expect(registry.blobs.count == 3)
        #expect(registry.manifests["me/app:latest"] == registry.manifests["me/app:\(images.top.digest)"])
    }

    @Test("blobs that the registry has are not sent")
    func present() async throws {
        let registry = FakeRegistry()
        let images = try images()
        let destination = RegistryDestination(registry.client())
        try await destination.publish(images, to: [name("\(Self.host)/me/app:1")])
        let count = registry.requests.count
        try await destination.publish(images, to: [name("\(Self.host)/me/app:1")])
        let methods = registry.requests[count...].map(\.method.rawValue)
        #expect(methods == ["GET", "HEAD", "HEAD", "HEAD", "PUT", "PUT", "PUT", "PUT"])
        #expect(registry.events.suffix(2) == ["began upload", "ended present"])
    }

    @Test("when a blob cannot be sent, no manifest is, and no tag", arguments: [1, 2, 8])
    func failure(parallel: Int) async throws {
        let registry = FakeRegistry { request, _ in
            request.method == .put && request.body == Array("common".utf8) ? .error(403, "DENIED") : nil
        }
        let error = await #expect(throws: Diagnostic.self) {
            try await RegistryDestination(registry.client(), parallel: parallel)
                .publish(images(), to: [name("\(Self.host)/me/app:1")])
        }
        #expect(error?.code == .registryDenied)
        #expect(registry.manifests.isEmpty)
    }

    @Test("when a manifest cannot be put, nothing is tagged")
    func manifestFailure() async throws {
        let images = try images()
        let registry = FakeRegistry { request, _ in
            request.url.target.hasSuffix(images.top.digest.description) && request.method == .put
                ? .error(400, "MANIFEST_INVALID") : nil
        }
        await #expect(throws: Diagnostic.self) {
            try await RegistryDestination(registry.client())
                .publish(images, to: [name("\(Self.host)/me/app:1"), name("\(Self.host)/me/other:1")])
        }
        #expect(registry.manifests.keys.allSatisfy { !$0.hasSuffix(":1") })
    }

    @Test("access to all repositories is asked for before anything is sent")
    func access() async throws {
        let registry = FakeRegistry { request, _ in
            request.url.origin.host == "closed.test" ? .error(403, "DENIED") : nil
        }
        let error = await #expect(throws: Diagnostic.self) {
            try await RegistryDestination(registry.client())
                .publish(images(), to: [name("\(Self.host)/me/app:1"), name("closed.test/me/app:1")])
        }
        #expect(error?.code == .registryDenied)
        #expect(registry.lines == ["GET /v2/", "GET https://closed.test/v2/"])
    }

    @Test("a base's layer is mounted where it can be, and else fetched and sent", arguments: [true, false])
    func mount(works: Bool) async throws {
        let registry = FakeRegistry { request, _ in
            works && request.line.contains("mount=") ? FakeRegistry.Answer(201) : nil
        }
        let base = try base(in: registry)
        try await RegistryDestination(registry.client(), parallel: 1)
            .publish(images(base: base), to: [name("\(Self.host)/me/app:1")])
        let get = "GET /v2/other/base/blobs/\(base.0.digest)"
        #expect(registry.lines.contains("POST /v2/me/app/blobs/uploads/?mount=\(base.0.digest)&from=other%2Fbase"))
        #expect(registry.lines.contains(get) == !works)
        #expect((registry.blobs["me/app@\(base.0.digest)"] != nil) == !works)
        #expect(registry.events.contains { $0.hasPrefix("ended mounted") } == works)
    }

    @Test("a second repository of the registry takes the blobs from the first")
    func neighbours() async throws {
        let registry = FakeRegistry { request, _ in
            request.line.contains("mount=") ? FakeRegistry.Answer(201) : nil
        }
        let names = try [name("\(Self.host)/me/app:1"), name("\(Self.host)/me/other:1"), name("other.test/me/app:1")]
        try await RegistryDestination(registry.client()).publish(images(), to: names)
        let mounts = registry.lines.filter { $0.contains("mount=") }
        #expect(mounts.count == 3)
        #expect(mounts.allSatisfy { $0.hasPrefix("POST /v2/me/other/") && $0.hasSuffix("&from=me%2Fapp") })
    }

    @Test("the plan matches what is then done, and sends only questions")
    func plan() async throws {
        let registry = FakeRegistry()
        let base = try base(in: registry)
        let images = try images(base: base)
        registry.hold(Array("common".utf8))
        let destination = RegistryDestination(registry.client(), parallel: 1)
        let plan = try await destination.plan(images, for: name("\(Self.host)/me/app:1"))
        #expect(plan.credential.hasPrefix("anonymous: no variable says where credentials are"))
        let other = RepositoryName(registry: Self.host, path: "other/base")
        #expect(
            plan.steps.map(\.action)
                == [.mounts(from: other), .exists, .uploads, .uploads, .uploads, .uploads, .uploads]
        )
        #expect(registry.requests.allSatisfy { [.get, .head].contains($0.method) })
        #expect(plan.steps.last?.blob == images.top)
        try await destination.publish(images, to: [name("\(Self.host)/me/app:1")])
        let again = try await destination.plan(images, for: name("\(Self.host)/me/app:1"))
        #expect(again.steps.allSatisfy { $0.action == .exists })
    }

    @Test("a layer that a foreign image calls a manifest is sent as the blob that it is")
    func manifestAmongLayers() async throws {
        let registry = FakeRegistry()
        var (layer, content) = try base(in: registry)
        layer.mediaType = .imageManifest
        let images = try images(base: (layer, content))
        try await RegistryDestination(registry.client()).publish(images, to: [name("\(Self.host)/me/app:1")])
        #expect(registry.blobs["me/app@\(layer.digest)"] == Array("base".utf8))
        #expect(registry.manifests["me/app:\(layer.digest)"] == nil)
    }
}
