import Diagnostics
import HTTP
import OCI
import TestSupport
import Testing

@testable import Registry

@Suite("Authorization")
struct AuthorizationTests {
    private static let registry = HTTPURL(scheme: .https, host: "ghcr.io", target: "/v2/me/app/blobs/x")
    private static let repository = RepositoryName(registry: "ghcr.io", path: "me/app")
    private static let pull = AuthorizationScope([.pull], in: repository)
    private static let push = AuthorizationScope([.pull, .push], in: repository)
    private static let bearer = HTTPHeaders.challenges(#"Bearer realm="https://auth.io/token",service="s""#)
    private static let user = Credential.basic(username: "me", password: "hunter2")
    /// `me:hunter2`.
    private static let basic = "Basic bWU6aHVudGVyMg=="

    private func authorizer(
        _ transport: ScriptedTransport,
        _ credential: Credential? = user,
        plain: Set<String> = []
    ) -> Authorizer {
        let found = credential.map { CredentialStore(only: FoundCredential($0, from: "~/.docker/config.json")) }
        return Authorizer(
            transport,
            credentials: found ?? CredentialStore(environment: ["HOME": "/nowhere"]),
            allowsPlainHTTP: { plain.contains($0) },
            retrying: Retrying(.immediate),
            userAgent: "coracle/test"
        )
    }

    private func answer(
        _ authorizer: Authorizer,
        _ challenge: HTTPHeaders = bearer,
        for scope: AuthorizationScope = pull,
        rejected: String? = nil
    ) async throws(Diagnostic) -> String {
        try await authorizer.answer(challenge, from: Self.registry, for: scope, rejected: rejected)
    }

    @Test("a token is asked for once, and serves all that it covers until it ends")
    func reuse() async throws {
        let transport = ScriptedTransport { _, number in .token("t\(number)") }
        let authorizer = authorizer(transport)
        #expect(await authorizer.authorization(for: Self.pull) == nil)
        #expect(try await answer(authorizer, for: Self.push) == "Bearer t0")
        #expect(await authorizer.authorization(for: Self.push) == "Bearer t0")
        #expect(await authorizer.authorization(for: Self.pull) == "Bearer t0")
        #expect(try await answer(authorizer) == "Bearer t0")
        let request = try #require(transport.requests.first)
        #expect(transport.requests.count == 1)
        #expect(request.method == .get)
        let target = "/token?service=s&scope=repository:me%2Fapp:pull%2Cpush"
        #expect(request.url == HTTPURL(scheme: .https, host: "auth.io", target: target))
        #expect(
            request.headers == [
                "Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "coracle/test",
                "Authorization": Self.basic,
            ]
        )
        // Another repository of the same registry: its token is got without waiting for a challenge.
        let other = AuthorizationScope([.pull], in: RepositoryName(registry: "ghcr.io", path: "you/app"))
        #expect(await authorizer.authorization(for: other) == "Bearer t1")
        #expect(transport.requests.count == 2)
    }

    @Test("what is pushed to is asked for first, then the sources, each in its own `scope`")
    func scopes() async throws {
        let transport = ScriptedTransport { _, _ in .token("t") }
        var scope = Self.push
        scope.sources = [
            RepositoryName(registry: "ghcr.io", path: "a/base"), RepositoryName(registry: "quay.io", path: "not/here"),
        ]
        let challenge = HTTPHeaders.challenges(
            #"Bearer realm="https://auth.io/t?a=b",scope="repository:me/app:delete""#
        )
        _ = try await answer(authorizer(transport), challenge, for: scope)
        let target = "/t?a=b&scope=repository:me%2Fapp:delete%2Cpull%2Cpush&scope=repository:a%2Fbase:pull"
        #expect(transport.requests.map(\.url.target) == [target])
    }

    @Test("without a credential a token is asked for anonymously")
    func anonymous() async throws {
        let transport = ScriptedTransport { _, _ in .token("t") }
        #expect(try await answer(authorizer(transport, nil)) == "Bearer t")
        #expect(transport.requests.map { $0.headers["Authorization"] } == [nil])
    }

    @Test("many requests that want the same token ask for it once")
    func sharing() async throws {
        let transport = ScriptedTransport { _, number in .token("t\(number)") }
        let authorizer = authorizer(transport)
        let answers = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<50 { group.addTask { try? await answer(authorizer) } }
            return await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(answers == ["Bearer t0"])
        #expect(transport.requests.count == 1)
    }

