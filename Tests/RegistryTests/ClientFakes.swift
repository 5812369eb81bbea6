import Diagnostics
import HTTP
import OCI
import Store
import Synchronization

@testable import Registry

/// A registry in memory that does what distribution-spec says, unless a test wants it otherwise. It remembers what it was
/// asked. It stands for all hosts; whose a request is for is up to the test.
final class FakeRegistry: HTTPTransport {
    /// A request that was sent, with all of its body.
    struct Sent: Sendable {
        var method: HTTPRequest.Method
        var url: HTTPURL
        var headers: HTTPHeaders
        var body: [UInt8]

        /// `GET /v2/me/app/tags/list`; with the origin, where it is not `FakeRegistry.host`.
        var line: String {
            "\(method.rawValue) \(url.origin.host == FakeRegistry.host ? url.target : url.description)"
        }
    }

    struct Answer: Sendable {
        var status = 200
        var headers = HTTPHeaders()
        var body: [UInt8] = []
        /// Instead of an answer.
        var failure: HTTPFailure?
        /// Behind the body.
        var breaks: HTTPFailure?

        init(_ status: Int = 200, _ headers: HTTPHeaders = HTTPHeaders(), _ body: [UInt8] = []) {
            self.status = status
            self.headers = headers
            self.body = body
        }

        init(_ status: Int, _ headers: HTTPHeaders = HTTPHeaders(), text: String) {
            self.init(status, headers, Array(text.utf8))
        }

        init(failure: HTTPFailure) { self.failure = failure }
    }

    /// What is answered instead; `nil` for what a registry should. Requests with the same line are numbered from 0.
    typealias Fault = @Sendable (_ request: Sent, _ number: Int) -> Answer?

    private struct State {
        var sent: [Sent] = []
        var numbers: [String: Int] = [:]
        var pauses: [Duration] = []
        var events: [String] = []
        var blobs: [String: [UInt8]] = [:]
        var manifests: [String: (type: String, bytes: [UInt8])] = [:]
        var uploads = 0
    }

    static let host = "registry.test"
    static let repository = RepositoryName(registry: host, path: "me/app")

    private let state = Mutex(State())
    private let fault: Fault

    init(_ fault: @escaping Fault = { _, _ in nil }) { self.fault = fault }

    var requests: [Sent] { state.withLock { $0.sent } }
    var lines: [String] { requests.map(\.line) }
    /// What was waited between tries, in seconds.
    var pauses: [Double] {
        state.withLock { $0.pauses }.map { Double($0.components.seconds) + Double($0.components.attoseconds) / 1e18 }
    }
    var blobs: [String: [UInt8]] { state.withLock { $0.blobs } }
    /// By `REPOSITORY:NAME`.
    var manifests: [String: [UInt8]] { state.withLock { $0.manifests.mapValues(\.bytes) } }
    /// `began`, `0`, `ended …` in order, without the digests.
    var events: [String] { state.withLock { $0.events } }

    func client(_ change: (inout RegistryClient.Options) -> Void = { _ in }) -> RegistryClient {
        var options = RegistryClient.Options(credentials: CredentialStore(environment: [:]))
        options.clock.random = { 1 }
        options.clock.pause = { [self] pause in state.withLock { $0.pauses.append(pause) } }
        change(&options)
        return RegistryClient(self, options) { [self] event in
            state.withLock { state in
                switch event {
                case .began(_, let direction): state.events.append("began \(direction)")
                case .advanced(_, let bytes): state.events.append("\(bytes)")
                case .ended(_, let outcome): state.events.append("ended \(outcome)")
                case .retrying(let registry, let attempt, let limit, _, _):
                    state.events.append("retrying \(registry) \(attempt)/\(limit)")
                }
            }
        }
    }

    /// Has the blob from now on.
    @discardableResult
    func hold(_ bytes: [UInt8], in path: String = "me/app", as type: MediaType = .layerTarGzip) -> Descriptor {
        let blob = Descriptor(mediaType: type, digest: Digest(sha256Of: bytes), size: Int64(bytes.count))
        state.withLock { $0.blobs["\(path)@\(blob.digest)"] = bytes }
        return blob
    }

    /// Has the manifest from now on, by digest and under `tag`.
    @discardableResult
    func hold(manifest bytes: [UInt8], _ tag: String? = nil, as type: MediaType = .imageManifest) -> Descriptor {
        let descriptor = Descriptor(mediaType: type, digest: Digest(sha256Of: bytes), size: Int64(bytes.count))
        state.withLock { state in
            for name in [tag, descriptor.digest.description] {
                if let name { state.manifests["me/app:\(name)"] = (type.rawValue, bytes) }
            }
        }
        return descriptor
    }

