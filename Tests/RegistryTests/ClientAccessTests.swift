import Diagnostics
import HTTP
import OCI
import Store
import Testing

@testable import Registry

/// Which servers get a credential.
@Suite("Registry client: access and redirects")
struct ClientAccessTests {
    private static let challenge: HTTPHeaders = [
        "WWW-Authenticate": #"Bearer realm="https://auth.test/token",service="registry.test""#
    ]

    /// Wants a token, of which those in `good` are taken; the token server hands out 1, 2, 3 …
    private static func guarded(_ good: Set<String>, _ rest: @escaping FakeRegistry.Fault = { _, _ in nil })
        -> FakeRegistry
    {
        FakeRegistry { request, number in
            if request.url.origin.host == "auth.test" {
                return FakeRegistry.Answer(200, text: #"{"token":"\#(number + 1)","expires_in":300}"#)
            }
            if request.url.origin.host == FakeRegistry.host,
                !good.contains(String((request.headers["Authorization"] ?? "").dropFirst(7)))
            {
                return FakeRegistry.Answer(401, challenge)
            }
            return rest(request, number)
        }
    }

    private static let password: @Sendable (inout RegistryClient.Options) -> Void = { options in
        let credential = Credential.basic(username: "me", password: "secret")
        options.credentials = CredentialStore(only: FoundCredential(credential, from: "the test"))
    }

    private func seen(_ registry: FakeRegistry) -> [String] {
        registry.requests.map { request in
            request.url.origin.host + ": " + (request.headers["Authorization"] ?? "nothing")
        }
    }

    @Test("an anonymous token is got once and kept")
    func anonymous() async throws {
        let registry = Self.guarded(["1"])
        let blob = registry.hold([1, 2, 3])
        let client = registry.client()
        #expect(try await client.document(blob, in: FakeRegistry.repository) == [1, 2, 3])
        #expect(try await client.document(blob, in: FakeRegistry.repository) == [1, 2, 3])
        #expect(
            seen(registry) == [
                "registry.test: nothing", "auth.test: nothing", "registry.test: Bearer 1", "registry.test: Bearer 1",
            ]
        )
    }

