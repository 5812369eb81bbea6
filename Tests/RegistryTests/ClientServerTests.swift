import ByteIO
import Diagnostics
import HTTP
import OCI
import Store
import TestSupport
import Testing

@testable import Registry

/// A real registry and real connections.
@Suite("Registry client and docker-registry")
struct ClientServerTests {
    private let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    private func client(_ credential: Credential? = nil) throws -> RegistryClient {
        var credentials = CredentialStore(environment: [:])
        if let credential { credentials = CredentialStore(only: FoundCredential(credential, from: "the test")) }
        let options = RegistryClient.Options(credentials: credentials)
        return RegistryClient(try AsyncHTTPTransport(environment: [:], embeddedAuthorities: []), options)
    }

    /// One layer of a few megabytes, which no compressor has seen.
    private func image(_ layer: [UInt8]) -> (images: ImageSet, layer: Descriptor) {
        func blob(_ bytes: [UInt8], _ type: MediaType) -> Descriptor {
            Descriptor(mediaType: type, digest: Digest(sha256Of: bytes), size: Int64(bytes.count))
        }
        let text = Array(#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#.utf8)
        let (config, data) = (blob(text, .imageConfig), blob(layer, .layerTar))
        let manifest = Document(encoding: Manifest(config: config, layers: [data]), as: .imageManifest)
        let images = ImageSet(
            top: manifest.descriptor,
            names: [],
            listings: [ImageSet.Listing(config: config, layers: [data])],
            blobs: [(data, .bytes(layer)), (config, .bytes(text)), (manifest.descriptor, .bytes(manifest.bytes))]
        )
        return (images, data)
    }

    @Test("what was pushed is pulled, byte by byte", .timeLimit(.minutes(2)))
    func roundTrip() async throws {
        let server = try RegistryServer()
        let layer = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }
        let (images, descriptor) = image(layer)
        let client = try client()
        let name = try Reference(parsing: "\(server.address)/me/app:1")
        let destination = RegistryDestination(client)
        try await destination.publish(images, to: [name])
        #expect(try await destination.plan(images, for: name).steps.allSatisfy { $0.action == .exists })
        #expect(try await client.tags(in: name.repositoryName) == ["1"])

        let cache = try BlobCache(FilePath(place("cache")))
        let provider = RegistryProvider(name, client, cache: cache, drafts: FilePath(place.path))
        #expect(try await provider.top() == images.top)
        #expect(try await provider.blob(descriptor).read(at: 0, count: .max) == layer)
        #expect(try await provider.referrers(of: images.top.digest) == [])
        #expect(try await client.has(descriptor, in: name.repositoryName))
    }

    @Test("a second repository gets its layers by mounting", .timeLimit(.minutes(2)))
    func mounted() async throws {
        let server = try RegistryServer()
        let (images, descriptor) = image(Array("layer".utf8))
        let names = try ["me/app:1", "me/other:1"].map { try Reference(parsing: "\(server.address)/\($0)") }
        try await RegistryDestination(client()).publish(images, to: names)
        let mount = "/v2/me/other/blobs/uploads/?mount=\(descriptor.digest)&from=me%2Fapp"
        #expect(try server.requests.contains(RegistryServer.LoggedRequest("POST", mount, 201)))
        let found = try await client().descriptor(of: .tag("1"), in: names[1].repositoryName)
        #expect(found == images.top)
    }

    @Test("a registry with a password lets in clients that have it, and refuses others", .timeLimit(.minutes(2)))
    func password() async throws {
        let server = try RegistryServer(.password)
        let (images, _) = image(Array("layer".utf8))
        let name = try Reference(parsing: "\(server.address)/me/app:1")
        let credential = Credential.basic(username: RegistryServer.user, password: RegistryServer.password)
        try await RegistryDestination(client(credential)).publish(images, to: [name])
        let wrong = Credential.basic(username: RegistryServer.user, password: "wrong")
        for (credential, who) in [(nil, "anonymous"), (wrong, "user `me` from the test")] as [(Credential?, String)] {
            let error = await #expect(throws: Diagnostic.self) {
                try await client(credential).manifest(.tag("1"), in: name.repositoryName)
            }
            #expect(error?.code == .registryUnauthorized)
            #expect(error?.reason?.hasPrefix("asked as \(who)") == true)
        }
    }

    @Test("a list of referrers takes the place of an interface that is missing", .timeLimit(.minutes(2)))
    func referrers() async throws {
        let server = try RegistryServer()
        let (images, _) = image(Array("layer".utf8))
        let name = try Reference(parsing: "\(server.address)/me/app:1")
        let client = try client()
        try await RegistryDestination(client).publish(images, to: [name])
        guard let config = images.listings.first?.config else { return }
        let signature = Document(
            encoding: Manifest(config: config, layers: [], subject: images.top),
            as: .imageManifest
        )
        try await client.put(
            signature.bytes,
            as: signature.descriptor,
            named: .digest(signature.descriptor.digest),
            to: name.repositoryName
        )
        let found = try await client.referrers(of: images.top.digest, in: name.repositoryName)
        #expect(found.map(\.digest) == [signature.descriptor.digest])
    }

    @Test("missing things are distinguished", .timeLimit(.minutes(2)))
    func missing() async throws {
        let server = try RegistryServer()
        let (images, layer) = image(Array("layer".utf8))
        let name = try Reference(parsing: "\(server.address)/me/app:1")
        let client = try client()
        let unknown = await #expect(throws: Diagnostic.self) { try await client.tags(in: name.repositoryName) }
        #expect(unknown?.code == .repositoryNotFound)
        try await RegistryDestination(client).publish(images, to: [name])
        let manifest = await #expect(throws: Diagnostic.self) {
            try await client.manifest(.tag("2"), in: name.repositoryName)
        }
        #expect(manifest?.code == .manifestNotFound)
        var other = layer
        other.digest = Digest(sha256Of: [1])
        let blob = await #expect(throws: Diagnostic.self) { try await client.document(other, in: name.repositoryName) }
        #expect(blob?.code == .blobNotFound)
    }
}