    // MARK: HTTP

    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        let line = Sent(method: request.method, url: request.url, headers: request.headers, body: []).line
        // What cannot be read to its end has been asked for all the same.
        let (place, number) = state.withLock { state in
            let number = state.numbers[line, default: 0]
            state.numbers[line] = number + 1
            state.sent.append(Sent(method: request.method, url: request.url, headers: request.headers, body: []))
            return (state.sent.count - 1, number)
        }
        try read(request.body) { bytes in state.withLock { $0.sent[place].body += bytes } }
        await Task.yield()
        let sent = state.withLock { $0.sent[place] }
        let answer = fault(sent, number) ?? self.answer(sent)
        if let failure = answer.failure { throw failure }
        var headers = answer.headers
        if headers["Content-Length"] == nil, answer.breaks == nil {
            headers["Content-Length"] = String(answer.body.count)
        }
        if headers["Content-Length"] == "-" { headers["Content-Length"] = nil }
        let body = FakeBody(request.method == .head ? [] : answer.body, answer.breaks)
        return HTTPResponse(status: answer.status, headers: headers, body: body)
    }

    private func read(_ body: HTTPRequest.Body, _ take: ([UInt8]) -> Void) throws(HTTPFailure) {
        switch body {
        case .none: break
        case .bytes(let bytes): take(bytes)
        case .upload(let content):
            var offset: Int64 = 0
            while offset < content.size {
                do throws(Diagnostic) {
                    let bytes = try content.read(at: offset, count: Int(min(1000, content.size - offset)))
                    take(bytes)
                    offset += Int64(bytes.count)
                } catch {
                    throw HTTPFailure(.upload(error.code), error.summary, underlying: error)
                }
            }
        }
    }

    private func answer(_ request: Sent) -> Answer {
        let parts = request.url.target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? String(parts[1]) : ""
        var path = parts[0].split(separator: "/").map(String.init)
        guard path.first == "v2" else { return Answer(404) }
        path.removeFirst()
        guard let place = path.lastIndex(where: { ["blobs", "manifests", "tags", "referrers"].contains($0) }) else {
            return Answer(200, text: "{}")
        }
        let repository = path[..<place].joined(separator: "/")
        let rest = path[(place + 1)...].joined(separator: "/")
        switch path[place] {
        case "blobs" where rest.hasPrefix("uploads"): return upload(request, repository, query)
        case "blobs": return blob(request, state.withLock { $0.blobs["\(repository)@\(rest)"] })
        case "manifests": return manifest(request, repository, rest)
        default: return Answer(404, text: "404 page not found")
        }
    }

    private func blob(_ request: Sent, _ bytes: [UInt8]?) -> Answer {
        guard let bytes else { return .error(404, "BLOB_UNKNOWN") }
        guard let range = request.headers["Range"], let from = Int(range.dropFirst(6).dropLast()) else {
            return Answer(200, [:], bytes)
        }
        return Answer(206, ["Content-Range": "bytes \(from)-\(bytes.count - 1)/\(bytes.count)"], Array(bytes[from...]))
    }

    private func upload(_ request: Sent, _ repository: String, _ query: String) -> Answer {
        switch request.method {
        case .post:
            let number = state.withLock { state in
                state.uploads += 1
                return state.uploads
            }
            return Answer(202, ["Location": "/v2/\(repository)/blobs/uploads/\(number)?_state=s%2B1"])
        case .put:
            let digest = Digest(sha256Of: request.body)
            guard query.hasSuffix("digest=\(digest)") else { return .error(400, "DIGEST_INVALID") }
            hold(request.body, in: repository)
            return Answer(201, ["Docker-Content-Digest": digest.description])
        default: return Answer(204)
        }
    }

    private func manifest(_ request: Sent, _ repository: String, _ name: String) -> Answer {
        let digest = Digest(sha256Of: request.body).description
        if request.method == .put {
            let manifest = (request.headers["Content-Type"] ?? "", request.body)
            state.withLock { state in
                for name in [name, digest] { state.manifests["\(repository):\(name)"] = manifest }
            }
            return Answer(201, ["Docker-Content-Digest": digest])
        }
        guard let (type, bytes) = state.withLock({ $0.manifests["\(repository):\(name)"] }) else {
            return .error(404, "MANIFEST_UNKNOWN")
        }
        return Answer(200, ["Content-Type": type, "Docker-Content-Digest": Digest(sha256Of: bytes).description], bytes)
    }
}

extension Diagnostic {
    /// The reason, without the seconds that a busy machine makes of none.
    var timelessReason: String? {
        guard let words = reason?.split(separator: " "), words.last == "s" else { return reason }
        return words.dropLast(2).joined(separator: " ")
    }
}

extension FakeRegistry.Answer {
    /// The error JSON of distribution-spec.
    static func error(_ status: Int, _ code: String, _ headers: HTTPHeaders = HTTPHeaders()) -> Self {
        Self(status, headers, text: #"{"errors":[{"code":"\#(code)","message":"the message"}]}"#)
    }

    /// What breaks off behind `bytes`.
    static func broken(_ bytes: some Sequence<UInt8>, _ status: Int = 200, _ headers: HTTPHeaders = [:]) -> Self {
        var answer = Self(status, headers, Array(bytes))
        answer.breaks = HTTPFailure(.reset, "the connection was closed")
        return answer
    }
}

/// Arrives in pieces of 1000 bytes.
private final class FakeBody: HTTPResponseBody {
    private let rest: Mutex<ArraySlice<UInt8>>
    private let breaks: HTTPFailure?

    init(_ bytes: [UInt8], _ breaks: HTTPFailure?) {
        rest = Mutex(bytes[...])
        self.breaks = breaks
    }

    func next() async throws(HTTPFailure) -> HTTPChunk? {
        let chunk = rest.withLock { rest in
            let chunk = Array(rest.prefix(1000))
            rest = rest.dropFirst(1000)
            return chunk
        }
        if !chunk.isEmpty { return HTTPChunk(chunk) }
        if let breaks { throw breaks }
        return nil
    }
}
