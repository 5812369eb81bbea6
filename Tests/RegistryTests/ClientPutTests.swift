import Diagnostics
import HTTP
import OCI
import Store
import Testing

@testable import Registry

@Suite("Registry client: putting manifests")
struct ClientPutTests {
    private static let config = Descriptor(mediaType: .imageConfig, digest: Digest(sha256Of: [1]), size: 1)
    private static let subject = Descriptor(mediaType: .imageManifest, digest: Digest(sha256Of: [2]), size: 1)
    private static let plain = Document(encoding: Manifest(config: config, layers: []), as: .imageManifest)
    private static let signature = Document(
        encoding: Manifest(
            config: config,
            layers: [],
            annotations: ["by": "me"],
            subject: subject,
            artifactType: MediaType(rawValue: "application/x-signature")
        ),
        as: .imageManifest
    )
    private static let list = "sha256-\(subject.digest.hex)"

    private func put(_ registry: FakeRegistry, _ manifest: Document<Manifest> = plain) async -> Diagnostic? {
        do throws(Diagnostic) {
            try await registry.client().put(
                manifest.bytes,
                as: manifest.descriptor,
                named: .tag("1"),
                to: FakeRegistry.repository
            )
            return nil
        } catch {
            return error
        }
    }

    @Test("a manifest is put with its type and its exact bytes")
    func simple() async throws {
        let registry = FakeRegistry()
        #expect(await put(registry) == nil)
        #expect(registry.lines == ["PUT /v2/me/app/manifests/1"])
        #expect(registry.requests[0].headers["Content-Type"] == MediaType.imageManifest.rawValue)
        #expect(registry.requests[0].body == Self.plain.bytes)
    }

    @Test(
        "blobs that the registry does not see yet are given time, twice",
        arguments: [(1, 400, nil, 2), (2, 404, nil, 3), (3, 400, "registry.refused", 3)] as [(Int, Int, String?, Int)]
    )
    func late(times: Int, status: Int, code: String?, requests: Int) async throws {
        let registry = FakeRegistry { _, number in number < times ? .error(status, "MANIFEST_BLOB_UNKNOWN") : nil }
        #expect(await put(registry)?.code.rawValue == code)
        #expect(registry.lines.count == requests)
    }

    @Test(
        "a refusal is reported in the registry's words",
        arguments: [
            (413, "TOO_LARGE", "registry.refused"), (415, "TYPE", "registry.refused"),
            (400, "MANIFEST_INVALID", "registry.refused"), (403, "DENIED", "registry.denied"),
            (404, "NAME_UNKNOWN", "repository.not-found"),
        ]
    )
    func refused(status: Int, word: String, code: String) async throws {
        let registry = FakeRegistry { _, _ in .error(status, word) }
        let error = await put(registry)
        #expect(error?.code.rawValue == code)
        #expect(error?.reason?.hasPrefix("`registry.test` answered \(status) (\(word): the message)") == true)
        #expect(registry.lines.count == 1)
    }

    @Test("a registry that received something else does not count as having it")
    func otherDigest() async throws {
        let registry = FakeRegistry { _, _ in
            FakeRegistry.Answer(201, ["Docker-Content-Digest": Self.subject.digest.description])
        }
        let error = await put(registry)
        #expect(error?.code == .registryRefused)
        #expect(
            error?.reason
                == "`registry.test` answered 201, and it reports the digest \(Self.subject.digest), "
                + "and \(Self.plain.descriptor.digest) was sent"
        )
    }

    @Test("a manifest is not sent to another server, whatever the registry says; to another address of it, it is")
    func redirected() async throws {
        let registry = FakeRegistry { request, _ in
            request.line == "PUT /v2/me/app/manifests/1"
                ? FakeRegistry.Answer(307, ["Location": "https://elsewhere.test/put"]) : nil
        }
        let error = await put(registry)
        #expect(error?.code == .redirectRefused)
        #expect(
            error?.reason == "`registry.test` redirects to `https://elsewhere.test`, which may be anyone's",
            "\(error?.reason ?? "")"
        )
        #expect(registry.lines == ["PUT /v2/me/app/manifests/1"])
        let same = FakeRegistry { request, _ in
            request.line == "PUT /v2/me/app/manifests/1"
                ? FakeRegistry.Answer(307, ["Location": "/v2/me/app/manifests/2"]) : nil
        }
        #expect(await put(same) == nil)
        #expect(same.manifests["me/app:2"] == Self.plain.bytes)
    }

    @Test("what the registry lists among the referrers itself is not listed by us")
    func subject() async throws {
        let registry = FakeRegistry { _, _ in
            FakeRegistry.Answer(201, ["OCI-Subject": Self.subject.digest.description])
        }
        #expect(await put(registry, Self.signature) == nil)
        #expect(registry.lines == ["PUT /v2/me/app/manifests/1"])
    }

    @Test("without the API it is added once to the list under the subject's tag")
    func fallback() async throws {
        let registry = FakeRegistry()
        let other = Descriptor(mediaType: .imageManifest, digest: Digest(sha256Of: [3]), size: 1)
        let old = Document(encoding: Index(manifests: [other]), as: .imageIndex)
        registry.hold(manifest: old.bytes, Self.list, as: .imageIndex)
        #expect(await put(registry, Self.signature) == nil)
        #expect(await put(registry, Self.signature) == nil)
        var entry = Self.signature.descriptor
        entry.artifactType = MediaType(rawValue: "application/x-signature")
        entry.annotations = ["by": "me"]
        let found = try await registry.client().referrers(of: Self.subject.digest, in: FakeRegistry.repository)
        #expect(found == [other, entry].sorted { $0.digest.description < $1.digest.description })
        #expect(registry.lines.count { $0 == "PUT /v2/me/app/manifests/\(Self.list)" } == 1)
    }

    @Test("the first of the list makes it")
    func firstReferrer() async throws {
        let registry = FakeRegistry()
        #expect(await put(registry, Self.signature) == nil)
        let found = try await registry.client().referrers(of: Self.subject.digest, in: FakeRegistry.repository)
        #expect(found.map(\.digest) == [Self.signature.descriptor.digest])
    }

    @Test("a list that is itself about something leads no further")
    func endlessSubjects() async throws {
        // Every list that is asked for is about the next thing.
        let registry = FakeRegistry { request, _ in
            guard request.method == .get else { return nil }
            let next = Descriptor(
                mediaType: .imageManifest,
                digest: Digest(sha256Of: Array(request.url.target.utf8)),
                size: 1
            )
            let index = Document(encoding: Index(manifests: [], subject: next), as: .imageIndex)
            return FakeRegistry.Answer(200, ["Content-Type": MediaType.imageIndex.rawValue], index.bytes)
        }
        #expect(await put(registry, Self.signature)?.code == .registryRefused)
        #expect(
            Set(registry.lines) == [
                "PUT /v2/me/app/manifests/1", "GET /v2/me/app/manifests/\(Self.list)",
                "PUT /v2/me/app/manifests/\(Self.list)",
            ]
        )
    }
}
