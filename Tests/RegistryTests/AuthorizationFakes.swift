import HTTP
import OCI
import Synchronization

@testable import Registry

/// A transport that answers from a script, and remembers what it was asked.
final class ScriptedTransport: HTTPTransport {
    struct Answer: Sendable {
        var status = 200
        var headers = HTTPHeaders()
        var body = ""
        var failure: HTTPFailure?

        /// A token that is good for `lifetime`, which is JSON.
        static func token(_ token: String, lifetime: String = "300") -> Answer {
            Answer(body: #"{"token":"\#(token)","expires_in":\#(lifetime)}"#)
        }
    }

    private let seen = Mutex<[HTTPRequest]>([])
    private let answer: @Sendable (_ request: HTTPRequest, _ number: Int) -> Answer

    /// Requests are numbered from 0.
    init(_ answer: @escaping @Sendable (_ request: HTTPRequest, _ number: Int) -> Answer) { self.answer = answer }

    var requests: [HTTPRequest] { seen.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        let number = seen.withLock { seen in
            seen.append(request)
            return seen.count - 1
        }
        // So that others have the time to ask, too.
        try? await Task.sleep(for: .milliseconds(5))
        let answer = answer(request, number)
        if let failure = answer.failure { throw failure }
        return HTTPResponse(status: answer.status, headers: answer.headers, body: WholeBody(answer.body))
    }
}

/// A body that arrives in one piece.
private final class WholeBody: HTTPResponseBody {
    private let bytes: Mutex<[UInt8]>

    init(_ text: String) { bytes = Mutex(Array(text.utf8)) }

    func next() async throws(HTTPFailure) -> HTTPChunk? {
        let chunk = bytes.withLock { bytes in
            defer { bytes = [] }
            return bytes
        }
        return chunk.isEmpty ? nil : HTTPChunk(chunk)
    }
}

extension HTTPRequest {
    /// The body's text; `nil` if absent, or if it is read while it is sent.
    var text: String? {
        if case .bytes(let bytes) = body { String(decoding: bytes, as: UTF8.self) } else { nil }
    }
}

extension RetryPolicy {
    /// As often as ever, without the waiting.
    static var immediate: RetryPolicy {
        var policy = RetryPolicy()
        policy.firstDelay = .zero
        policy.longestDelay = .milliseconds(1)
        return policy
    }
}

extension HTTPHeaders {
    static func challenges(_ values: String...) -> HTTPHeaders {
        var headers = HTTPHeaders()
        for value in values { headers.add("WWW-Authenticate", value) }
        return headers
    }
}
