import TestSupport
import Testing

@Suite("A registry or token server that must not learn a credential, or cannot be satisfied")
struct RegistryFaultTokenTests {
    /// The challenge of a 401; `REALM` is the token server's address.
    @Test(
        "a 401 that cannot be answered is 5, with what the registry said",
        arguments: [
            (nil, "registry.unauthorized"),
            ("Negotiate", "Negotiate"),
            ("Bearer", "registry.unauthorized"),
            ("Basic realm=\"x\"", "me"),
            ("=,,,\"", "registry.unauthorized"),
        ] as [(String?, String)]
    )
    func challenge(challenge: String?, words: String) throws {
        let server = try ScriptedServer { _ in
            .response(401, challenge.map { [("WWW-Authenticate", $0)] } ?? [], "{}")
        }
        let run = try FaultyRun(
            ["digest", "\(server.address)/me/app:1"],
            credentials: DockerConfiguration(accountAt: server.address)
        )
        #expect(run.outcome.end == .exited(5), "\(run.story)")
        #expect(run.outcome.errors.contains(words), "\(run.story)")
        #expect(server.requests.count <= 4, "\(server.requests.map(\.target))")
        expectNoSecret(run)
    }

    /// What a token server answers; the exit code; words of the message.
    @Test(
        "a token server's answers, good and bad",
        arguments: [
            (200, "application/json", #"{"token":"t"}"#, 0, ""),
            (200, "application/json", #"{"access_token":"t","expires_in":0}"#, 0, ""),
            (200, "application/json", #"{"token":"t","expires_in":-1}"#, 0, ""),
            (200, "application/json", #"{"token":"t","expires_in":"60"}"#, 0, ""),
            (200, "application/json", #"{"token":"t","issued_at":7}"#, 0, ""),
            (200, "application/json", #"{}"#, 5, "token"),
            (200, "application/json", #"{"token":""}"#, 5, "token"),
            (200, "application/json", #"{"token":"a\r\nX-Evil: 1"}"#, 5, "token"),
            (200, "application/json", #"{"token":7}"#, 5, "token"),
            (200, "application/json", "", 5, "token"),
            (200, "text/html", "<html>log in</html>", 5, "web page"),
            (200, "application/json", String(repeating: " ", count: 100_000) + "{}", 5, "65536"),
            (401, "application/json", #"{"errors":[{"code":"UNAUTHORIZED","message":"wrong password"}]}"#, 5, "me"),
            (403, "application/json", "{}", 5, "403"),
        ] as [(Int, String, String, Int32, String)]
    )
    func token(status: Int, type: String, body: String, exit: Int32, words: String) throws {
        let tokens = try ScriptedServer { _ in .response(status, [("Content-Type", type)], body) }
        let registry = try Self.registry(realm: "http://\(tokens.address)/token")
        let run = try FaultyRun(
            ["digest", "\(registry.address)/me/app:1"],
            credentials: DockerConfiguration(accountAt: registry.address)
        )
        #expect([exit, exit == 5 ? 6 : exit].map { .exited($0) }.contains(run.outcome.end), "\(run.story)")
        #expect(run.outcome.errors.contains(words), "\(run.story)")
        #expect(tokens.requests.allSatisfy { $0["Authorization"] == TokenServer.basic })
        // Tokens are for one registry: the account goes to the token server alone.
        #expect(!registry.requests.contains { $0["Authorization"] == TokenServer.basic })
        expectNoSecret(run)
    }

    @Test("a token that is never accepted is asked for twice at most")
    func loop() throws {
        let tokens = try ScriptedServer { _ in
            .response(200, [("Content-Type", "application/json")], #"{"token":"t0ken"}"#)
        }
        let challenge = #"Bearer realm="http://\#(tokens.address)/token",service="x",scope="repository:me/app:pull""#
        let registry = try ScriptedServer { _ in .response(401, [("WWW-Authenticate", challenge)], "{}") }
        let run = try FaultyRun(
            ["digest", "\(registry.address)/me/app:1"],
            credentials: DockerConfiguration(accountAt: registry.address)
        )
        #expect(run.outcome.end == .exited(5), "\(run.story)")
        #expect(run.outcome.errors.contains("`me`"), "\(run.story)")
        #expect(tokens.requests.count <= 2)
        #expect(registry.requests.count <= 4)
        #expect(!run.outcome.errors.contains("t0ken"), "\(run.story)")
        expectNoSecret(run)
    }

    /// `PORT` is that of a server which listens, and must not be asked.
    @Test(
        "a realm to which no credential may go is refused before anything is sent there",
        arguments: [
            "http://169.254.169.254/latest", "https://169.254.169.254/latest", "https://10.0.0.1/token",
            "file:///etc/passwd",
            "http://user:secret@127.0.0.1:PORT/token", "http://2130706433:PORT/token", "http://0x7f.1:PORT/token",
            "ftp://127.0.0.1:PORT/token", "//127.0.0.1:PORT/token", "http://0.0.0.0:PORT/token",
            "http://[::]:PORT/token",
            "http://example.test/token", "", "token", "http://127.0.0.1:PORT\\@evil.test/",
            "http://",
        ]
    )
    func realm(realm: String) throws {
        let stranger = try ScriptedServer { _ in .response(200, [], #"{"token":"t"}"#) }
        let registry = try Self.registry(realm: String(realm.replacing("PORT", with: "\(stranger.port)")))
        let run = try FaultyRun(
            ["digest", "\(registry.address)/me/app:1"],
            credentials: DockerConfiguration(accountAt: registry.address)
        )
        #expect([.exited(4), .exited(5)].contains(run.outcome.end), "\(run.story)")
        #expect(stranger.requests.count == 0)
        expectNoSecret(run)
    }

    @Test("a redirect of the token request takes no credential to another server")
    func tokenRedirect() throws {
        let stranger = try ScriptedServer { _ in .response(200, [], #"{"token":"t"}"#) }
        let tokens = try ScriptedServer { _ in .response(307, [("Location", "http://\(stranger.address)/token")]) }
        let registry = try Self.registry(realm: "http://\(tokens.address)/token")
        let run = try FaultyRun(
            ["digest", "\(registry.address)/me/app:1"],
            credentials: DockerConfiguration(accountAt: registry.address)
        )
        #expect(run.outcome.end != .exited(0), "\(run.story)")
        #expect(stranger.requests.allSatisfy { $0["Authorization"] == nil })
        expectNoSecret(run)
    }

    /// A registry that wants the token `t` and gives the small image.
    static func registry(realm: String) throws -> FaultyRegistry {
        let registry = try FaultyRegistry { asked in
            if asked.request["Authorization"] == "Bearer t" { return asked.answer }
            let challenge = #"Bearer realm="\#(realm)",service="registry.test",scope="repository:me/app:pull""#
            return .response(401, [("WWW-Authenticate", challenge)], #"{"errors":[{"code":"UNAUTHORIZED"}]}"#)
        }
        registry.hold(try SmallImage.image, in: "me/app", tag: "1")
        return registry
    }

    private func expectNoSecret(_ run: FaultyRun) {
        for secret in [RegistryServer.password, String(TokenServer.basic.dropFirst(6))] {
            #expect(!(run.outcome.errors + run.outcome.output).contains(secret), "\(run.story)")
        }
    }
}
