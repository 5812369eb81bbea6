import TestSupport
import Testing

@Suite("The scripted server, asked by curl")
struct ScriptedServerTests {
    @Test("it answers requests of all shapes on one connection, and remembers them")
    func shapes() throws {
        let server = try ScriptedServer { request in
            .response(200, [("X-Path", request.path)], "\(request.body.count)\n")
        }
        let url = "http://\(server.address)"
        let output = try Command(
            "curl",
            [
                "-sS", "-m", "20", "-H", "Expect: 100-continue", "-d", String(repeating: "x", count: 5000),
                "\(url)/a?b=c%3Ad",
            ]
                + ["--next", "-sS", "-H", "Transfer-Encoding: chunked", "-d", "abc", "\(url)/chunked"]
                + ["--next", "-sSI", "\(url)/head"]
        ).output()
        #expect(output.hasPrefix("5000\n3\n"))
        #expect(output.contains("X-Path: /head"))
        #expect(server.requests.map(\.method) == ["POST", "POST", "HEAD"])
        #expect(server.requests.map(\.connection) == [0, 0, 0])
        #expect(server.requests[0].parameters("b") == ["c:d"])
        #expect(server.requests[1].body == Array("abc".utf8))
    }

    /// What the server does, and curl's exit code for it.
    @Test(
        "it misbehaves as its script says",
        arguments: [
            ([.reset], 56),
            ([.close], 52),
            (ScriptedAnswer.truncated(200, [], Array("0123456789".utf8), after: 4, then: .reset).steps, 56),
            (ScriptedAnswer.truncated(200, [], Array("0123456789".utf8), after: 4, then: .close).steps, 18),
            ([.pause(.seconds(60))], 28),
            ([.bytes(Array("nonsense\r\n\r\n".utf8)), .close], 1),
            (
                [.bytes(ScriptedAnswer.head(200, length: 3)), .drip([1, 2, 3], every: .milliseconds(5)), .halfClose],
                0
            ),
        ] as [([ScriptedAnswer.Step], Int32)]
    )
    func misbehaves(steps: [ScriptedAnswer.Step], code: Int32) throws {
        let server = try ScriptedServer { _ in ScriptedAnswer(steps) }
        let outcome = try Command("curl", ["-sS", "-m", "2", "http://\(server.address)/"]).run()
        #expect(outcome.end == .exited(code), "\(outcome.errors)")
        #expect(server.requests.count == 1)
    }

    @Test("an early answer comes before the body, and stopping ends what waits")
    func early() throws {
        let server = try ScriptedServer(bodyLimit: { _ in 0 }) { _ in .response(401, [], "no\n") }
        let body = String(repeating: "x", count: 100_000)
        let output = try Command("curl", ["-sS", "-m", "20", "-d", body, "http://\(server.address)/"]).output()
        #expect(output == "no\n")
        #expect(server.requests.first?.body == [])
        server.stop()
        #expect(!Loopback.isListening(server.port))
    }
}
