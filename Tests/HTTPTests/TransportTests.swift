import Diagnostics
import HTTP
import TestSupport
import Testing

@Suite("The transport, with real sockets")
struct TransportTests {
    @Test("a request arrives as it was made, and the answer as it was given", .timeLimit(.minutes(1)))
    func roundTrip() async throws {
        let server = try ScriptedServer { _ in .response(404, [("X-A", "1"), ("x-a", "2")], "not here") }
        let exchange = try Exchange()
        let target = "/v2//a/../b/;p='x'/%2F%7e?_state=a%2Bb+c==&to=http://x/?:@!$&n"
        let url = try HTTPURL(parsing: "http://\(server.address)\(target)")
        let request = HTTPRequest(
            .post,
            url,
            headers: ["Accept": "a, b", "Authorization": "Bearer x"],
            body: .bytes(Array("hello".utf8))
        )
        let response = try await exchange.transport.send(request)
        #expect(response.status == 404)
        #expect(response.headers[all: "X-A"] == ["1", "2"])
        #expect(try await response.body.collect(limit: 100) == Array("not here".utf8))

        let received = try #require(server.requests.first)
        #expect(received.method == "POST")
        #expect(received.target == target)
        #expect(received["Host"] == server.address)
        #expect(received["Accept"] == "a, b")
        #expect(received["Authorization"] == "Bearer x")
        #expect(received["Content-Length"] == "5")
        #expect(received.body == Array("hello".utf8))
        await exchange.transport.shutdown()
    }

    @Test("every method is sent as its name", arguments: [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete])
    func methods(method: HTTPRequest.Method) async throws {
        let server = try ScriptedServer { .response(200, [("X-Method", $0.method)], "body") }
        let response = try await Exchange()(method, "http://\(server.address)/")
        #expect(response.body == (method == .head ? "" : "body"))
        #expect(server.requests.map(\.method) == [method.rawValue])
    }

    @Test("one connection carries one request after the other")
    func keepsConnections() async throws {
        let server = try ScriptedServer { .response(200, [], $0.target) }
        let exchange = try Exchange()
        for number in 0..<5 {
            #expect(try await exchange(.get, "http://\(server.address)/\(number)").body == "/\(number)")
        }
        #expect(server.connectionCount == 1)
    }

