import OCI
package import Store
import Synchronization

/// Shows what is on its way to and from registries.
///
/// It decides what is shown and when; its maker writes it.
package final class TransferProgress: Sendable {
    /// How it is shown.
    package enum Style: Hashable, Sendable {
        /// Not at all.
        case none
        /// A line for each blob that is done.
        case plain
        /// A line with a JSON object for each event.
        case json
        /// Bars, in a terminal of so many columns.
        case bars(columns: Int)
    }

    /// What there is to write.
    package enum Output: Hashable, Sendable {
        /// One line, for good.
        case line(String)
        /// Lines in the place of the block before; none to take it away.
        case block([String])
    }

    private struct State {
        var board = TransferBoard()
        var began: ContinuousClock.Instant?
        var drawn: ContinuousClock.Instant?
        var reported: [String: ContinuousClock.Instant] = [:]
    }

    private let style: Style
    private let bars: TransferBars?
    private let state = Mutex(State())
    private let write: @Sendable (Output) -> Void

    /// - Parameter write: called from any thread, one call at a time.
    package init(_ style: Style, write: @escaping @Sendable (Output) -> Void) {
        if case .bars(let columns) = style {
            bars = TransferBars(width: columns)
            self.style = bars == nil ? .plain : style
        } else {
            bars = nil
            self.style = style
        }
        self.write = write
    }

    /// Whether an upload is running, which has to be cancelled at the registry if it ends too early.
    package var hasUploads: Bool { state.withLock { $0.board.hasUploads } }

    /// Takes the block away.
    package func finish() {
        state.withLock { state in
            if state.drawn != nil { write(.block([])) }
            state.drawn = nil
        }
    }

    /// To be called with every event.
    package func observe(_ event: TransferEvent) { observe(event, at: .now) }

    package func observe(_ event: TransferEvent, at now: ContinuousClock.Instant) {
        state.withLock { state in
            if state.began == nil { state.began = now }
            let ended = state.board.apply(event)
            switch style {
            case .none: break
            case .json: writeAsJSON(event, now, &state)
            case .plain: writeLine(event, ended, now, &state)
            case .bars: draw(event, now, &state)
            }
        }
    }

    private func writeAsJSON(_ event: TransferEvent, _ now: ContinuousClock.Instant, _ state: inout State) {
        if case .advanced(let digest, _) = event, !isTime(digest.hex, now, .seconds(1), &state) { return }
        write(.line(TransferLines.json(event)))
    }

    private func writeLine(
        _ event: TransferEvent,
        _ ended: TransferBoard.Transfer?,
        _ now: ContinuousClock.Instant,
        _ state: inout State
    ) {
        switch event {
        case .began(let blob, _): state.reported[blob.digest.hex] = now
        case .advanced(let digest, _):
            guard isTime(digest.hex, now, .seconds(10), &state) else { break }
            if let transfer = state.board.active.first(where: { $0.blob.digest == digest }) {
                write(.line(TransferLines.advanced(transfer)))
            }
        case .ended(_, let outcome):
            if let ended, let line = TransferLines.ended(ended, outcome) { write(.line(line)) }
        case .retrying(let host, let attempt, let limit, let delay, let reason):
            write(.line(TransferLines.retrying(host, attempt, of: limit, delay, reason)))
        }
    }

    private func draw(_ event: TransferEvent, _ now: ContinuousClock.Instant, _ state: inout State) {
        if case .retrying(let host, let attempt, let limit, let delay, let reason) = event {
            write(.line(TransferLines.retrying(host, attempt, of: limit, delay, reason)))
        } else if let drawn = state.drawn, now - drawn < .milliseconds(100), !state.board.active.isEmpty {
            return
        }
        let lines = bars?.lines(state.board, rate: rate(state, now)) ?? []
        if lines.isEmpty, state.drawn == nil { return }
        state.drawn = now
        write(.block(lines))
    }

    /// `nil` in the first second, in which it would jump.
    private func rate(_ state: State, _ now: ContinuousClock.Instant) -> Int64? {
        guard let began = state.began, now - began >= .seconds(1) else { return nil }
        let (seconds, attoseconds) = (now - began).components
        let rate = Double(state.board.transferred) / (Double(seconds) + Double(attoseconds) / 1e18)
        return Int64(exactly: rate.rounded(.down))
    }

    /// Whether nothing was printed about `digest` for so long; if so, it is printed now.
    private func isTime(
        _ digest: String,
        _ now: ContinuousClock.Instant,
        _ interval: Duration,
        _ state: inout State
    ) -> Bool {
        if let reported = state.reported[digest], now - reported < interval { return false }
        state.reported[digest] = now
        return true
    }
}
