import Diagnostics
import HTTP
import TestSupport
import Testing

@Suite("The transport, when something goes wrong")
struct FaultTests {
    @Test("a port without a listener is a refused connection")
    func refused() async throws {
        let port = try Loopback.freePort()
        let failure = try await Exchange().failure(.get, "http://127.0.0.1:\(port)/")
        #expect(failure.kind == .connect)
        #expect(failure.reason == "`127.0.0.1:\(port)` refuses the connection")
        #expect(failure.isTransient)
        let byName = try await Exchange().failure(.get, "http://localhost:\(port)/")
        #expect(byName.kind == .connect)
        #expect(byName.reason == "`localhost:\(port)` refuses the connection")
    }

    @Test(
        "a host name without an address is reported as such",
        arguments: ["no-such-host.invalid", "no_such-host.invalid", "no-such-host.invalid.", "0x7f.invalid"]
    )
    func unresolved(name: String) async throws {
        let failure = try await Exchange().failure(.get, "http://\(name)/")
        #expect(failure.kind == .nameResolution)
        #expect(failure.reason == "`\(name)` has no address: its name cannot be resolved")
    }

    @Test("an IPv6 address is an address, whether or not this machine has one")
    func version6() async throws {
        let port = try Loopback.freePort()
        let failure = try await Exchange().failure(.get, "http://[::1]:\(port)/")
        #expect(failure.kind == .connect)
        #expect(failure.reason.contains("`[::1]:\(port)`"))
    }

    @Test(
        "a connection that ends before the answer does is a reset",
        arguments: [
            "nothing-reset", "nothing-close", "head-reset", "head-close", "body-reset", "body-close", "chunk-close",
            "chunk-reset",
        ]
    )
    func reset(place: String) async throws {
        let server = try ScriptedServer { _ in
            let end: ScriptedAnswer.Step = place.hasSuffix("reset") ? .reset : .close
            let text =
                switch place.prefix(4) {
                case "noth": ""
                case "head": "HTTP/1.1 200 OK\r\nContent-Le"
                case "body": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"
                default: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"
                }
            return ScriptedAnswer([.bytes(Array(text.utf8)), .pause(.milliseconds(30)), end])
        }
        let failure = try await Exchange().failure(.get, "http://\(server.address)/")
        #expect(failure.kind == .reset)
    }

    @Test(
        "an answer whose length is ambiguous is refused",
        arguments: [
            "Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5\r\nContent-Length: 5",
            "Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Content-Length: -5", "Content-Length: +5", "Content-Length: 5, 5", "Content-Length: 0x5",
            "Content-Length:",
            "Content-Length: 99999999999999999999", "Content-Length : 5", "Bad Name: x",
        ]
    )
    func ambiguous(fields: String) async throws {
        let server = try ScriptedServer { _ in
            ScriptedAnswer([
                .bytes(Array("HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n12345".utf8)), .pause(.milliseconds(100)),
            ])
        }
        let failure = try await Exchange().failure(.get, "http://\(server.address)/")
        #expect(failure.kind == .malformed)
        #expect(!failure.isTransient)
    }

    @Test(
        "an answer that is not HTTP is reported as such",
        arguments: [
            "SSH-2.0-OpenSSH_9.2\r\n", "<html></html>\n", "HTTP/9 200 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
            "\u{0}\u{1}\u{2}\u{3}",
        ]
    )
    func notHTTP(text: String) async throws {
        let server = try ScriptedServer { _ in ScriptedAnswer([.bytes(Array(text.utf8)), .pause(.milliseconds(200))]) }
        let failure = try await Exchange().failure(.get, "http://\(server.address)/")
        #expect(failure.kind == .malformed)
    }