    @Test("a redirect is an answer like another, and cookies are not kept")
    func followsNothing() async throws {
        let server = try ScriptedServer { _ in .response(307, [("Location", "/b"), ("Set-Cookie", "a=b")], "") }
        let exchange = try Exchange()
        for _ in 0..<2 { #expect(try await exchange(.get, "http://\(server.address)/a").status == 307) }
        #expect(server.requests.map(\.target) == ["/a", "/a"])
        #expect(server.requests.allSatisfy { $0["Cookie"] == nil })
    }

    @Test("a compressed body stays compressed, and interim answers are skipped")
    func leavesBodies() async throws {
        let server = try ScriptedServer { _ in
            ScriptedAnswer([
                .bytes(ScriptedAnswer.head(103, [("Link", "</a>")])), .bytes(ScriptedAnswer.head(100)),
                .bytes(ScriptedAnswer.head(200, [("Content-Encoding", "gzip")], length: 3)), .bytes([0x1F, 0x8B, 0]),
            ])
        }
        let response = try await Exchange().transport.send(
            HTTPRequest(.get, HTTPURL(parsing: "http://\(server.address)/"))
        )
        #expect(try await response.body.collect(limit: 10) == [0x1F, 0x8B, 0])
        #expect(response.headers["Content-Encoding"] == "gzip")
    }

    @Test("a chunked body is put together; one without a length ends with the connection")
    func framings() async throws {
        let chunked =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n"
        let open = "HTTP/1.0 200 OK\r\n\r\nabcde"
        let server = try ScriptedServer { request in
            ScriptedAnswer(
                request.target == "/open" ? [.bytes(Array(open.utf8)), .close] : [.bytes(Array(chunked.utf8))]
            )
        }
        let exchange = try Exchange()
        #expect(try await exchange(.get, "http://\(server.address)/").body == "abcde")
        #expect(try await exchange(.get, "http://\(server.address)/open").body == "abcde")
    }

    @Test("a body longer than the limit is not collected")
    func limit() async throws {
        let server = try ScriptedServer { _ in .response(200, [], [UInt8](repeating: 1, count: 1000)) }
        let exchange = try Exchange()
        for (limit, count) in [(1000, 1000), (999, nil), (0, nil)] as [(Int, Int?)] {
            let response = try await exchange.transport.send(
                HTTPRequest(.get, HTTPURL(parsing: "http://\(server.address)/"))
            )
            #expect(try await response.body.collect(limit: limit)?.count == count)
        }
    }

    @Test("an upload arrives whole, with its length", arguments: [0, 1, 262_144, 262_145, 3_000_000])
    func upload(size: Int64) async throws {
        let server = try ScriptedServer { .response(201, [], "\($0.body.count)") }
        let exchange = try Exchange()
        let content = PatternUpload(size: size)
        let response = try await exchange(.put, "http://\(server.address)/", body: .upload(content))
        #expect(response == (201, "\(size)"))
        let received = try #require(server.requests.first)
        #expect(received["Content-Length"] == "\(size)")
        #expect(received["Transfer-Encoding"] == nil)
        #expect(received.body == PatternUpload.bytes(at: 0, count: Int(size)))
    }

    @Test("an answer that comes before the upload has ended is the answer", arguments: [401, 413, 500])
    func earlyAnswer(status: Int) async throws {
        let server = try ScriptedServer(bodyLimit: { _ in 0 }) { _ in .response(status, [], "no") }
        let exchange = try Exchange()
        let content = PatternUpload(size: 200 << 20)
        let response = try await exchange(.put, "http://\(server.address)/", body: .upload(content))
        #expect(response == (status, "no"))
        #expect(content.bytesRead < 100 << 20)
        // And the next request is not disturbed by what was left.
        #expect(try await exchange(.get, "http://\(server.address)/").status == status)
    }

    @Test("a body that cannot be read is reported as such")
    func unreadable() async throws {
        let server = try ScriptedServer { _ in .response(201) }
        let exchange = try Exchange()
        let content = PatternUpload(size: 1 << 20, failsAt: 300_000)
        let failure = try await exchange.failure(.put, "http://\(server.address)/", body: .upload(content))
        #expect(failure.kind == .upload(.unreadable))
        #expect(failure.underlying?.summary == "the disk is on fire")
        #expect(!failure.isTransient)
    }

    @Test("a dropped body ends its connection, and the next request has another")
    func dropped() async throws {
        let server = try ScriptedServer { _ in .response(200, [], [UInt8](repeating: 1, count: 8 << 20)) }
        let exchange = try Exchange()
        for _ in 0..<2 {
            let request = HTTPRequest(.get, try HTTPURL(parsing: "http://\(server.address)/"))
            let response = try await exchange.transport.send(request)
            #expect(try await response.body.next() != nil)
        }
        #expect(server.connectionCount == 2)
    }

    @Test("a large body comes whole, whatever the sizes it comes in")
    func large() async throws {
        let bytes = PatternUpload.bytes(at: 0, count: 5_000_001)
        let server = try ScriptedServer { _ in .response(200, [], bytes) }
        let request = HTTPRequest(.get, try HTTPURL(parsing: "http://\(server.address)/"))
        let response = try await Exchange().transport.send(request)
        #expect(try await response.body.collect(limit: 6_000_000) == bytes)
    }

    @Test("twenty requests at once are answered, each with its own answer")
    func concurrent() async throws {
        let server = try ScriptedServer {
            ScriptedAnswer([.pause(.milliseconds(20))] + ScriptedAnswer.response(200, [], $0.target).steps)
        }
        let exchange = try Exchange()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask { try await exchange(.get, "http://\(server.address)/\(number)").body == "/\(number)" }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }
}
