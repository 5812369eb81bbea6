import Diagnostics
import HTTP
import OCI
import Store
import Testing

@testable import Registry

@Suite("Registry client: manifests")
struct ClientManifestTests {
    private static let config = Descriptor(
        mediaType: .imageConfig,
        digest: Digest(sha256Of: Array("{}".utf8)),
        size: 2
    )
    private static let bytes = Document(encoding: Manifest(config: config, layers: []), as: .imageManifest).bytes
    private static let digest = Digest(sha256Of: bytes)
    private static let type = MediaType.imageManifest.rawValue

    private func problem(
        _ name: RegistryClient.ManifestName = .tag("1"),
        _ fault: @escaping FakeRegistry.Fault
    ) async -> Diagnostic? {
        await #expect(throws: Diagnostic.self) {
            try await FakeRegistry(fault).client().manifest(name, in: FakeRegistry.repository)
        }
    }

    @Test(
        "a manifest's digest is computed from its bytes, whatever the registry says",
        arguments: [
            ["Content-Type": type], ["Content-Type": type + "; charset=utf-8"], [:],
            ["Content-Type": "application/json"], ["Content-Type": "text/plain"],
            ["Content-Type": type, "Docker-Content-Digest": "sha256:" + String(repeating: "0", count: 64)],
            ["Content-Type": type, "Docker-Content-Digest": "nonsense"], ["Content-Type": type, "Content-Length": "-"],
        ] as [HTTPHeaders]
    )
    func read(headers: HTTPHeaders) async throws {
        let registry = FakeRegistry { _, _ in FakeRegistry.Answer(200, headers, Self.bytes) }
        for name in [RegistryClient.ManifestName.tag("1"), .digest(Self.digest)] {
            let (descriptor, bytes) = try await registry.client().manifest(name, in: FakeRegistry.repository)
            #expect(bytes == Self.bytes)
            #expect(
                descriptor
                    == Descriptor(mediaType: .imageManifest, digest: Self.digest, size: Int64(Self.bytes.count))
            )
        }
        #expect(
            registry.requests.first?.headers["Accept"]
                == "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
                + "application/vnd.docker.distribution.manifest.list.v2+json, "
                + "application/vnd.docker.distribution.manifest.v2+json"
        )
    }

    @Test("a document that does not say what it is, is known by its members")
    func untyped() async throws {
        for (text, type) in [
            (#"{"schemaVersion":2,"manifests":[]}"#, MediaType.imageIndex),
            (#"{"schemaVersion":2,"config":{},"layers":[]}"#, .imageManifest),
        ] {
            let registry = FakeRegistry { _, _ in FakeRegistry.Answer(200, ["Content-Type": "text/plain"], text: text) }
            let (descriptor, _) = try await registry.client().manifest(.tag("1"), in: FakeRegistry.repository)
            #expect(descriptor.mediaType == type)
        }
    }

    @Test("other bytes than a digest names are refused, with both digests")
    func pinned() async throws {
        let other = Digest(sha256Of: [1])
        let error = await problem(.digest(other)) { _, _ in
            FakeRegistry.Answer(200, ["Content-Type": Self.type, "Docker-Content-Digest": "\(other)"], Self.bytes)
        }
        #expect(error?.code == .blobDigest)
        #expect(error?.subject == .blob("\(other)"))
        #expect(error?.reason == "`registry.test` sent something with the digest \(Self.digest)")
    }

    @Test("a login page is reported as one, also for a digest")
    func pinnedPage() async throws {
        let error = await problem(.digest(Self.digest)) { _, _ in
            FakeRegistry.Answer(200, ["Content-Type": "text/html"], text: "<html>")
        }
        #expect(error?.code == .registryMalformed)
    }

    @Test("a digest that cannot be checked is not asked for")
    func otherAlgorithm() async throws {
        let digest = try Digest(parsing: "sha512:" + String(repeating: "0", count: 128))
        let registry = FakeRegistry()
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client().manifest(.digest(digest), in: FakeRegistry.repository)
        }
        #expect(error?.code == .blobUnsupported)
        #expect(registry.lines == [])
    }

    @Test(
        "a document that is not a manifest is refused with its kind",
        arguments: [
            ("text/html; charset=utf-8", "<html>", "registry.malformed", "got text/html"),
            ("text/html", #"{"schemaVersion":2}"#, "registry.malformed", "got text/html"),
            (type, " <!DOCTYPE html>", "registry.malformed", "got \(type)"),
            (type, "", "json.malformed", ""),
            (type, "{", "json.malformed", ""),
            (type, #"{"schemaVersion":2,"schemaVersion":2}"#, "json.malformed", ""),
            (
                "application/vnd.docker.distribution.manifest.v1+prettyjws", #"{"schemaVersion":1}"#,
                "manifest.unsupported", "is of an unsupported kind"
            ),
            ("application/json", #"{"schemaVersion":2}"#, "manifest.unsupported", ""),
            (type, #"{"mediaType":"application/vnd.oci.empty.v1+json"}"#, "manifest.disagrees", ""),
            (type, #"{"mediaType":"\#(MediaType.imageIndex)"}"#, "manifest.disagrees", "disagrees with itself"),
            (type, #"{"mediaType":7}"#, "json.unexpected", ""),
        ]
    )
    func malformed(type: String, body: String, code: String, words: String) async throws {
        let error = await problem { _, _ in FakeRegistry.Answer(200, ["Content-Type": type], text: body) }
        #expect(error?.code.rawValue == code)
        if !words.isEmpty { #expect(error?.summary.hasSuffix(words) == true) }
    }

    @Test(
        "more than 4 MiB are not read, whether that is said or not",
        arguments: [
            ("4194305", 10, "document.too-large"), ("9223372036854775807", 10, "document.too-large"),
            ("-", (4 << 20) + 1, "document.too-large"), ("4194304", 4 << 20, "json.malformed"),
        ]
    )
    func limits(length: String, count: Int, code: String) async throws {
        let error = await problem { _, _ in
            FakeRegistry.Answer(
                200,
                ["Content-Length": length, "Content-Type": Self.type],
                Array(repeating: 0x20, count: count)
            )
        }
        #expect(error?.code.rawValue == code)
    }

    @Test(
        "missing images, repositories and rights are distinguished",
        arguments: [
            (404, "MANIFEST_UNKNOWN", "manifest.not-found"), (404, "NAME_UNKNOWN", "repository.not-found"),
            (404, "", "manifest.not-found"), (403, "DENIED", "registry.denied"), (204, "", "registry.refused"),
        ]
    )
    func missing(status: Int, word: String, code: String) async throws {
        #expect(await problem { _, _ in .error(status, word) }?.code.rawValue == code)
    }

    // MARK: HEAD

    @Test(
        "a HEAD that says all is enough; one that does not is followed by a GET",
        arguments: [
            (200, ["Docker-Content-Digest": "\(digest)", "Content-Type": type], ["HEAD"]),
            (200, ["Content-Type": type], ["HEAD", "GET"]),
            (200, ["Docker-Content-Digest": "\(digest)"], ["HEAD", "GET"]),
            (
                200, ["Docker-Content-Digest": "\(digest)", "Content-Type": type, "Content-Length": "-"],
                ["HEAD", "GET"]
            ),
            (
                200, ["Docker-Content-Digest": "\(digest)", "Content-Type": type, "Content-Length": "-5"],
                ["HEAD", "GET"]
            ),
            (403, [:], ["HEAD", "GET"]), (405, [:], ["HEAD", "GET"]), (400, [:], ["HEAD", "GET"]),
        ] as [(Int, HTTPHeaders, [String])]
    )
    func head(status: Int, headers: HTTPHeaders, methods: [String]) async throws {
        let registry = FakeRegistry { request, _ in
            request.method == .head
                ? FakeRegistry.Answer(status, headers, Self.bytes)
                : FakeRegistry.Answer(200, ["Content-Type": Self.type], Self.bytes)
        }
        let descriptor = try await registry.client().descriptor(of: .tag("1"), in: FakeRegistry.repository)
        #expect(descriptor == Descriptor(mediaType: .imageManifest, digest: Self.digest, size: Int64(Self.bytes.count)))
        #expect(registry.requests.map(\.method.rawValue) == methods)
    }

    @Test("what does not exist is nil, and what is forbidden is an error")
    func headMissing() async throws {
        let registry = FakeRegistry()
        #expect(try await registry.client().descriptor(of: .tag("1"), in: FakeRegistry.repository) == nil)
        #expect(registry.requests.map(\.method.rawValue) == ["HEAD"])
        for status in [401, 403] {
            let closed = FakeRegistry { _, _ in FakeRegistry.Answer(status) }
            let error = await #expect(throws: Diagnostic.self) {
                try await closed.client().descriptor(of: .tag("1"), in: FakeRegistry.repository)
            }
            #expect(error?.code.category == .authentication)
        }
    }

    @Test("a HEAD of a digest that names another digest is not trusted")
    func headLies() async throws {
        let registry = FakeRegistry { request, _ in
            request.method == .head
                ? FakeRegistry.Answer(
                    200,
                    ["Docker-Content-Digest": "\(Digest(sha256Of: [9]))", "Content-Type": Self.type],
                    Self.bytes
                ) : FakeRegistry.Answer(200, ["Content-Type": Self.type], Self.bytes)
        }
        let descriptor = try await registry.client().descriptor(of: .digest(Self.digest), in: FakeRegistry.repository)
        #expect(descriptor?.digest == Self.digest)
    }
}
