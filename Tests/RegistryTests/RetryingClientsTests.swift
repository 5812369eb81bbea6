import Diagnostics
import HTTP
import OCI
import Store
import Synchronization
import Testing

@testable import Debian
@testable import Registry

/// Three clients, one loop: they differ by their policies, and by nothing else.
@Suite("Trying again: registries, token servers and mirrors")
struct RetryingClientsTests {
    enum Client: CaseIterable, Sendable {
        case registry, tokenServer, mirror

        /// Number of tries.
        var attempts: Int { self == .mirror ? 3 : 5 }
        /// Pauses between them, in seconds, when the longest is chosen at random.
        var pauses: [Double] { self == .mirror ? [0.5, 1] : [1, 2, 4, 8] }
        var longestPause: Double { self == .mirror ? 10 : 60 }
        var host: String {
            switch self {
            case .registry: "registry.test"
            case .tokenServer: "auth.test"
            case .mirror: "mirror.test"
            }
        }
    }

    /// What a client did with one answer that was always the same.
    struct Record: Sendable {
        /// Number of requests to the client's own server.
        var requests = 0
        var pauses: [Double] = []
        /// `HOST ATTEMPT/LIMIT`.
        var reports: [String] = []
        var reason: String?
    }

    private func record(_ client: Client, _ fault: ScriptedTransport.Answer, limit: Duration? = nil) async -> Record {
        let transport = ScriptedTransport { request, _ in
            if client == .tokenServer, request.url.origin.host == Client.registry.host {
                let challenge = #"Bearer realm="https://auth.test/token",service="s""#
                return ScriptedTransport.Answer(status: 401, headers: .challenges(challenge))
            }
            return fault
        }
        let state = Mutex((record: Record(), now: ContinuousClock.now))
        var clock = RetryClock()
        clock.now = { state.withLock { $0.now } }
        clock.random = { 1 }
        clock.pause = { pause in
            state.withLock { state in
                state.now += pause
                state.record.pauses.append(pause / .seconds(1))
            }
        }
        let reason: String?
        switch client {
        case .registry, .tokenServer:
            var options = RegistryClient.Options(credentials: CredentialStore(environment: [:]))
            options.clock = clock
            if let limit { options.retry.longestTime = limit }
            let registry = RegistryClient(transport, options) { event in
                guard case .retrying(let host, let attempt, let limit, _, _) = event else { return }
                state.withLock { $0.record.reports.append("\(host) \(attempt)/\(limit)") }
            }
            do throws(Diagnostic) {
                _ = try await registry.tags(in: RepositoryName(registry: Client.registry.host, path: "me/app"))
                reason = nil
            } catch {
                reason = error.reason
            }
        case .mirror:
            let mirror = MirrorClient(transport, clock: clock) { wait in
                state.withLock { $0.record.reports.append("\(wait.server) \(wait.attempt)/\(wait.limit)") }
            }
            do throws(MirrorRefusal) {
                _ = try await mirror.bytes(of: "file", at: "https://mirror.test", limit: 100)
                reason = nil
            } catch {
                reason = error.reason
            }
        }
        return state.withLock { state in
            state.record.reason = reason
            state.record.requests = transport.requests.filter { $0.url.origin.host == client.host }.count
            return state.record
        }
    }

    @Test(
        "overload, server errors and broken connections are tried again, and every wait is reported",
        arguments: Client.allCases,
        [
            .init(status: 408), .init(status: 429), .init(status: 499), .init(status: 500), .init(status: 502),
            .init(status: 503), .init(status: 504), .init(status: 522),
            .init(failure: HTTPFailure(.reset, "the connection broke")),
            .init(failure: HTTPFailure(.stalled, "no answer came")),
        ] as [ScriptedTransport.Answer]
    )
    func transient(client: Client, fault: ScriptedTransport.Answer) async {
        let record = await record(client, fault)
        #expect(record.requests == client.attempts)
        #expect(record.pauses == client.pauses)
        #expect(record.reports == (2...client.attempts).map { "\(client.host) \($0)/\(client.attempts)" })
        #expect(record.reason?.contains("; after \(client.attempts) attempts over") == true)
    }

    @Test(
        "what another try would not change is reported at once",
        arguments: Client.allCases,
        [
            .init(status: 400), .init(status: 403), .init(status: 404), .init(status: 302),
            .init(failure: HTTPFailure(.tls, "the certificate expired")),
            .init(failure: HTTPFailure(.malformed, "it is not HTTP")),
        ] as [ScriptedTransport.Answer]
    )
    func final(client: Client, fault: ScriptedTransport.Answer) async {
        let record = await record(client, fault)
        #expect(record.requests == 1)
        #expect(record.pauses == [])
        #expect(record.reports == [])
        #expect(record.reason != nil)
    }

    @Test("the pause is the server's, up to the client's longest", arguments: Client.allCases, [0, 7, 100])
    func retryAfter(client: Client, seconds: Int) async {
        let record = await record(client, .init(status: 503, headers: ["Retry-After": "\(seconds)"]))
        let pause = min(Double(seconds), client.longestPause)
        #expect(record.pauses == Array(repeating: pause, count: client.attempts - 1))
    }

    @Test("the time for all tries also limits those of the token server", arguments: [Client.registry, .tokenServer])
    func timeLimit(client: Client) async {
        let fault = ScriptedTransport.Answer(status: 503, headers: ["Retry-After": "60"])
        #expect(await record(client, fault, limit: .seconds(150)).pauses == [60, 60])
    }

    @Test("a registry's waits leave less time for its token server's")
    func sharedTime() async {
        let pauses = Mutex((now: ContinuousClock.now, seconds: [Double]()))
        let transport = ScriptedTransport { request, number in
            if request.url.origin.host == Client.tokenServer.host || number == 0 {
                return ScriptedTransport.Answer(status: 503, headers: ["Retry-After": "60"])
            }
            let challenge = #"Bearer realm="https://auth.test/token",service="s""#
            return ScriptedTransport.Answer(status: 401, headers: .challenges(challenge))
        }
        var options = RegistryClient.Options(credentials: CredentialStore(environment: [:]))
        options.retry.longestTime = .seconds(150)
        options.clock.now = { pauses.withLock { $0.now } }
        options.clock.pause = { pause in
            pauses.withLock { state in
                state.now += pause
                state.seconds.append(pause / .seconds(1))
            }
        }
        let client = RegistryClient(transport, options)
        await #expect(throws: Diagnostic.self) {
            try await client.tags(in: RepositoryName(registry: Client.registry.host, path: "me/app"))
        }
        // One for the registry and one for the token server; a third would end after 180 s.
        #expect(pauses.withLock { $0.seconds } == [60, 60])
    }

    @Test(
        "no client follows more redirects than its limit",
        arguments: [(Client.registry, 11), (.tokenServer, 4), (.mirror, 6)]
    )
    func redirects(client: Client, requests: Int) async {
        let record = await record(client, .init(status: 302, headers: ["Location": "/again"]))
        #expect(record.requests == requests)
        #expect(record.reason?.contains("redirects more than \(requests - 1) times") == true)
    }
}
