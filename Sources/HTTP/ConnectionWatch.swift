internal import NIOCore
internal import NIOHTTP1

/// Closes a connection whose peer has gone quiet, or whose answer two readers could understand differently.
///
/// It sits between AsyncHTTPClient's handler and the decoder, and derives from the messages whose turn it is. No timer is
/// scheduled per chunk: one clock ticks while a request is in progress.
final class ConnectionWatch: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias InboundOut = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private enum Phase {
        /// No request is in progress.
        case idle
        /// The request is being sent, and the head of the answer has not come.
        case sending
        /// The request is sent; the answer has not begun.
        case waiting
        /// The body of the answer is arriving.
        case receiving
        case failed
    }

    private let timeouts: AsyncHTTPTransport.Timeouts
    private let limit: HeaderLimit
    private let begun: BegunRequests
    private var phase = Phase.idle
    /// Whether the last part of the request was handed to the socket's queue.
    private var isRequestComplete = true
    /// Whether a read was requested. Without one, we hold up the peer.
    private var isReadPending = false
    private var moved = false
    private var queued = 0
    private var quietSince = NIODeadline.now()
    private var rate = RateMeter()
    private var lastTick = NIODeadline.now()
    private var clock: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(_ timeouts: AsyncHTTPTransport.Timeouts, _ limit: HeaderLimit, _ begun: BegunRequests) {
        self.timeouts = timeouts
        self.limit = limit
        self.begun = begun
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        clock?.cancel()
        self.context = nil
    }

    // MARK: Going out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        moved = true
        switch unwrapOutboundIn(data) {
        case .head:
            begun.increment()
            phase = .sending
            isRequestComplete = false
            startClock(context)
        case .body(let part): rate.written += Int64(part.readableBytes)
        case .end:
            isRequestComplete = true
            // The whole answer came before the request was sent.
            if phase == .idle { stopClock() }
        }
        context.write(data, promise: promise)
    }

    func read(context: ChannelHandlerContext) {
        if !isReadPending {
            isReadPending = true
            moved = true
        }
        context.read()
    }

    // MARK: Coming in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase != .failed else { return }
        isReadPending = false
        limit.unparsed = 0
        switch unwrapInboundIn(data) {
        case .head(let head):
            if let problem = Self.problem(of: head) {
                return fail(HTTPFailure(.malformed, problem), context)
            }
            // An interim answer does not extend the time limit for the final one.
            if head.status.code >= 200 {
                phase = .receiving
                moved = true
            }
        case .body(let part):
            moved = true
            rate.bytes += Int64(part.readableBytes)
        case .end:
            if phase == .receiving { phase = .idle }
            if isRequestComplete { stopClock() }
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard phase != .failed else { return }
        context.fireErrorCaught(error)
    }

    private func fail(_ failure: HTTPFailure, _ context: ChannelHandlerContext) {
        phase = .failed
        stopClock()
        context.fireErrorCaught(failure)
        context.close(promise: nil)
    }

    // MARK: The clock

    private func startClock(_ context: ChannelHandlerContext) {
        quietSince = .now()
        lastTick = .now()
        rate = RateMeter()
        queued = 0
        guard clock == nil else { return }
        scheduleTick(context)
    }

    private func stopClock() {
        clock?.cancel()
        clock = nil
    }

    private func scheduleTick(_ context: ChannelHandlerContext) {
        // A connection is closed at most an eighth of its time limit too late.
        let period = max(min(timeouts.stall, timeouts.headers, timeouts.window) / 8, .milliseconds(5))
        clock = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(period)) { [weak self] in self?.tick() }
    }

    private func tick() {
        guard let context, clock != nil else { return }
        let now = NIODeadline.now()
        let stillQueued = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        let drained = stillQueued != queued
        let elapsed = now - lastTick
        lastTick = now
        let isWaitedFor =
            switch phase {
            case .sending, .idle: queued > 0 || stillQueued > 0
            case .receiving: isReadPending
            case .waiting, .failed: false
            }
        // What was written and is not queued any more, the other side has taken.
        rate.bytes += Int64(queued) + rate.written - Int64(stillQueued)
        rate.written = 0
        if isWaitedFor { rate.waited = rate.waited + elapsed }
        queued = stillQueued

        if phase == .sending, isRequestComplete, stillQueued == 0 {
            phase = .waiting
            quietSince = now
        }
        let isPeersTurn: Bool
        switch phase {
        case .sending: isPeersTurn = stillQueued > 0 && !drained && !moved
        case .waiting: isPeersTurn = true
        case .receiving: isPeersTurn = isReadPending && !moved
        // The whole answer has arrived, and the server still reads the request.
        case .idle: isPeersTurn = stillQueued > 0 && !drained && !moved
        case .failed: return
        }
        moved = false
        if !isPeersTurn { quietSince = now }

        let quiet = now - quietSince
        if phase == .waiting {
            guard quiet < TimeAmount(timeouts.headers) else {
                return fail(HTTPFailure(.stalled, "no answer came within \(timeouts.headers.inWords)"), context)
            }
        } else if quiet >= TimeAmount(timeouts.stall) {
            let what = phase == .receiving ? "nothing came" : "the server took nothing"
            return fail(HTTPFailure(.stalled, "\(what) for \(timeouts.stall.inWords)"), context)
        }
        if timeouts.minimumRate > 0, rate.waited >= TimeAmount(timeouts.window) {
            let enough = Double(timeouts.minimumRate) * Double(rate.waited.nanoseconds) / 1e9
            if Double(rate.bytes) < enough {
                let what =
                    phase == .receiving ? "only \(rate.bytes) bytes came" : "the server took only \(rate.bytes) bytes"
                return fail(HTTPFailure(.stalled, "\(what) in \(timeouts.window.inWords)"), context)
            }
            rate = RateMeter()
        }
        scheduleTick(context)
    }

    /// What moved while the other side was waited for.
    private struct RateMeter {
        var waited = TimeAmount.zero
        /// Number of bytes that came, or were taken.
        var bytes: Int64 = 0
        /// Number of bytes handed to the socket's queue since the last tick.
        var written: Int64 = 0
    }

    // MARK: Framing

    /// Why the length of the body is ambiguous; `nil` if it is not (RFC 9112 § 6.3).
    private static func problem(of head: HTTPResponseHead) -> String? {
        let lengths = head.headers["content-length"]
        if !lengths.isEmpty, !head.headers["transfer-encoding"].isEmpty {
            return "the answer gives both a `Content-Length` and a `Transfer-Encoding`"
        }
        if lengths.count > 1 { return "the answer gives more than one `Content-Length`" }
        if let length = lengths.first, length.isEmpty || !length.utf8.allSatisfy(isDigit) || Int64(length) == nil {
            return "the answer's `Content-Length` is not a number"
        }
        return nil
    }
}

/// Closes a connection whose header fields, trailers or chunk headers are too long.
final class HeaderLimit: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Number of bytes since the decoder last completed a message part.
    var unparsed = 0

    private static let longest = 256 << 10

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard unparsed <= Self.longest else {
            context.fireErrorCaught(HTTPFailure(.malformed, "the header fields of the answer are too long"))
            context.close(promise: nil)
            return
        }
        unparsed += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
    }
}

extension TimeAmount {
    /// A duration that does not fit becomes the longest amount.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, more) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        self = .nanoseconds(overflow || more ? Int64.max : sum)
    }
}

extension Duration {
    /// `30 s`, `250 ms`.
    var inWords: String {
        let (seconds, attoseconds) = components
        let milliseconds = attoseconds / 1_000_000_000_000_000
        return milliseconds == 0 ? "\(seconds) s" : "\(seconds == 0 ? "" : "\(seconds) s ")\(milliseconds) ms"
    }
}
