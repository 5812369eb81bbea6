internal import NIOCore

package struct HTTPResponse: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    /// The body. If it is dropped before its end, the connection is closed.
    package let body: any HTTPResponseBody

    package init(status: Int, headers: HTTPHeaders, body: any HTTPResponseBody) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// A body as it arrives.
package protocol HTTPResponseBody: Sendable {
    /// The next bytes; `nil` at the end. Must not be called from two tasks at once.
    func next() async throws(HTTPFailure) -> HTTPChunk?
}

/// Some bytes of a body, at least one.
package struct HTTPChunk: Sendable {
    private let buffer: ByteBuffer

    package init(_ bytes: [UInt8]) { buffer = ByteBuffer(bytes: bytes) }
    init(_ buffer: ByteBuffer) { self.buffer = buffer }

    package var count: Int { buffer.readableBytes }

    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var outcome: Swift.Result<Result, Failure>?
        buffer.withUnsafeReadableBytes { bytes in
            do throws(Failure) { outcome = .success(try body(bytes)) } catch { outcome = .failure(error) }
        }
        guard let outcome else { preconditionFailure("the closure is always called") }
        return try outcome.get()
    }
}

extension HTTPResponseBody {
    /// The whole body; `nil` if it is longer than `limit` bytes. The rest is not read then.
    package func collect(limit: Int) async throws(HTTPFailure) -> [UInt8]? {
        var bytes = [UInt8]()
        while let chunk = try await next() {
            guard bytes.count + chunk.count <= limit else { return nil }
            chunk.withUnsafeBytes { bytes += $0 }
        }
        return bytes
    }
}
