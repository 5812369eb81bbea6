import Diagnostics
import HTTP
import OCI
import Store
import Testing

@testable import Registry

@Suite("Registry client: uploads and mounts")
struct ClientUploadTests {
    private static let bytes = (0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    private static let digest = Digest(sha256Of: bytes)
    private static let blob = Descriptor(mediaType: .layerTarGzip, digest: digest, size: 5_000)
    private static let begin = "POST /v2/me/app/blobs/uploads/"
    private static let other = RepositoryName(registry: FakeRegistry.host, path: "other/base")

    private struct Content: HTTPUpload {
        var bytes = ClientUploadTests.bytes
        var size: Int64 { Int64(bytes.count) }

        func read(at offset: Int64, count: Int) -> [UInt8] { Array(bytes.dropFirst(Int(offset)).prefix(count)) }
    }

    private func upload(
        _ registry: FakeRegistry,
        _ content: Content = Content(),
        _ blob: Descriptor = blob,
        _ change: (inout RegistryClient.Options) -> Void = { _ in }
    ) async -> Diagnostic? {
        do throws(Diagnostic) {
            try await registry.client(change).upload(blob, content, to: FakeRegistry.repository)
            return nil
        } catch {
            return error
        }
    }

    /// The place of an upload, and what is answered there.
    private static func at(
        _ location: String?,
        _ put: @escaping @Sendable (Int) -> FakeRegistry.Answer? = { _ in .init(201) }
    ) -> FakeRegistry {
        FakeRegistry { request, number in
            switch request.method {
            case .post: FakeRegistry.Answer(202, location.map { ["Location": $0] } ?? [:])
            case .put: put(number)
            default: nil
            }
        }
    }

    @Test("a blob is begun and sent, as a whole")
    func simple() async throws {
        let registry = FakeRegistry()
        #expect(await upload(registry) == nil)
        #expect(
            registry.lines == [Self.begin, "PUT /v2/me/app/blobs/uploads/1?_state=s%2B1&digest=\(Self.digest)"]
        )
        #expect(registry.blobs == ["me/app@\(Self.digest)": Self.bytes])
        #expect(registry.requests.map { $0.headers["Content-Type"] } == [nil, "application/octet-stream"])
        #expect(registry.events == ["began upload", "1000", "2000", "3000", "4000", "5000", "ended transferred"])
    }

    @Test("an empty blob is sent, too")
    func empty() async throws {
        let registry = FakeRegistry()
        let blob = Descriptor(mediaType: .layerTar, digest: Digest(sha256Of: [UInt8]()), size: 0)
        #expect(await upload(registry, Content(bytes: []), blob) == nil)
        #expect(registry.blobs == ["me/app@\(blob.digest)": []])
    }

    @Test(
        "where an upload goes on is for the registry to say, and the digest is added to it",
        arguments: [
            ("https://registry.test/u/1", "PUT /u/1?digest=\(digest)"), ("/u/1", "PUT /u/1?digest=\(digest)"),
            ("u?a=%2F&b", "PUT /v2/me/app/blobs/uploads/u?a=%2F&b&digest=\(digest)"),
            ("/u?", "PUT /u?digest=\(digest)"), ("/u?a=1&", "PUT /u?a=1&digest=\(digest)"),
            ("/u/1#part", "PUT /u/1?digest=\(digest)"),
            ("https://storage.test/x?sig=1", "PUT https://storage.test/x?sig=1&digest=\(digest)"),
        ]
    )
    func location(location: String, line: String) async throws {
        let registry = Self.at(location)
        #expect(await upload(registry) == nil)
        #expect(registry.lines == [Self.begin, line])
        #expect(registry.requests.last?.body == Self.bytes)
    }

    @Test(
        "a place where nothing may be sent is refused before anything is",
        arguments: [
            (nil, "registry.refused"), ("http://registry.test/u", "redirect.refused"),
            ("https://10.0.0.1/u", "redirect.refused"), ("https://[::1]/u", "redirect.refused"),
            ("ftp://registry.test/u", "url.malformed"), ("https://u:p@registry.test/", "url.malformed"),
        ] as [(String?, String)]
    )
    func badLocation(location: String?, code: String) async throws {
        let registry = Self.at(location)
        #expect(await upload(registry)?.code.rawValue == code)
        #expect(registry.lines == [Self.begin])
    }

