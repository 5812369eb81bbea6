internal import AsyncHTTPClient
package import Diagnostics
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// Carries requests with AsyncHTTPClient, over HTTP/1.1. Connections are kept and used again.
package final class AsyncHTTPTransport: HTTPTransport {
    package struct Timeouts: Hashable, Sendable {
        /// Time limit for a connection: resolving the name, the proxy and the TLS handshake included.
        package var connect: Duration = .seconds(10)
        /// Time limit from the last byte of the request to the end of the answer's header fields.
        package var headers: Duration = .seconds(60)
        /// Time limit without a byte in either direction.
        package var stall: Duration = .seconds(30)
        /// Least number of bytes a second, on average over `window`, that the other side has to send or take; 0 for none.
        package var minimumRate: Int64 = 1024
        /// Time over which the rate is measured, without that in which the other side waits for us.
        package var window: Duration = .seconds(60)

        package init() {}
    }

    /// The parts that exist once something has been sent: one client for each proxy, and one without.
    private struct Machinery {
        var group: MultiThreadedEventLoopGroup?
        var clients: [Proxy?: HTTPClient] = [:]
        var isShutDown = false

        /// Takes all parts out; nothing can be sent afterwards.
        mutating func takeAll() -> Self {
            let all = self
            group = nil
            clients = [:]
            isShutDown = true
            return all
        }
    }

    private let machinery = Mutex(Machinery())
    private let begun = BegunRequests()
    private let proxies: ProxySettings
    private let trust: TrustStore
    private let timeouts: Timeouts
    /// The socket that all requests go to, whatever host they name; `nil` for the network.
    private let socket: UnixSocket?

    /// Opens nothing and reads nothing until something is sent.
    ///
    /// - Parameters:
    ///   - environment: the process's variables; those of proxies and `SSL_CERT_FILE`, `SSL_CERT_DIR` are read.
    ///   - embeddedAuthorities: PEM, trusted where the machine has no certificate authorities of its own.
    ///   - tls: the settings for a host, asked for once for each host and port; an IPv6 address is in brackets.
    /// - Throws: `proxy.malformed`.
    package convenience init(
        environment: [String: String],
        embeddedAuthorities: [UInt8],
        timeouts: Timeouts = Timeouts(),
        tls: @escaping @Sendable (_ host: String, _ port: Int) -> TLSSettings = { _, _ in TLSSettings() }
    ) throws(Diagnostic) {
        let trust = TrustStore(environment: environment, embeddedAuthorities: embeddedAuthorities, settings: tls)
        self.init(try ProxySettings(environment: environment), trust, timeouts)
    }

    /// For a server of this machine, behind a socket in the file system. Requests name it `http://localhost`.
    package convenience init(socket: UnixSocket, timeouts: Timeouts = Timeouts()) {
        let trust = TrustStore(environment: [:], embeddedAuthorities: [], settings: { _, _ in TLSSettings() })
        self.init(ProxySettings(), trust, timeouts, socket)
    }

    init(_ proxies: ProxySettings, _ trust: TrustStore, _ timeouts: Timeouts, _ socket: UnixSocket? = nil) {
        self.proxies = proxies
        self.trust = trust
        self.timeouts = timeouts
        self.socket = socket
    }

    deinit {
        // AsyncHTTPClient traps if it is released without a shutdown.
        let rest = machinery.withLock { $0.takeAll() }
        if rest.group != nil { Task { await Self.end(rest) } }
    }

    /// A kept connection may be closed at the moment at which it is chosen: AsyncHTTPClient leases it on this thread while
    /// the thread of the connection closes it, as it does when a server sends more than was asked for. Nothing was sent
    /// then, and another connection is taken.
    package func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        for _ in 0..<2 {
            let begun = begun.count
            do throws(HTTPFailure) {
                return try await sendOnce(request)
            } catch {
                guard error.kind == .reset, self.begun.count == begun else { throw error }
            }
        }
        return try await sendOnce(request)
    }

    private func sendOnce(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        let url = request.url
        let proxy = socket == nil ? proxies.proxy(for: url) : nil
        var message = HTTPClientRequest(url: socket?.address(url.target) ?? url.description)
        if socket != nil { message.headers.add(name: "Host", value: url.origin.host) }
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        for field in request.headers.fields { message.headers.add(name: field.name, value: field.value) }
        switch request.body {
        case .none: break
        case .bytes(let bytes): message.body = .bytes(ByteBuffer(bytes: bytes))
        case .upload(let content):
            message.body = .stream(RequestBody(content: content), length: .known(content.size))
        }
        if url.origin.scheme == .https {
            if let proxy, url.address != nil, trust.verifies(url.origin) {
                // NIOSSL would compare the certificate with the address that it is connected to: the proxy's.
                throw HTTPFailure(
                    .proxy,
                    "the certificate of \(url.origin.host) cannot be verified through the proxy \(proxy)",
                    hint: "use the host's name, or add `\(url.origin.host)` to `NO_PROXY`"
                )
            }
            message.tlsConfiguration = try trust.configuration(for: url.origin)
        }

        let (client, group) = try client(through: proxy)
        let explanation = FailureExplanation(
            origin: url.origin,
            proxy: proxy,
            socket: socket,
            timeouts: timeouts
        )
        do {
            let answer = try await client.execute(message, deadline: .distantFuture)
            var headers = HTTPHeaders()
            for (name, value) in answer.headers { headers.add(name, value) }
            let body = StreamedBody(answer.body, of: self, explanation)
            return HTTPResponse(status: Int(answer.status.code), headers: headers, body: body)
        } catch {
            let failure = explanation.failure(for: error)
            guard failure.kind == .tls, proxy == nil else { throw failure }
            let certificate = await PeerProbe.certificate(of: url.origin, on: group)
            throw explanation.failure(forTLS: error, certificate: certificate)
        }
    }

    /// Closes all connections. Call it once, when nothing more is sent.
    package func shutdown() async {
        await Self.end(machinery.withLock { $0.takeAll() })
    }

    private func client(
        through proxy: Proxy?
    ) throws(HTTPFailure) -> (client: HTTPClient, group: MultiThreadedEventLoopGroup) {
        let found = machinery.withLock { machinery -> (HTTPClient, MultiThreadedEventLoopGroup)? in
            guard !machinery.isShutDown else { return nil }
            // One thread suffices: it only copies memory and encrypts, and all other work has threads of its own.
            let group = machinery.group ?? MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let client =
                machinery.clients[proxy]
                ?? HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration(through: proxy))
            machinery.group = group
            machinery.clients[proxy] = client
            return (client, group)
        }
        guard let found else { throw HTTPFailure(.cancelled, "the connections were closed") }
        return found
    }

    private func configuration(through proxy: Proxy?) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(timeouts.connect)),
            decompression: .disabled
        )
        configuration.httpVersion = .http1Only
        // The caller retries, and knows how often.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A request that waits for a free connection would fail as if the server had not answered.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        // Many servers close idle connections after a minute, and a request that crosses the close is lost.
        configuration.connectionPool.idleTimeout = .seconds(30)
        configuration.proxy = proxy.map { proxy in
            .server(
                host: proxy.host,
                port: proxy.port,
                authorization: proxy.login.map { .basic(username: $0.username, password: $0.password) }
            )
        }
        let (timeouts, begun) = (timeouts, begun)
        configuration.http1_1ConnectionDebugInitializer = { channel in
            Self.prepare(channel, timeouts, begun)
        }
        return configuration
    }

    /// Adds limits that AsyncHTTPClient lacks to a new connection.
    private static func prepare(
        _ channel: any Channel,
        _ timeouts: Timeouts,
        _ begun: BegunRequests
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.submit {
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
            let limit = HeaderLimit()
            try pipeline.addHandler(limit, position: .before(decoder))
            try pipeline.addHandler(ConnectionWatch(timeouts, limit, begun), position: .after(decoder))
        }.flatMap {
            channel.setOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 16 << 10, initial: 64 << 10, maximum: 512 << 10)
            )
        }.flatMap {
            channel.setOption(.writeBufferWaterMark, value: .init(low: 256 << 10, high: 768 << 10))
        }
    }

    private static func end(_ machinery: Machinery) async {
        for client in machinery.clients.values { try? await client.shutdown() }
        try? await machinery.group?.shutdownGracefully()
    }
}
