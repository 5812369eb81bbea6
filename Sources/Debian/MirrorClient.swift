import ByteIO
import Diagnostics
package import HTTP
import OCI

/// Fetches files from mirrors.
///
/// Mirrors need not be trusted, and connections need not be encrypted: every file is verified.
package struct MirrorClient: Sendable {
    /// Mirrors send to mirrors, and are sent no credential.
    private static let redirects = Redirects(limit: 5, to: .anyOrigin)

    /// Fewer tries and shorter pauses than for registries: often there is another mirror.
    private static let retries = RetryPolicy(
        attempts: 3,
        firstDelay: .milliseconds(500),
        longestDelay: .seconds(10),
        jitter: 0.5...1,
        statuses: RetryPolicy.temporaryStatuses.union(500...599)
    )

    private let transport: any HTTPTransport
    private let retrying: Retrying

    /// - Parameter observer: is called before every pause between two tries.
    package init(
        _ transport: any HTTPTransport,
        clock: RetryClock = RetryClock(),
        observer: @escaping @Sendable (Retrying.Wait) -> Void = { _ in }
    ) {
        self.transport = transport
        retrying = Retrying(Self.retries, clock: clock, observer: observer)
    }

    /// A whole file of at most `limit` bytes, whose size and digest are not known.
    func bytes(of path: String, at mirror: String, limit: Int) async throws(MirrorRefusal) -> [UInt8] {
        try await get(path, at: mirror) { (response) async throws(MirrorRefusal) in
            var bytes = [UInt8]()
            while let chunk = try await Self.next(response) {
                guard bytes.count + chunk.count <= limit else {
                    throw MirrorRefusal(.broken, "it is longer than \(limit) bytes")
                }
                chunk.withUnsafeBytes { bytes += $0 }
            }
            return bytes
        }
    }

    /// A whole file with the promised size and digest, in memory.
    func bytes(
        of path: String,
        at mirror: String,
        promised promise: ReleaseFile.Promise
    ) async throws(MirrorRefusal) -> [UInt8] {
        try await get(path, at: mirror) { (response) async throws(MirrorRefusal) in
            var check = try PromiseCheck(promise.size, promise.digest, response)
            var bytes = [UInt8]()
            while let chunk = try await Self.next(response) {
                try check.take(chunk)
                chunk.withUnsafeBytes { bytes += $0 }
            }
            _ = try check.finish()
            return bytes
        }
    }

    /// A whole file of the promised size, on disk, and its digest, which is the promised one if there is a promise.
    func draft(
        of path: String,
        at mirror: String,
        size: Int64,
        digest: Digest?,
        in directory: FilePath
    ) async throws(MirrorRefusal) -> (draft: SealedDraft, digest: Digest) {
        try await get(path, at: mirror) { (response) async throws(MirrorRefusal) in
            var check = try PromiseCheck(size, digest, response)
            var draft = try Self.begin(in: directory)
            while let chunk = try await Self.next(response) {
                try check.take(chunk)
                do throws(Diagnostic) {
                    try chunk.withUnsafeBytes { (bytes) throws(Diagnostic) in try draft.write(bytes) }
                } catch {
                    throw MirrorRefusal(local: error)
                }
            }
            let digest = try check.finish()
            return (draft.seal(), digest)
        }
    }
}

extension MirrorClient {
    private func get<Value: Sendable>(
        _ path: String,
        at mirror: String,
        _ take: (HTTPResponse) async throws(MirrorRefusal) -> Value
    ) async throws(MirrorRefusal) -> Value {
        let isDirectory = MirrorDirectory.isOne(mirror)
        let address = "\(mirror)/\(isDirectory ? path : path.percentEncodedPath)"
        do throws(MirrorRefusal) {
            if isDirectory { return try await take(try MirrorDirectory.response(address)) }
            let url = try Self.refusing { () throws(Diagnostic) in try HTTPURL(parsing: address) }
            return try await retrying.run(at: url.origin.host) {
                await answer(from: url).then {
                    (response) async throws(MirrorRefusal) -> Attempt<Value, MirrorRefusal> in
                    do throws(MirrorRefusal) {
                        return .done(try await take(response))
                    } catch {
                        return error.kind == .interrupted ? .again(error) : .failed(error)
                    }
                }
            }
        } catch {
            var refusal = error
            refusal.address = address
            throw refusal
        }
    }

    private func answer(from url: HTTPURL) async -> Attempt<HTTPResponse, MirrorRefusal> {
        let response: HTTPResponse
        do throws(Redirects.Failure) {
            response = try await Self.redirects.send(HTTPRequest(.get, url), through: transport).response
        } catch {
            switch error {
            case .transport(let failure):
                let refusal = MirrorRefusal(failure)
                return failure.isTransient ? .again(refusal) : .failed(refusal)
            case .refused(let problem): return .failed(MirrorRefusal(unreachable: problem))
            case .otherOrigin, .tooMany:
                return .failed(MirrorRefusal(.unreachable, "it redirects more than \(Self.redirects.limit) times"))
            }
        }
        let status = response.status
        if status == 200 { return .done(response) }
        if retrying.policy.statuses.contains(status) {
            return .again(
                MirrorRefusal(.interrupted, "it answers with status \(status)"),
                after: RetryAfter.delay(in: response.headers)
            )
        }
        return .failed(
            status == 404 || status == 410
                ? MirrorRefusal(.absent, "it has no such file (status \(status))")
                : MirrorRefusal(.unreachable, "it answers with status \(status)")
        )
    }

    private static func next(_ response: HTTPResponse) async throws(MirrorRefusal) -> HTTPChunk? {
        do throws(HTTPFailure) {
            return try await response.body.next()
        } catch {
            throw MirrorRefusal(error)
        }
    }

    private static func begin(in directory: FilePath) throws(MirrorRefusal) -> BlobDraft {
        do throws(Diagnostic) {
            return try BlobDraft(in: directory)
        } catch {
            throw MirrorRefusal(local: error)
        }
    }

    private static func refusing<Value>(_ body: () throws(Diagnostic) -> Value) throws(MirrorRefusal) -> Value {
        do throws(Diagnostic) {
            return try body()
        } catch {
            throw MirrorRefusal(unreachable: error)
        }
    }
}
