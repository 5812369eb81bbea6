import ByteIO
import Diagnostics
import HTTP
import OCI
import Store
import TestSupport
import Testing

@testable import Registry

@Suite("Registry provider")
struct ProviderTests {
    private static let layer = (0..<3_000).map { UInt8(truncatingIfNeeded: $0) }

    private let place: TemporaryDirectory
    private let cache: BlobCache

    init() throws {
        place = try TemporaryDirectory()
        cache = try BlobCache(FilePath(place("cache")))
    }

    /// An image of one layer, under the tag `1`.
    private func hold(in registry: FakeRegistry, config text: String = "{}") -> (top: Descriptor, layer: Descriptor) {
        let config = registry.hold(Array(text.utf8), as: .imageConfig)
        let layer = registry.hold(Self.layer)
        let manifest = Document(encoding: Manifest(config: config, layers: [layer]), as: .imageManifest)
        return (registry.hold(manifest: manifest.bytes, "1"), layer)
    }

    private func provider(
        _ registry: FakeRegistry,
        _ name: String = "registry.test/me/app:1",
        isCached: Bool = true,
        sources: AllowedSources = .everywhere
    ) throws -> RegistryProvider {
        RegistryProvider(
            try Reference(parsing: name),
            registry.client(),
            cache: isCached ? cache : nil,
            drafts: FilePath(place.path),
            sources: sources
        )
    }

    @Test("a tag is looked up again by every provider, and its manifest is read once")
    func tag() async throws {
        let registry = FakeRegistry()
        let (top, _) = hold(in: registry)
        for _ in 0..<2 {
            let provider = try provider(registry)
            #expect(try await provider.top() == top)
            #expect(try await provider.top() == top)
            _ = try await provider.document(top)
        }
        #expect(registry.lines.count { $0 == "HEAD /v2/me/app/manifests/1" } == 2)
        #expect(registry.lines.count { $0 == "GET /v2/me/app/manifests/1" } == 1)
        let (moved, _) = hold(in: registry, config: "{ }")
        #expect(try await provider(registry).top() == moved)
    }

    @Test("what a digest names is asked for once, and never again")
    func digest() async throws {
        let registry = FakeRegistry()
        let (top, layer) = hold(in: registry)
        let name = "registry.test/me/app@\(top.digest)"
        #expect(try await provider(registry, name).top() == top)
        _ = try await provider(registry, name).blob(layer)
        let count = registry.requests.count
        let again = try provider(registry, name)
        #expect(try await again.top() == top)
        #expect(try await again.document(top).count == Int(top.size))
        #expect(try await again.blob(layer).read(at: 0, count: .max) == Self.layer)
        #expect(registry.requests.count == count)
    }

    @Test("a registry that names another digest than it was asked for is not trusted, even if that digest is cached")
    func pinned() async throws {
        let honest = FakeRegistry()
        let (other, _) = hold(in: honest)
        _ = try await provider(honest).top()
        let registry = FakeRegistry { request, _ in
            FakeRegistry.Answer(
                200,
                [
                    "Docker-Content-Digest": "\(other.digest)", "Content-Type": other.mediaType.rawValue,
                    "Content-Length": "\(other.size)",
                ],
                request.method == .head ? [] : Array("{}".utf8)
            )
        }
        let wanted = Digest(sha256Of: [1])
        let error = await #expect(throws: Diagnostic.self) {
            try await provider(registry, "registry.test/me/app@\(wanted)").top()
        }
        #expect(error?.code == .blobDigest)
    }

    @Test("concurrent requests for a blob wait for one download", arguments: [true, false])
    func concurrent(isCached: Bool) async throws {
        let registry = FakeRegistry()
        let (_, layer) = hold(in: registry)
        let provider = try provider(registry, isCached: isCached)
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<8 {
                group.addTask { try await provider.blob(layer).read(at: 0, count: .max) }
            }
            for try await bytes in group { #expect(bytes == Self.layer) }
        }
        let downloads = registry.lines.count { $0 == "GET /v2/me/app/blobs/\(layer.digest)" }
        // A caller that comes when it has ended, and nothing is cached, begins another.
        #expect(isCached ? downloads == 1 : (1..<8).contains(downloads))
    }

    @Test("a blob of a digest that is there, and of another size, is refused")
    func otherSize() async throws {
        let registry = FakeRegistry()
        var (_, layer) = hold(in: registry)
        let provider = try provider(registry)
        _ = try await provider.blob(layer)
        layer.size += 1
        let error = await #expect(throws: Diagnostic.self) { try await provider.blob(layer) }
        #expect(error?.code == .blobSize)
    }

    @Test("a document of another size than is said of it is refused")
    func otherDocument() async throws {
        let registry = FakeRegistry()
        var (top, _) = hold(in: registry)
        top.size += 1
        let error = await #expect(throws: Diagnostic.self) { try await provider(registry).document(top) }
        #expect(error?.code == .blobSize)
    }

    @Test("without a cache a document is kept in memory")
    func memory() async throws {
        let registry = FakeRegistry()
        let (top, _) = hold(in: registry)
        let provider = try provider(registry, isCached: false)
        #expect(try await provider.top() == top)
        _ = try await provider.document(top)
        _ = try await provider.document(top)
        #expect(registry.lines == ["GET /v2/me/app/manifests/1"])
    }

    @Test("offline, what is in the cache is all there is, and nothing is sent")
    func offline() async throws {
        let registry = FakeRegistry()
        let (top, layer) = hold(in: registry)
        let error = await #expect(throws: Diagnostic.self) { try await provider(registry, sources: .cacheOnly).top() }
        #expect(error?.code == .offlineMissing)
        #expect(error?.summary == "the manifest of `registry.test/me/app:1` is not in the cache")
        #expect(error?.hint?.hasSuffix("`coracle pull registry.test/me/app:1 -o DIRECTORY`") == true)
        #expect(registry.lines == [])

        let online = try provider(registry)
        _ = try await online.top()
        _ = try await online.blob(layer)
        let count = registry.requests.count
        let offline = try provider(registry, sources: .cacheOnly)
        #expect(try await offline.top() == top)
        #expect(try await offline.document(top).count == Int(top.size))
        #expect(try await offline.blob(layer).read(at: 0, count: .max) == Self.layer)
        var missing = layer
        missing.digest = Digest(sha256Of: [1])
        for ask in [
            { () async throws in _ = try await offline.blob(missing) },
            { () async throws in _ = try await offline.document(missing) },
            { () async throws in _ = try await offline.referrers(of: top.digest) },
        ] {
            #expect(await #expect(throws: Diagnostic.self) { try await ask() }?.code == .offlineMissing)
        }
        #expect(registry.requests.count == count)
    }

    @Test("all waiting callers get the failure, and the next caller tries again")
    func failure() async throws {
        let registry = FakeRegistry { request, number in
            request.method == .get && number == 0 ? FakeRegistry.Answer(404) : nil
        }
        let (_, layer) = hold(in: registry)
        let provider = try provider(registry)
        let error = await #expect(throws: Diagnostic.self) { try await provider.blob(layer) }
        #expect(error?.code == .blobNotFound)
        #expect(try await provider.blob(layer).read(at: 0, count: .max) == Self.layer)
    }
}
