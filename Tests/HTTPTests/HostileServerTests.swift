import HTTP
import TestSupport
import Testing

@Suite("A server that answers anything at all")
struct HostileServerTests {
    private static let answers = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: x\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\nabc",
        "HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 401 Who\r\nConnection: close\r\nContent-Length: 2\r\n\r\nnoHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.0 200 OK\r\n\r\nhello",
    ]

    /// One of the answers with some bytes changed, left out, doubled or cut off.
    private static func mutated(_ random: inout Pseudorandom) -> [UInt8] {
        var bytes = Array((answers.randomElement(using: &random) ?? "").utf8)
        if Bool.random(using: &random) { bytes += Array((answers.randomElement(using: &random) ?? "").utf8) }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            guard let place = bytes.indices.randomElement(using: &random) else { break }
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
            case 3: bytes.removeSubrange(place...)
            default: bytes.insert(UInt8.random(in: 32...126, using: &random), at: place)
            }
        }
        return bytes
    }

    @Test("no answer, however broken, does more than fail its request", .timeLimit(.minutes(1)))
    func mutations() async throws {
        let server = try ScriptedServer(bodyLimit: { $0.target.hasSuffix("0") ? 0 : 10_000 }) { request in
            var random = Pseudorandom(seed: UInt64(request.target.dropFirst()) ?? 0)
            let bytes = Self.mutated(&random)
            let middle = bytes.indices.randomElement(using: &random) ?? 0
            let end: ScriptedAnswer.Step = Bool.random(using: &random) ? .reset : .close
            return ScriptedAnswer([
                .bytes(Array(bytes[..<middle])), .pause(.milliseconds(1)), .bytes(Array(bytes[middle...])),
                .pause(.milliseconds(1)), end,
            ])
        }
        let exchange = try Exchange(.short)
        let outcomes = try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    var answers = 0
                    for number in 0..<24 {
                        let target = "http://\(server.address)/\(worker * 1000 + number)"
                        let method: HTTPRequest.Method = [.get, .put, .head][number % 3]
                        let body: HTTPRequest.Body = method == .put ? .upload(PatternUpload(size: 2 << 20)) : .none
                        do {
                            _ = try await exchange(method, target, body: body)
                            answers += 1
                        } catch is HTTPFailure {}
                    }
                    return answers
                }
            }
            return try await group.reduce(0, +)
        }
        // The same on every machine, give or take a race: some were mended by luck, most were not.
        #expect((8...184).contains(outcomes))
    }
}
