import TestSupport
import Testing

/// Words of servers and users that repeat a credential: no message has it.
@Suite("Secrets stay out of messages")
struct SecretsTests {
    private static let password = "pa$$ word/+ü"

    /// The forms in which it may come back: in Base64 alone and behind the user name, and percent-encoded.
    private static let forms = [
        password, base64(Array(password.utf8)), base64(Array("me:\(password)".utf8)), "pa%24%24%20word%2F%2B%C3%BC",
    ]

    /// Where a registry may put the words of a request.
    enum Place: String, CaseIterable, Sendable {
        case plainBody, jsonBody, rateLimit, contentType, contentEncoding, location, userInLocation, digest, challenge
        case uploadLocation, link
    }

    /// The answer that repeats `words` in a place.
    private static func answer(_ place: Place, _ words: String, _ asked: FaultyRegistry.Asked) -> ScriptedAnswer {
        let line = words.replacing("\n", with: " ")
        switch place {
        case .plainBody: return .response(400, [("Content-Type", "text/plain")], "you said \(words)")
        case .jsonBody:
            return .response(403, [], #"{"errors":[{"code":"DENIED \#(line)","message":"\#(line) is not allowed"}]}"#)
        case .rateLimit: return .response(429, [("Retry-After", "0"), ("RateLimit-Limit", line)])
        case .contentType: return .response(200, [("Content-Type", line)], asked.answer.body)
        case .contentEncoding: return .response(200, [("Content-Encoding", line)], asked.answer.body)
        case .location: return .response(307, [("Location", "file:///\(line)")])
        case .userInLocation: return .response(307, [("Location", "http://me:\(line)@elsewhere.test/")])
        case .digest: return .response(200, [("Docker-Content-Digest", line)], "{}")
        case .challenge: return .response(401, [("WWW-Authenticate", "Bearer realm=\"http://\(line)/\"")])
        case .uploadLocation: return .response(202, [("Location", "http://\(line)/\(line)")])
        case .link: return .response(200, [("Link", "<http://\(line)/>; rel=next")], #"{"tags":["1"]}"#)
        }
    }

    @Test("a registry that repeats what it was sent is not quoted with it", arguments: Place.allCases)
    func registry(place: Place) throws {
        let image = try SmallImage.image
        for command in [
            ["pull", "REGISTRY/me/app:1", "-o", "out"], ["push", "image", "REGISTRY/me/app:2"],
            ["tags", "REGISTRY/me/app"],
        ] {
            let registry = try FaultyRegistry { asked in
                guard let sent = asked.request["Authorization"] else {
                    return .response(401, [("WWW-Authenticate", "Basic realm=\"x\"")])
                }
                // The check before a push has to pass, or nothing else would be asked.
                if asked.step == .ping, place != .challenge { return asked.answer }
                return Self.answer(place, Self.forms.joined(separator: " ") + " " + sent, asked)
            }
            registry.hold(image, in: "me/app", tag: "1")
            let run = try FaultyRun(
                command.map { String($0.replacing("REGISTRY", with: registry.address)) } + ["--progress", "json"],
                credentials: DockerConfiguration(accountAt: registry.address, password: Self.password),
                files: try SmallImage.layout()
            )
            for form in Self.forms {
                #expect(!(run.outcome.errors + run.outcome.output).contains(form), "\(command[0]): \(run.story)")
            }
            #expect(registry.requests.contains { $0["Authorization"] != nil })
        }
    }

    @Test("a token that its server repeats is not printed, either")
    func token() throws {
        let tokens = try ScriptedServer { _ in .response(200, [], #"{"token":"token-of-the-test"}"#) }
        let registry = try FaultyRegistry { asked in
            guard let sent = asked.request["Authorization"] else {
                let realm = #"Bearer realm="http://\#(tokens.address)/",service="x""#
                return .response(401, [("WWW-Authenticate", realm)])
            }
            return .response(400, [], "you sent \(sent)")
        }
        let run = try FaultyRun(["digest", "\(registry.address)/me/app:1"])
        #expect(run.outcome.errors.contains("you sent Bearer ***"), "\(run.story)")
        #expect(!run.outcome.errors.contains("token-of-the-test"), "\(run.story)")
    }

    @Test(
        "a password inside a reference or an address is not quoted",
        arguments: [
            ["digest", "me:hunter2@registry.test/app:1"], ["pull", "https://me:hunter2@registry.test/app", "-o", "x"],
            ["build", "hello", "-t", "me:hunter2@registry.test/app:1"],
            ["build", "hello", "--base", "me:hunter2@r.test/a"],
            ["build", "hello", "--mirror", "http://me:hunter2@mirror.test/", "--base", "debian13/base"],
            ["copy", "me:hunter2@r.test/a:1", "oci:x"], ["push", "x", "me:hunter2@r.test/a:1"],
            ["tags", "r.test/a", "--insecure-registry", "me:hunter2@r.test"], ["login", "me:hunter2@r.test"],
            ["tags", "r.test/a", "--ca-cert", "me:hunter2@r.test=x"], ["inspect", "docker://me:hunter2@r.test/a:1"],
            ["build", "hello", "--me:hunter2@r.test"], ["me:hunter2@r.test"],
            ["build", "hello", "--cache-to", "https://me:hunter2@r.test/a"],
        ]
    )
    func typed(arguments: [String]) throws {
        let run = try FaultyRun(
            arguments + (arguments.count > 1 ? ["--offline"] : []),
            files: ["hello": try Sample.hello]
        )
        #expect(run.outcome.end != .exited(0), "\(run.story)")
        #expect(!(run.outcome.errors + run.outcome.output).contains("hunter2"), "\(run.story)")
    }

    @Test("a proxy's password is not quoted, whatever the proxy says")
    func proxy() throws {
        let proxy = try ScriptedServer { request in
            .response(407, [("X", "1")], "no \(request["Proxy-Authorization"] ?? "") hunter2")
        }
        for variable in [
            "http://me:hunter2@\(proxy.address)", "http://me:hunter2@proxy.test:x", "socks5://me:hunter2@p:1",
        ] {
            let run = try FaultyRun(
                ["digest", "registry.test/app:1"],
                environment: ["HTTPS_PROXY": variable, "https_proxy": nil, "NO_PROXY": nil, "no_proxy": nil]
            )
            #expect(run.outcome.end != .exited(0), "\(run.story)")
            #expect(!run.outcome.errors.contains("hunter2"), "\(run.story)")
            #expect(!run.outcome.errors.contains("bWU6aHVudGVyMg"), "\(run.story)")
        }
    }
}
