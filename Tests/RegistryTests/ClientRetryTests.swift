import Diagnostics
import HTTP
import OCI
import Store
import Testing

@testable import Registry

@Suite("Registry client: trying again")
struct ClientRetryTests {
    private let tags = "GET /v2/me/app/tags/list"

    @Test("a status of haste or trouble is tried five times", arguments: [408, 429, 499, 500, 502, 503, 504, 522])
    func retried(status: Int) async throws {
        let registry = FakeRegistry { _, _ in .error(status, "TROUBLE") }
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client().tags(in: FakeRegistry.repository)
        }
        #expect(registry.lines == Array(repeating: tags, count: 5))
        #expect(registry.pauses == [1, 2, 4, 8])
        #expect(error?.code == .registryUnavailable)
        #expect(
            error?.timelessReason
                == "`registry.test` answered \(status) (TROUBLE: the message); after 5 attempts over"
        )
        #expect(registry.events.first == "retrying registry.test 2/5")
        #expect(registry.events.last == "retrying registry.test 5/5")
    }

    @Test(
        "a status that means no is taken for an answer",
        arguments: [
            (400, "registry.refused"), (403, "registry.denied"), (404, "repository.not-found"),
            (405, "registry.refused"), (413, "registry.refused"), (415, "registry.refused"), (501, "registry.refused"),
        ]
    )
    func final(status: Int, code: String) async throws {
        let registry = FakeRegistry { _, _ in .error(status, "NO") }
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client().tags(in: FakeRegistry.repository)
        }
        #expect(registry.lines == [tags])
        #expect(error?.code.rawValue == code)
        #expect(error?.reason?.hasPrefix("`registry.test` answered \(status) (NO: the message)") == true)
    }

    @Test(
        "what is waited is what the server asks for, a minute at most",
        arguments: [
            ([:], 1), (["Retry-After": "7"], 7), (["Retry-After": "0"], 0),
            (["Retry-After": "99999999999999999999"], 60),
            (["Retry-After": "soon"], 1),
            (["Retry-After": "Sun, 06 Nov 1994 08:49:47 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"], 10),
            (["Retry-After": "Sun, 06 Nov 1994 08:49:27 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"], 0),
            (["Retry-After": "Sun, 06 Nov 2094 08:49:27 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"], 60),
            // Without the server's clock the date says nothing.
            (["Retry-After": "Sun, 06 Nov 2094 08:49:27 GMT"], 1),
        ] as [(HTTPHeaders, Double)]
    )
    func retryAfter(headers: HTTPHeaders, seconds: Double) async throws {
        let registry = FakeRegistry { _, number in
            number == 0
                ? .error(429, "TOOMANYREQUESTS", headers)
                : FakeRegistry.Answer(200, text: #"{"name":"me/app","tags":["1"]}"#)
        }
        #expect(try await registry.client().tags(in: FakeRegistry.repository) == ["1"])
        #expect(registry.pauses == [seconds])
    }

    @Test("a random part of the delay is waited")
    func jitter() async throws {
        let registry = FakeRegistry { _, _ in FakeRegistry.Answer(503) }
        let client = registry.client { $0.clock.random = { 0.25 } }
        await #expect(throws: Diagnostic.self) { try await client.tags(in: FakeRegistry.repository) }
        #expect(registry.pauses == [0.25, 0.5, 1, 2])
    }

    @Test("a rate limit is reported with the server's numbers")
    func rateLimit() async throws {
        let registry = FakeRegistry { _, _ in
            .error(429, "TOOMANYREQUESTS", ["RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "0;w=21600"])
        }
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client().tags(in: FakeRegistry.repository)
        }
        #expect(
            error?.timelessReason
                == "`registry.test` answered 429 (TOOMANYREQUESTS: the message), RateLimit-Limit: 100;w=21600, "
                + "RateLimit-Remaining: 0;w=21600; after 5 attempts over"
        )
    }

    @Test(
        "failures of the connection are tried again, those of trust are not",
        arguments: [
            (.connect, 5), (.reset, 5), (.stalled, 5), (.nameResolution, 5),
            (.tls, 1), (.proxy, 1), (.malformed, 1), (.cancelled, 1),
        ] as [(HTTPFailure.Kind, Int)]
    )
    func failures(kind: HTTPFailure.Kind, tries: Int) async throws {
        let registry = FakeRegistry { _, _ in FakeRegistry.Answer(failure: HTTPFailure(kind, "it failed", hint: "do")) }
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client().tags(in: FakeRegistry.repository)
        }
        #expect(registry.lines.count == tries)
        #expect(error?.code == .registryUnavailable)
        #expect(error?.timelessReason == "it failed" + (tries > 1 ? "; after 5 attempts over" : ""))
        #expect(error?.hint == "do")
    }

    @Test("a document that breaks off is asked for again")
    func brokenBody() async throws {
        let registry = FakeRegistry { _, number in
            number < 2
                ? .broken(Array("{".utf8))
                : FakeRegistry.Answer(200, text: #"{"name":"me/app","tags":null}"#)
        }
        #expect(try await registry.client().tags(in: FakeRegistry.repository) == [])
        #expect(registry.pauses == [1, 2])
    }

    @Test("when the time is up, nothing is tried again")
    func time() async throws {
        let registry = FakeRegistry { _, _ in FakeRegistry.Answer(503) }
        let client = registry.client { $0.retry.longestTime = .zero }
        let error = await #expect(throws: Diagnostic.self) { try await client.tags(in: FakeRegistry.repository) }
        #expect(registry.lines.count == 1)
        #expect(error?.reason == "`registry.test` answered 503")
    }

    @Test("a cancelled wait ends with what had failed")
    func cancelled() async throws {
        let registry = FakeRegistry { _, _ in FakeRegistry.Answer(503) }
        let client = registry.client { $0.clock.pause = { _ in throw CancellationError() } }
        let error = await #expect(throws: Diagnostic.self) { try await client.tags(in: FakeRegistry.repository) }
        #expect(registry.lines.count == 1)
        #expect(error?.code == .registryUnavailable)
    }

    @Test(
        "an error's page is reported in a few words",
        arguments: [
            (FakeRegistry.Answer(400, ["Content-Type": "text/html"], text: "<html>secret"), " (it sent a web page)"),
            (FakeRegistry.Answer(400, [:], text: "  <!DOCTYPE html>"), " (it sent a web page)"),
            (FakeRegistry.Answer(400, [:], text: "not\nnow"), " (not now)"),
            (FakeRegistry.Answer(400, [:], text: #"{"errors":[]}"#), ""),
            (FakeRegistry.Answer(400, [:], text: #"{"errors":[{"code":"NO","message":""}]}"#), " (NO)"),
            (FakeRegistry.Answer(400, [:], Array(repeating: 0x61, count: 65537)), ""),
            (FakeRegistry.Answer(400, ["Content-Encoding": "gzip"], [0x1F, 0x8B]), ""),
            (.broken(Array("half".utf8), 400), ""),
            (
                FakeRegistry.Answer(400, [:], Array(repeating: 0x61, count: 400)),
                " (" + String(repeating: "a", count: 200) + "…)"
            ),
        ] as [(FakeRegistry.Answer, String)]
    )
    func words(answer: FakeRegistry.Answer, words: String) async throws {
        let registry = FakeRegistry { _, _ in answer }
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client().tags(in: FakeRegistry.repository)
        }
        #expect(error?.reason == "`registry.test` answered 400" + words)
    }

    @Test("an answer in an unrequested encoding is refused by name")
    func encoding() async throws {
        let registry = FakeRegistry { _, _ in FakeRegistry.Answer(200, ["Content-Encoding": "br"], text: "x") }
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client().tags(in: FakeRegistry.repository)
        }
        #expect(error?.code == .registryMalformed)
        #expect(error?.reason == "`registry.test` sent it with the content encoding `br`, unasked")
        #expect(registry.requests.map { $0.headers["Accept-Encoding"] } == ["identity"])
    }
}
