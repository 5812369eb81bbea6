internal import AsyncHTTPClient
internal import NIOCore

/// The body of an answer of AsyncHTTPClient. With its last reference, the unread rest is abandoned.
actor StreamedBody: HTTPResponseBody {
    /// `nil` while a call of `next` uses it.
    private var iterator: HTTPClientResponse.Body.AsyncIterator?
    private let explanation: FailureExplanation
    /// Kept because its connections close with it.
    private let transport: AsyncHTTPTransport

    init(_ body: HTTPClientResponse.Body, of transport: AsyncHTTPTransport, _ explanation: FailureExplanation) {
        iterator = body.makeAsyncIterator()
        self.explanation = explanation
        self.transport = transport
    }

    func next() async throws(HTTPFailure) -> HTTPChunk? {
        guard var iterator = self.iterator.take() else {
            preconditionFailure("a body is read by one task at a time")
        }
        defer { self.iterator = iterator }
        do {
            while let buffer = try await iterator.next(isolation: self) {
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
