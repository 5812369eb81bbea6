package import Diagnostics
internal import NIOCore

/// The body of a request, read piece by piece as the connection takes it.
struct RequestBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let content: any HTTPUpload

    /// Size of a piece, in bytes: large enough that the steps between two pieces cost nothing.
    private static let pieceSize: Int64 = 256 << 10

    func makeAsyncIterator() -> Iterator { Iterator(content: content) }

    struct Iterator: AsyncIteratorProtocol {
        let content: any HTTPUpload
        private var offset: Int64 = 0

        init(content: any HTTPUpload) { self.content = content }

        mutating func next() async throws(HTTPFailure) -> ByteBuffer? {
            let count = Int(Swift.min(RequestBody.pieceSize, content.size - offset))
            guard count > 0 else { return nil }
            let bytes: [UInt8]
            do throws(Diagnostic) {
                bytes = try content.read(at: offset, count: count)
            } catch {
                throw HTTPFailure(.upload(error.code), error.summary, hint: error.hint, underlying: error)
            }
            guard bytes.count == count else {
                throw HTTPFailure(
                    .upload(.uploadChanged),
                    "the content being sent has changed its size",
                    underlying: Diagnostic(.uploadChanged, "the content being sent has changed its size")
                )
            }
            offset += Int64(count)
            return ByteBuffer(bytes: bytes)
        }
    }
}

extension Diagnostic.Code {
    /// A body has fewer bytes than announced.
    package static let uploadChanged = Self("upload.changed", .localIO)
}