    @Test("a token that is no longer taken is replaced once")
    func stale() async throws {
        let registry = Self.guarded(["2"])
        let blob = registry.hold([1, 2, 3])
        #expect(try await registry.client(Self.password).document(blob, in: FakeRegistry.repository) == [1, 2, 3])
        #expect(
            seen(registry) == [
                "registry.test: nothing", "auth.test: Basic bWU6c2VjcmV0", "registry.test: Bearer 1",
                "auth.test: Basic bWU6c2VjcmV0", "registry.test: Bearer 2",
            ]
        )
    }

    @Test("a registry that takes no token is asked no more")
    func never() async throws {
        let registry = Self.guarded([])
        let blob = registry.hold([1, 2, 3])
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client(Self.password).document(blob, in: FakeRegistry.repository)
        }
        #expect(registry.requests.count { $0.url.origin.host == "auth.test" } == 2)
        #expect(registry.requests.count { $0.url.origin.host == FakeRegistry.host } == 3)
        #expect(error?.code == .registryUnauthorized)
        #expect(error?.reason?.hasSuffix("asked as user `me` from the test") == true)
        #expect(registry.pauses == [])
    }

    @Test("an invisible repository is reported with the credential")
    func denied() async throws {
        let registry = Self.guarded(["1"]) { _, _ in .error(403, "DENIED") }
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client(Self.password).authorize([.push], in: FakeRegistry.repository)
        }
        #expect(error?.code == .registryDenied)
        #expect(
            error?.reason
                == "`registry.test` answered 403 (DENIED: the message); asked as user `me` from the test"
        )
    }

    @Test("a redirect elsewhere carries the range and no credential; one at home carries both")
    func redirects() async throws {
        let registry = Self.guarded(["1"]) { request, number in
            switch request.line {
            case let line where line.hasPrefix("GET /v2/"):
                FakeRegistry.Answer(307, ["Location": "/storage/1#here"])
            case "GET /storage/1": FakeRegistry.Answer(302, ["Location": "https://cdn.test/x?sig=1"])
            default: FakeRegistry.Answer(200, [:], [1, 2, 3])
            }
        }
        let blob = registry.hold([1, 2, 3])
        #expect(try await registry.client(Self.password).document(blob, in: FakeRegistry.repository) == [1, 2, 3])
        #expect(
            registry.lines.suffix(3) == [
                "GET /v2/me/app/blobs/\(blob.digest)", "GET /storage/1", "GET https://cdn.test/x?sig=1",
            ]
        )
        #expect(
            seen(registry).suffix(3) == ["registry.test: Bearer 1", "registry.test: Bearer 1", "cdn.test: nothing"]
        )
    }

    @Test("another host's challenge is not answered")
    func elsewhere() async throws {
        let registry = Self.guarded(["1"]) { request, _ in
            request.url.origin.host == FakeRegistry.host
                ? FakeRegistry.Answer(307, ["Location": "https://cdn.test/x"])
                : FakeRegistry.Answer(401, ["WWW-Authenticate": #"Basic realm="give""#])
        }
        let blob = registry.hold([1, 2, 3])
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client(Self.password).document(blob, in: FakeRegistry.repository)
        }
        #expect(error?.code == .registryUnauthorized)
        #expect(seen(registry).filter { $0.hasPrefix("cdn") } == ["cdn.test: nothing"])
    }

    @Test("a redirect back to the first host gets no credential")
    func back() async throws {
        let registry = Self.guarded(["1"]) { request, _ in
            switch request.line {
            case let line where line.hasPrefix("GET /v2/"): FakeRegistry.Answer(307, ["Location": "https://cdn.test/x"])
            default: FakeRegistry.Answer(307, ["Location": "https://registry.test/y"])
            }
        }
        let blob = registry.hold([1, 2, 3])
        await #expect(throws: Diagnostic.self) {
            try await registry.client(Self.password).document(blob, in: FakeRegistry.repository)
        }
        let back = registry.requests.filter { $0.line == "GET /y" }
        #expect(!back.isEmpty && back.allSatisfy { $0.headers["Authorization"] == nil })
    }

    @Test(
        "redirects that lead astray are not followed",
        arguments: [
            ("http://registry.test/x", "redirect.refused", 1), ("https://127.0.0.1/x", "redirect.refused", 1),
            ("https://169.254.169.254/x", "redirect.refused", 1), ("file:///etc/passwd", "url.malformed", 1),
            ("https://me:secret@cdn.test/x", "url.malformed", 1), ("/v2/loop", "registry.refused", 11),
        ]
    )
    func astray(location: String, code: String, requests: Int) async throws {
        let registry = FakeRegistry { _, _ in FakeRegistry.Answer(307, ["Location": location]) }
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client().tags(in: FakeRegistry.repository)
        }
        #expect(error?.code.rawValue == code)
        #expect(registry.lines.count == requests)
    }

    @Test("a redirect without a location is an answer")
    func nowhere() async throws {
        let registry = FakeRegistry { _, _ in FakeRegistry.Answer(307) }
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client().tags(in: FakeRegistry.repository)
        }
        #expect(error?.code == .registryRefused)
        #expect(error?.reason == "`registry.test` answered 307")
    }

    @Test("access is asked for at the root, with or without the repository to mount from")
    func authorize() async throws {
        let registry = FakeRegistry { request, _ in
            if request.url.origin.host == "auth.test" {
                return request.url.target.utf8.count { $0 == UInt8(ascii: "=") } > 2
                    ? FakeRegistry.Answer(403) : FakeRegistry.Answer(200, text: #"{"token":"good"}"#)
            }
            return request.headers["Authorization"] == nil ? FakeRegistry.Answer(401, Self.challenge) : nil
        }
        let source = RepositoryName(registry: FakeRegistry.host, path: "other/base")
        let who = try await registry.client(Self.password)
            .authorize([.pull, .push], in: FakeRegistry.repository, sources: [source])
        #expect(who == "user `me` from the test")
        #expect(registry.lines.last == "GET /v2/")
        #expect(registry.requests.last?.headers["Authorization"] == "Bearer good")
    }

    @Test("Docker Hub's images are at its registry, by TLS")
    func hub() async throws {
        let registry = FakeRegistry()
        _ = try await registry.client().authorize([.pull], in: RepositoryName(registry: "docker.io", path: "library/x"))
        #expect(registry.lines == ["GET https://registry-1.docker.io/v2/"])
    }

    @Test(
        "only registries of this machine, and those that the user named, are spoken to without TLS",
        arguments: [
            ("registry.test:5000", ["https"]), ("127.0.0.1.evil.test", ["https"]), ("10.0.0.1:5000", ["https"]),
            ("localhost:5000", ["http", "http"]), ("127.0.0.1:5000", ["http", "http"]),
            ("insecure.test:5000", ["https", "http", "http"]),
        ]
    )
    func schemes(host: String, schemes: [String]) async throws {
        let registry = FakeRegistry { request, _ in
            request.url.origin.scheme == .https && request.url.origin.host == "insecure.test"
                ? FakeRegistry.Answer(failure: HTTPFailure(.tls, "it is not TLS")) : nil
        }
        let client = registry.client { $0.insecureRegistries = ["insecure.test:5000"] }
        _ = try await client.authorize([.pull], in: RepositoryName(registry: host, path: "me/app"))
        #expect(registry.requests.map(\.url.origin.scheme.rawValue) == schemes)
        // What was found out is kept.
        _ = try await client.authorize([.pull], in: RepositoryName(registry: host, path: "me/app"))
        #expect(registry.requests.count == schemes.count + 1)
    }
}
