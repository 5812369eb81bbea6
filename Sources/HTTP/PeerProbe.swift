internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Asks a server for its certificate after TLS has failed, for the error message. Nothing is verified, so nothing is
/// sent.
enum PeerProbe {
    /// `nil` if no certificate arrived within five seconds.
    static func certificate(
        of origin: HTTPURL.Origin,
        on group: MultiThreadedEventLoopGroup
    ) async -> PeerCertificate? {
        let loop = group.any()
        let found = loop.makePromise(of: PeerCertificate?.self)
        let url = HTTPURL(scheme: origin.scheme, host: origin.host, port: origin.port, target: "/")
        let isNumber = url.address != nil
        let host = origin.host.hasPrefix("[") ? String(origin.host.dropFirst().dropLast()) : origin.host
        let connection = ClientBootstrap(group: loop)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    var configuration = TLSConfiguration.makeClientConfiguration()
                    configuration.certificateVerification = .none
                    configuration.minimumTLSVersion = .tlsv1
                    let handler = try NIOSSLClientHandler(
                        context: NIOSSLContext(configuration: configuration),
                        serverHostname: isNumber ? nil : host
                    )
                    try channel.pipeline.syncOperations.addHandler(handler)
                    try channel.pipeline.syncOperations.addHandler(Listener(found))
                }
            }
            .connect(host: host, port: origin.port)
        connection.whenFailure { _ in found.succeed(nil) }
        connection.whenSuccess { channel in
            let end = channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.close(promise: nil) }
            found.futureResult.whenComplete { _ in
                end.cancel()
                channel.close(promise: nil)
            }
        }
        return try? await found.futureResult.get()
    }

    private final class Listener: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let found: EventLoopPromise<PeerCertificate?>

        init(_ found: EventLoopPromise<PeerCertificate?>) { self.found = found }

        // The TLS handler reports the end of the handshake as an event.
        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            let pipeline = context.pipeline.syncOperations
            guard let certificate = try? pipeline.nioSSL_peerCertificate() else { return }
            let version = try? pipeline.nioSSL_tlsVersion()
            found.succeed(PeerCertificate(certificate, isOldTLS: version == .tlsv1 || version == .tlsv11))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func handlerRemoved(context: ChannelHandlerContext) { found.succeed(nil) }
    }
}
