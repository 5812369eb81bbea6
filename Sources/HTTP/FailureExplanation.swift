internal import AsyncHTTPClient
internal import ByteIO
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Explains the errors that AsyncHTTPClient, NIO and BoringSSL report about a request to one server.
struct FailureExplanation: Sendable {
    let origin: HTTPURL.Origin
    let proxy: Proxy?
    var socket: UnixSocket?
    let timeouts: AsyncHTTPTransport.Timeouts

    func failure(for error: any Error) -> HTTPFailure {
        switch error {
        case let failure as HTTPFailure: failure
        case is CancellationError: HTTPFailure(.cancelled, "it was cancelled")
        case let error as HTTPClientError: failure(for: error)
        case let error as NIOConnectionError: failure(for: error)
        case let error as IOError: failure(errno: error.errnoCode)
        case let error as ChannelError: failure(for: error)
        case is SocketAddressError: unresolved
        case NIOSSLError.uncleanShutdown: closed
        case NIOSSLError.handshakeFailed(.sslError([.eofDuringHandshake])):
            HTTPFailure(.reset, "`\(peer)` closed the connection while TLS was being agreed on")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: failure(forTLS: error, certificate: nil)
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection: closed
        case is HTTPParserError, is NIOHTTPDecoderError, is ByteToMessageDecoderError:
            HTTPFailure(.malformed, "the answer of `\(peer)` is not HTTP")
        default: HTTPFailure(.reset, "the connection to `\(peer)` failed (\(type(of: error)))")
        }
    }

    /// `HOST:PORT` of the server or proxy that we are connected to.
    private var peer: String { proxy.map { "\($0.host):\($0.port)" } ?? server }
    private var server: String { socket?.path.display ?? "\(origin.host):\(origin.port)" }
    private var role: String { proxy == nil ? "" : "the proxy " }

    private var closed: HTTPFailure {
        HTTPFailure(.reset, "`\(server)` closed the connection before the end of the answer")
    }

    private var unresolved: HTTPFailure {
        let name = proxy?.host ?? origin.host
        return HTTPFailure(.nameResolution, "\(role)`\(name)` has no address: its name cannot be resolved")
    }

    private func failure(for error: HTTPClientError) -> HTTPFailure {
        switch error {
        case .cancelled, .alreadyShutdown: HTTPFailure(.cancelled, "it was cancelled")
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .httpProxyHandshakeTimeout:
            HTTPFailure(.connect, "no connection to \(role)`\(peer)` within \(timeouts.connect.inWords)")
        case .readTimeout, .writeTimeout, .deadlineExceeded: HTTPFailure(.stalled, "no answer came in time")
        case .remoteConnectionClosed, .uncleanShutdown: closed
        case .proxyAuthenticationRequired:
            HTTPFailure(
                .proxy,
                "the proxy `\(peer)` requires a login (status 407)",
                hint: "give a user name and a password in the proxy's variable, as `http://USER:PASSWORD@HOST:PORT`"
            )
        case .invalidProxyResponse:
            HTTPFailure(
                .proxy,
                "the proxy `\(peer)` does not connect to `\(server)`",
                hint: "if the server can be reached directly, add `\(origin.host)` to `NO_PROXY`"
            )
        case .bodyLengthMismatch: HTTPFailure(.upload(.uploadChanged), "the content being sent has changed its size")
        default: HTTPFailure(.malformed, "the request cannot be sent: \(error.shortDescription)")
        }
    }

    private func failure(for error: NIOConnectionError) -> HTTPFailure {
        guard !error.connectionErrors.isEmpty else { return unresolved }
        // The last of several addresses is the one we fell back to; a refusal says more than a missing route.
        let errors = error.connectionErrors.map { failure(for: $0.error) }
        let refusal = errors.first { $0.reason == refused.reason }
        return refusal ?? errors[errors.endIndex - 1]
    }

    private func failure(for error: ChannelError) -> HTTPFailure {
        switch error {
        case .connectTimeout:
            HTTPFailure(.connect, "no connection to \(role)`\(peer)` within \(timeouts.connect.inWords)")
        default: closed
        }
    }

    private var refused: HTTPFailure {
        HTTPFailure(.connect, "\(role)`\(peer)` refuses the connection")
    }

    private func failure(errno: CInt) -> HTTPFailure {
        switch errno {
        case ECONNREFUSED: refused
        case ECONNRESET, EPIPE, ECONNABORTED: HTTPFailure(.reset, "`\(peer)` broke off the connection")
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EADDRNOTAVAIL, EACCES, EPERM:
            HTTPFailure(.connect, "\(role)`\(peer)` cannot be reached (\(String(cString: strerror(errno))))")
        case ETIMEDOUT: HTTPFailure(.connect, "\(role)`\(peer)` does not answer")
        default:
            HTTPFailure(.connect, "the connection to \(role)`\(peer)` failed (\(String(cString: strerror(errno))))")
        }
    }
}