    @Test("header fields without an end are given up, long before memory is", arguments: ["X: ", "one line"])
    func endlessHead(kind: String) async throws {
        let server = try ScriptedServer { _ in
            let piece =
                kind == "X: " ? "X: \(String(repeating: "a", count: 1000))\r\n" : String(repeating: "a", count: 1002)
            let head = Array("HTTP/1.1 200 OK\r\nX-Long: ".utf8)
            return ScriptedAnswer([.bytes(head)] + Array(repeating: .bytes(Array(piece.utf8)), count: 4000))
        }
        let failure = try await Exchange().failure(.get, "http://\(server.address)/")
        #expect(failure.kind == .malformed)
    }

    @Test("a second answer without a request does not disturb the next request")
    func unsolicited() async throws {
        let twice = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
        let server = try ScriptedServer { _ in ScriptedAnswer([.bytes(Array((twice + twice).utf8))]) }
        let exchange = try Exchange()
        // Many, as it depends on the moment whether the connection is chosen again before it is closed.
        for _ in 0..<200 { #expect(try await exchange(.get, "http://\(server.address)/").status == 200) }
    }

    @Test("waiting for an answer that does not begin ends at the time limit")
    func noAnswer() async throws {
        let server = try ScriptedServer { _ in ScriptedAnswer([.pause(.seconds(20))]) }
        let failure = try await Exchange(.short).failure(.get, "http://\(server.address)/")
        #expect(failure.kind == .stalled)
        #expect(failure.reason == "no answer came within 800 ms")
    }

    @Test("a head that drips is given up, though something comes all the time")
    func drippingHead() async throws {
        let head = ScriptedAnswer.head(200, [("X", String(repeating: "a", count: 1000))])
        let server = try ScriptedServer { _ in ScriptedAnswer([.drip(head, every: .milliseconds(20))]) }
        #expect(try await Exchange(.short).failure(.get, "http://\(server.address)/").kind == .stalled)
    }

    @Test("a body that stops is given up; one that drips is not")
    func stalledBody() async throws {
        let server = try ScriptedServer { request in
            let head = ScriptedAnswer.Step.bytes(ScriptedAnswer.head(200, length: 12))
            let bytes = Array("hello, world".utf8)
            return request.target == "/drip"
                ? ScriptedAnswer([head, .drip(bytes, every: .milliseconds(100))])
                : ScriptedAnswer([head, .bytes(Array(bytes.prefix(5))), .pause(.seconds(20))])
        }
        let exchange = try Exchange(.short)
        let failure = try await exchange.failure(.get, "http://\(server.address)/")
        #expect(failure.kind == .stalled)
        #expect(failure.reason == "nothing came for 400 ms")
        #expect(try await exchange(.get, "http://\(server.address)/drip").body == "hello, world")
    }

    @Test("a body below the minimum rate is given up even if it never stops; a faster one is not")
    func slowBody() async throws {
        let server = try ScriptedServer { request in
            let head = ScriptedAnswer.Step.bytes(ScriptedAnswer.head(200, length: 40_000))
            let half = [UInt8](repeating: 0x61, count: 20_000)
            return request.target == "/fast"
                ? ScriptedAnswer([head, .bytes(half), .pause(.seconds(1)), .bytes(half)])
                : ScriptedAnswer([head, .drip(half, every: .milliseconds(40))])
        }
        let exchange = try Exchange(.measured)
        let failure = try await exchange.failure(.get, "http://\(server.address)/slow")
        #expect(failure.kind == .stalled)
        #expect(failure.reason.hasPrefix("only "), "\(failure.reason)")
        #expect(failure.reason.hasSuffix(" bytes came in 800 ms"), "\(failure.reason)")
        #expect(try await exchange(.get, "http://\(server.address)/fast").body.utf8.count == 40_000)
    }

    @Test("an upload that the server takes more slowly than the smallest rate is given up")
    func slowUpload() async throws {
        let server = try ScriptedServer(bodyLimit: { _ in 1 }) { _ in ScriptedAnswer([.pause(.seconds(20))]) }
        let content = PatternUpload(size: 200 << 20)
        let failure = try await Exchange(.measured).failure(.put, "http://\(server.address)/", body: .upload(content))
        #expect(failure.kind == .stalled)
        #expect(failure.reason.hasPrefix("the server took only "), "\(failure.reason)")
        #expect(failure.reason.hasSuffix(" bytes in 800 ms"), "\(failure.reason)")
    }

    @Test("a reader that is slow itself does not make the server slow")
    func slowReaderAndRate() async throws {
        let server = try ScriptedServer { _ in .response(200, [], [UInt8](repeating: 0x61, count: 4 << 20)) }
        let request = HTTPRequest(.get, try HTTPURL(parsing: "http://\(server.address)/"))
        let response = try await Exchange(.measured).transport.send(request)
        _ = try await response.body.next()
        try await Task.sleep(for: .milliseconds(2000))
        #expect(try await response.body.collect(limit: 5 << 20) != nil)
    }

    @Test("an upload that the server does not take is given up")
    func stalledUpload() async throws {
        let server = try ScriptedServer(bodyLimit: { _ in 1 }) { _ in ScriptedAnswer([.pause(.seconds(20))]) }
        let content = PatternUpload(size: 200 << 20)
        let failure = try await Exchange(.short).failure(.put, "http://\(server.address)/", body: .upload(content))
        #expect(failure.kind == .stalled)
        #expect(failure.reason == "the server took nothing for 400 ms")
        // What is read ahead fits the buffers, ours and the kernel's.
        #expect(content.bytesRead < 32 << 20)
    }

    @Test("a reader that takes its time is not taken for a server that stalls")
    func slowReader() async throws {
        let bytes = PatternUpload.bytes(at: 0, count: 16 << 20)
        let server = try ScriptedServer { _ in .response(200, [], bytes) }
        let request = HTTPRequest(.get, try HTTPURL(parsing: "http://\(server.address)/"))
        let response = try await Exchange(.short).transport.send(request)
        _ = try await response.body.next()
        try await Task.sleep(for: .milliseconds(1200))
        #expect(try await response.body.collect(limit: 20 << 20) != nil)
    }

    @Test("a kept connection that is idle for long is not taken for a stall")
    func idle() async throws {
        let server = try ScriptedServer { _ in .response(200, [], "a") }
        let exchange = try Exchange(.short)
        #expect(try await exchange(.get, "http://\(server.address)/").status == 200)
        try await Task.sleep(for: .milliseconds(1200))
        #expect(try await exchange(.get, "http://\(server.address)/").status == 200)
        #expect(server.connectionCount == 1)
    }

    @Test("a cancelled request ends at once", arguments: ["head", "body"])
    func cancelled(place: String) async throws {
        let server = try ScriptedServer { _ in
            let head = ScriptedAnswer.Step.bytes(ScriptedAnswer.head(200, length: 10))
            return ScriptedAnswer(place == "head" ? [.pause(.seconds(20))] : [head, .pause(.seconds(20))])
        }
        let exchange = try Exchange()
        let task = Task { try await exchange.failure(.get, "http://\(server.address)/") }
        try await Task.sleep(for: .milliseconds(200))
        let start = ContinuousClock.now
        task.cancel()
        #expect(try await task.value.kind == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test("after the end nothing is sent any more")
    func shutDown() async throws {
        let exchange = try Exchange()
        await exchange.transport.shutdown()
        #expect(try await exchange.failure(.get, "http://127.0.0.1:1/").kind == .cancelled)
    }

    @Test("a header field that could carry another request is not sent")
    func injection() async throws {
        let server = try ScriptedServer { _ in .response(200) }
        let failure = try await Exchange().failure(
            .get,
            "http://\(server.address)/",
            headers: ["X": "a\r\nAuthorization: s3cret"]
        )
        #expect(failure.kind == .malformed)
        #expect(!failure.reason.contains("s3cret"))
        #expect(server.requests.isEmpty)
    }
}