    @Test("another host that takes the bytes gets no credential")
    func otherHost() async throws {
        let registry = FakeRegistry { request, number in
            switch (request.url.origin.host, request.method) {
            case ("auth.test", _): FakeRegistry.Answer(200, text: #"{"token":"good"}"#)
            case ("storage.test", _) where number == 0: FakeRegistry.Answer(503)
            case ("storage.test", _): FakeRegistry.Answer(401, ["WWW-Authenticate": "Basic realm=\"x\""])
            case (_, _) where request.headers["Authorization"] == nil:
                FakeRegistry.Answer(401, ["WWW-Authenticate": #"Bearer realm="https://auth.test/",service="x""#])
            case (_, .post): FakeRegistry.Answer(202, ["Location": "https://storage.test/x"])
            default: nil
            }
        }
        let error = await upload(registry, Content(), Self.blob) { options in
            let credential = Credential.basic(username: "me", password: "secret")
            options.credentials = CredentialStore(only: FoundCredential(credential, from: "the test"))
        }
        #expect(error?.code == .registryUnauthorized)
        let elsewhere = registry.requests.filter { $0.url.origin.host == "storage.test" }
        #expect(elsewhere.count == 2 && elsewhere.allSatisfy { $0.headers["Authorization"] == nil })
    }

    @Test(
        "an upload that fails is begun again from its first byte, unless the blob has arrived",
        arguments: [
            .init(failure: HTTPFailure(.reset, "reset")), .init(503), .init(500), .init(404), .init(416),
            .error(400, "BLOB_UPLOAD_INVALID"), .error(404, "BLOB_UPLOAD_UNKNOWN"),
        ] as [FakeRegistry.Answer]
    )
    func again(first: FakeRegistry.Answer) async throws {
        let registry = FakeRegistry { request, _ in
            request.url.target.hasPrefix("/v2/me/app/blobs/uploads/1?") ? first : nil
        }
        #expect(await upload(registry) == nil)
        #expect(
            registry.lines == [
                Self.begin, "PUT /v2/me/app/blobs/uploads/1?_state=s%2B1&digest=\(Self.digest)",
                "HEAD /v2/me/app/blobs/\(Self.digest)",
                Self.begin, "PUT /v2/me/app/blobs/uploads/2?_state=s%2B1&digest=\(Self.digest)",
            ]
        )
        #expect(registry.requests.last?.body == Self.bytes)
        #expect(registry.pauses == [1])
    }

    @Test("an upload whose answer was lost is not sent again")
    func arrived() async throws {
        let registry = FakeRegistry { request, _ in
            request.method == .put ? FakeRegistry.Answer(failure: HTTPFailure(.stalled, "silence")) : nil
        }
        registry.hold(Self.bytes)
        #expect(await upload(registry) == nil)
        #expect(registry.requests.map(\.method.rawValue) == ["POST", "PUT", "HEAD"])
    }

    @Test("five uploads that fail are enough")
    func hopeless() async throws {
        let registry = FakeRegistry { request, _ in request.method == .put ? .error(503, "BUSY") : nil }
        let error = await upload(registry)
        #expect(error?.code == .registryUnavailable)
        #expect(error?.timelessReason == "`registry.test` answered 503 (BUSY: the message); after 5 attempts over")
        #expect(registry.requests.count { $0.method == .put } == 5)
        #expect(registry.events.last == "ended failed")
    }

    @Test(
        "an upload is taken where the registry has it",
        arguments: [
            (.init(201), false, nil), (.init(201, ["Docker-Content-Digest": "\(digest)"]), false, nil),
            (.init(204, ["Docker-Content-Digest": "\(digest)"]), false, nil), (.init(202), true, nil),
            (.init(204), true, nil), (.init(200), true, nil), (.init(202), false, "registry.refused"),
            (.init(204), false, "registry.refused"),
            (.init(201, ["Docker-Content-Digest": "\(Digest(sha256Of: [1]))"]), true, "registry.refused"),
            (.error(400, "DIGEST_INVALID"), true, "registry.refused"), (.error(413, "SIZE"), true, "registry.refused"),
            (.error(403, "DENIED"), true, "registry.denied"),
            (.init(302, ["Location": "/x"]), true, "registry.refused"),
        ] as [(FakeRegistry.Answer, Bool, String?)]
    )
    func outcome(answer: FakeRegistry.Answer, isThere: Bool, code: String?) async throws {
        let registry = Self.at("/u/1") { _ in answer }
        if isThere { registry.hold(Self.bytes) }
        #expect(await upload(registry)?.code.rawValue == code)
        #expect(registry.requests.count { $0.method == .put } == 1)
    }

    @Test("the last piece of what does not verify is not sent, and the upload is ended")
    func wrongContent() async throws {
        let registry = FakeRegistry()
        let error = await upload(registry, Content(bytes: Self.bytes.dropLast() + [0]))
        #expect(error?.code == .blobDigest)
        #expect(registry.requests.map(\.method.rawValue) == ["POST", "PUT", "DELETE"])
        #expect(registry.requests[1].body == Array(Self.bytes.prefix(4000)))
        #expect(registry.blobs == [:])
    }

    @Test("an upload that is cancelled is ended at the registry, too")
    func cancelledUpload() async throws {
        let registry = FakeRegistry { request, _ in
            request.method == .put ? FakeRegistry.Answer(failure: HTTPFailure(.cancelled, "it was cancelled")) : nil
        }
        let task = Task { await upload(registry) }
        task.cancel()
        #expect(await task.value != nil)
        #expect(registry.lines.last == "DELETE /v2/me/app/blobs/uploads/1?_state=s%2B1")
    }

    /// A registry that never answers the end of an upload.
    private struct Silent: HTTPTransport {
        let registry: FakeRegistry

        func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
            // Not even when it is cancelled.
            if request.method == .delete { await Task.detached { try? await Task.sleep(for: .seconds(600)) }.value }
            return try await registry.send(request)
        }
    }

    @Test("an upload that cannot be ended is left to the registry")
    func silentEnd() async throws {
        let options = RegistryClient.Options(credentials: CredentialStore(environment: [:]))
        let client = RegistryClient(Silent(registry: FakeRegistry()), options)
        let start = ContinuousClock.now
        let error = await #expect(throws: Diagnostic.self) {
            try await client.upload(Self.blob, Content(bytes: Self.bytes.reversed()), to: FakeRegistry.repository)
        }
        #expect(error?.code == .blobDigest)
        #expect(ContinuousClock.now - start < .seconds(300))
    }