    @Test("a token that is refused is replaced once; then it is over")
    func loop() async throws {
        let transport = ScriptedTransport { _, number in .token("hunter\(number)") }
        let authorizer = authorizer(transport)
        let first = try await answer(authorizer)
        let second = try await answer(authorizer, rejected: first)
        #expect(second == "Bearer hunter1")
        // A late caller with the first token gets the second.
        #expect(try await answer(authorizer, rejected: first) == second)
        let error = await #expect(throws: Diagnostic.self) { try await answer(authorizer, rejected: second) }
        #expect(error?.code == .registryUnauthorized)
        #expect(error?.reason?.contains("auth.io") == true)
        #expect(error?.reason?.contains("user `me` from ~/.docker/config.json") == true)
        #expect(!"\(String(describing: error))".contains("hunter"))
        #expect(transport.requests.count == 2)
    }

    @Test(
        "a token server's refusal is reported with the credential, and the server is not asked again",
        arguments: [401, 403]
    )
    func refusal(status: Int) async throws {
        let transport = ScriptedTransport { _, _ in
            .init(status: status, headers: .challenges(#"Bearer realm="https://evil.io/""#), body: "hunter2")
        }
        let named = await #expect(throws: Diagnostic.self) { try await answer(authorizer(transport)) }
        #expect(named?.code == .registryUnauthorized)
        #expect(named?.code.category == .authentication)
        #expect(named?.reason?.contains("asked as user `me` from ~/.docker/config.json") == true)
        let nobody = await #expect(throws: Diagnostic.self) {
            try await answer(authorizer(transport, nil), for: Self.push)
        }
        #expect(nobody?.summary == "`ghcr.io` does not let us push to `me/app`")
        #expect(nobody?.reason?.contains("anonymous: no credential for ghcr.io in ~/.docker/config.json") == true)
        #expect(nobody?.hint?.contains("coracle login ghcr.io") == true)
        #expect(!"\(String(describing: named))".contains("hunter2"))
        #expect(transport.requests.map(\.url.origin.host) == ["auth.io", "auth.io"])
    }

    @Test(
        "a token server that fails for a while is asked again",
        arguments: [
            .init(status: 429, headers: ["Retry-After": "0"]), .init(status: 503), .init(status: 500),
            .init(failure: HTTPFailure(.reset, "the connection broke")),
        ] as [ScriptedTransport.Answer]
    )
    func retries(fault: ScriptedTransport.Answer) async throws {
        let passing = ScriptedTransport { _, number in number < 4 ? fault : .token("t") }
        #expect(try await answer(authorizer(passing)) == "Bearer t")
        #expect(passing.requests.count == 5)
        let lasting = ScriptedTransport { _, _ in fault }
        let error = await #expect(throws: Diagnostic.self) { try await answer(authorizer(lasting)) }
        #expect(error?.code == .registryTokenUnavailable)
        #expect(error?.code.category == .network)
        #expect(error?.reason?.contains("; after 5 attempts over") == true)
        #expect(lasting.requests.count == 5)
    }

    @Test(
        "a refused credential is reported at once",
        arguments: [
            (.init(status: 404), .registryTokenMalformed), (.init(status: 400), .registryTokenMalformed),
            (.init(body: "<html>"), .registryTokenMalformed),
            (.init(body: String(repeating: " ", count: 65_537)), .registryTokenMalformed),
            (.init(failure: HTTPFailure(.tls, "it is expired")), .registryTokenUnavailable),
            (.init(status: 302, headers: ["Location": "https://evil.io/"]), .registryRealmRefused),
            (.init(status: 307, headers: ["Location": "http://auth.io/token"]), .registryRealmRefused),
            (.init(status: 302, headers: ["Location": "https://169.254.169.254/"]), .registryRealmRefused),
            (.init(status: 302, headers: ["Location": "file:///etc/passwd"]), .registryTokenMalformed),
            (.init(status: 302), .registryTokenMalformed),
        ] as [(ScriptedTransport.Answer, Diagnostic.Code)]
    )
    func faults(fault: ScriptedTransport.Answer, code: Diagnostic.Code) async throws {
        let transport = ScriptedTransport { _, _ in fault }
        let error = await #expect(throws: Diagnostic.self) { try await answer(authorizer(transport)) }
        #expect(error?.code == code)
        #expect(transport.requests.count == 1)
    }

    @Test("redirects within the token server are followed, three of them")
    func redirects() async throws {
        let passing = ScriptedTransport { _, number in
            number < 3 ? .init(status: 302, headers: ["Location": "/\(number)"]) : .token("t")
        }
        #expect(try await answer(authorizer(passing)) == "Bearer t")
        #expect(passing.requests.map { $0.headers["Authorization"] } == Array(repeating: Self.basic, count: 4))
        let endless = ScriptedTransport { _, number in .init(status: 302, headers: ["Location": "/\(number)"]) }
        let error = await #expect(throws: Diagnostic.self) { try await answer(authorizer(endless)) }
        #expect(error?.code == .registryTokenMalformed)
        #expect(endless.requests.count == 4)
    }

    @Test(
        "an identity token is exchanged by a form, or used as a password where that is not known",
        arguments: [200, 404, 405, 400]
    )
    func identity(status: Int) async throws {
        let transport = ScriptedTransport { request, _ in
            request.method == .post && status != 200 ? .init(status: status) : .token("t")
        }
        #expect(try await answer(authorizer(transport, .identityToken("a b&c"))) == "Bearer t")
        let form = """
            grant_type=refresh_token&client_id=coracle&service=s&scope=repository:me%2Fapp:pull\
            &refresh_token=a%20b%26c
            """
        #expect(transport.requests[0].text == form)
        #expect(transport.requests[0].url.target == "/token")
        #expect(transport.requests[0].headers["Content-Type"] == "application/x-www-form-urlencoded")
        #expect(transport.requests[0].headers["Authorization"] == nil)
        // "<token>:a b&c".
        #expect(
            transport.requests.dropFirst().map { $0.headers["Authorization"] }
                == (status == 200 ? [] : ["Basic PHRva2VuPjphIGImYw=="])
        )
    }

