internal import AsyncHTTPClient
internal import NIOCore
internal import Synchronization

/// The body of an answer of AsyncHTTPClient. With its last reference, what has not been read is given up.
///
/// `@unchecked Sendable`: `iterator` is used only by the one call of `next` that has set `isBusy`.
final class StreamedBody: HTTPResponseBody, @unchecked Sendable {
    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private let isBusy = Atomic(false)
    private let explanation: FailureExplanation
    /// Its connections close with it.
    private let transport: AsyncHTTPTransport

    init(_ body: HTTPClientResponse.Body, of transport: AsyncHTTPTransport, _ explanation: FailureExplanation) {
        iterator = body.makeAsyncIterator()
        self.explanation = explanation
        self.transport = transport
    }

    func next() async throws(HTTPFailure) -> HTTPChunk? {
        precondition(!isBusy.exchange(true, ordering: .acquiring), "a body is read by one task at a time")
        defer { isBusy.store(false, ordering: .releasing) }
        do {
            while let buffer = try await iterator.next() {
                if buffer.readableBytes > 0 { return HTTPChunk(buffer) }
            }
        } catch {
            throw explanation.failure(for: error)
        }
        // A cancelled task sees the sequence end.
        if Task.isCancelled { throw HTTPFailure(.cancelled, "it was cancelled") }
        return nil
    }
}