    // MARK: Mounts

    @Test(
        "a mount works, or the blob is uploaded",
        arguments: [
            (.init(201), true, 1), (.init(202), false, 1), (.init(202, ["Location": "/u/1?x"]), false, 2),
            (.init(400), false, 1), (.init(401), false, 1), (.init(403), false, 1), (.init(404), false, 1),
            (.init(405), false, 1), (.init(500), false, 1), (.init(failure: HTTPFailure(.reset, "reset")), false, 1),
            (.init(202, ["Location": "https://169.254.169.254/u"]), false, 1),
        ] as [(FakeRegistry.Answer, Bool, Int)]
    )
    func mount(answer: FakeRegistry.Answer, expected: Bool, requests: Int) async throws {
        let registry = FakeRegistry { request, _ in request.method == .post ? answer : nil }
        let client = registry.client()
        #expect(try await client.mount(Self.blob, from: Self.other, into: FakeRegistry.repository) == expected)
        let lines = ["POST /v2/me/app/blobs/uploads/?mount=\(Self.digest)&from=other%2Fbase", "DELETE /u/1?x"]
        #expect(registry.lines == Array(lines[..<requests]))
    }

    @Test("nothing is mounted from another registry, or from where it is")
    func noMount() async throws {
        let registry = FakeRegistry()
        for source in [RepositoryName(registry: "other.test", path: "base"), FakeRegistry.repository] {
            #expect(try await !registry.client().mount(Self.blob, from: source, into: FakeRegistry.repository))
        }
        #expect(registry.lines == [])
    }
}