    @Test("a registry's own token is sent as it is")
    func registryToken() async throws {
        let transport = ScriptedTransport { _, _ in .token("other") }
        let authorizer = authorizer(transport, .bearer("mine"))
        #expect(try await answer(authorizer) == "Bearer mine")
        #expect(transport.requests.isEmpty)
    }

    @Test("a password is sent when a registry asks for it, and only once")
    func basic() async throws {
        let transport = ScriptedTransport { _, _ in .token("t") }
        let authorizer = authorizer(transport)
        let challenge = HTTPHeaders.challenges(#"Basic realm="x""#)
        #expect(try await answer(authorizer, challenge) == Self.basic)
        #expect(await authorizer.authorization(for: Self.push) == Self.basic)
        let error = await #expect(throws: Diagnostic.self) {
            try await answer(authorizer, challenge, rejected: Self.basic)
        }
        #expect(error?.code == .registryUnauthorized)
        #expect(transport.requests.isEmpty)
    }

    @Test("a token is preferred to a password")
    func preference() async throws {
        let transport = ScriptedTransport { _, _ in .token("t") }
        let challenge = HTTPHeaders.challenges(#"Basic realm="x", Bearer realm="https://auth.io/token""#)
        #expect(try await answer(authorizer(transport), challenge) == "Bearer t")
    }

    @Test("a password is sent without TLS only to this machine, or where the user allows it")
    func plain() async throws {
        let transport = ScriptedTransport { _, _ in .token("t") }
        let challenge = HTTPHeaders.challenges("Basic realm=x")
        let cases: [(String, Set<String>, Bool)] = [
            ("127.0.0.1", [], true), ("ghcr.io", [], false), ("ghcr.io", ["ghcr.io:5000"], true),
            ("ghcr.io", ["ghcr.io"], false),
        ]
        for (host, named, isSent) in cases {
            let url = HTTPURL(scheme: .http, host: host, port: 5000, target: "/v2/")
            let authorizer = authorizer(transport, plain: named)
            let value = try? await authorizer.answer(challenge, from: url, for: Self.pull, rejected: nil)
            #expect(value == (isSent ? Self.basic : nil), "\(host)")
        }
    }

    @Test(
        "a challenge that cannot be answered is shown",
        arguments: [
            (HTTPHeaders(), "does not name"), (.challenges("Negotiate"), "`Negotiate`"),
            (.challenges(#"Bearer error="invalid_token""#), "invalid_token"), (.challenges("\"\","), "`\"\",`"),
        ]
    )
    func unknown(challenge: HTTPHeaders, text: String) async throws {
        let transport = ScriptedTransport { _, _ in .token("t") }
        let error = await #expect(throws: Diagnostic.self) { try await answer(authorizer(transport), challenge) }
        #expect(error?.code == .registryUnauthorized)
        #expect(error?.reason?.contains(text) == true)
        #expect(transport.requests.isEmpty)
    }

    @Test("no credential is sent to a realm that is not trusted, nor is it looked for")
    func realm() async throws {
        let transport = ScriptedTransport { _, _ in .token("t") }
        let challenge = HTTPHeaders.challenges(#"Bearer realm="http://169.254.169.254/""#, "Basic realm=x")
        let error = await #expect(throws: Diagnostic.self) { try await answer(authorizer(transport), challenge) }
        #expect(error?.code == .registryRealmRefused)
        #expect(transport.requests.isEmpty)
    }

    @Test("messages name the credential")
    func description() async throws {
        let transport = ScriptedTransport { _, _ in .token("t") }
        let named = try await authorizer(transport).credentialDescription(for: Self.repository)
        #expect(named == "user `me` from ~/.docker/config.json")
        let nobody = try await authorizer(transport, nil).credentialDescription(for: Self.repository)
        #expect(
            nobody == "anonymous: no credential for ghcr.io in ~/.docker/config.json, ~/.config/containers/auth.json"
        )
    }
}
