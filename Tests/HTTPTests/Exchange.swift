import Diagnostics
import HTTP
import Synchronization
import TestSupport
import Testing

/// A transport for one test; what it sends to is on this machine.
struct Exchange {
    let transport: AsyncHTTPTransport

    init(transport: AsyncHTTPTransport) { self.transport = transport }

    init(
        environment: [String: String] = [:],
        embeddedAuthorities: [UInt8] = [],
        _ timeouts: AsyncHTTPTransport.Timeouts = .generous,
        tls: TLSSettings = TLSSettings()
    ) throws {
        transport = try AsyncHTTPTransport(
            environment: environment,
            embeddedAuthorities: embeddedAuthorities,
            timeouts: timeouts,
            tls: { _, _ in tls }
        )
    }

    /// Status and body of the answer.
    func callAsFunction(
        _ method: HTTPRequest.Method = .get,
        _ url: String,
        headers: HTTPHeaders = [:],
        body: HTTPRequest.Body = .none
    ) async throws -> (status: Int, body: String) {
        let request = HTTPRequest(method, try HTTPURL(parsing: url), headers: headers, body: body)
        let response = try await transport.send(request)
        let bytes = try await response.body.collect(limit: 1 << 20)
        return (response.status, String(decoding: bytes ?? [], as: UTF8.self))
    }

    /// Why there was no answer, or not all of it.
    func failure(
        _ method: HTTPRequest.Method = .get,
        _ url: String,
        headers: HTTPHeaders = [:],
        body: HTTPRequest.Body = .none
    ) async throws -> HTTPFailure {
        do {
            let (status, body) = try await self(method, url, headers: headers, body: body)
            throw SupportError("there was an answer: \(status) \(body)")
        } catch let failure as HTTPFailure {
            return failure
        }
    }
}

extension AsyncHTTPTransport.Timeouts {
    /// No test waits for them.
    static var generous: Self { Self() }

    /// A test waits for each of them.
    static var short: Self {
        var timeouts = Self()
        timeouts.headers = .milliseconds(800)
        timeouts.stall = .milliseconds(400)
        return timeouts
    }

    /// A test waits for less than 10,000 bytes a second over the window.
    static var measured: Self {
        var timeouts = Self()
        timeouts.minimumRate = 10_000
        timeouts.window = .milliseconds(800)
        return timeouts
    }

    /// A test waits for a connection that does not come.
    static var hurried: Self {
        var timeouts = Self()
        timeouts.connect = .milliseconds(400)
        return timeouts
    }
}

/// A body of this many bytes, each of which shows its place.
final class PatternUpload: HTTPUpload {
    let size: Int64
    private let failsAt: Int64
    private let reads = Mutex<Int64>(0)

    init(size: Int64, failsAt: Int64 = .max) {
        self.size = size
        self.failsAt = failsAt
    }

    /// How many bytes were asked for.
    var bytesRead: Int64 { reads.withLock { $0 } }

    static func bytes(at offset: Int64, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: (offset + Int64($0)) &* 31 >> 3) }
    }

    func read(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        guard offset + Int64(count) <= failsAt else { throw Diagnostic(.unreadable, "the disk is on fire") }
        reads.withLock { $0 += Int64(count) }
        return Self.bytes(at: offset, count: count)
    }
}

extension Diagnostic.Code {
    static let unreadable = Self("test.unreadable", .localIO)
}
