import ByteIO
import Diagnostics
package import HTTP

/// Gets files from mirrors.
///
/// Mirrors need not be trusted, nor encrypted: whatever they give is verified.
package struct MirrorClient: Sendable {
    private static let redirectLimit = 5
    private static let attempts = 3

    private let transport: any HTTPTransport

    package init(_ transport: any HTTPTransport) { self.transport = transport }

    /// A whole file of at most `limit` bytes, of which nothing was promised.
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

    /// A whole file as it was promised, in memory.
    func bytes(
        of path: String,
        at mirror: String,
        promised promise: ReleaseFile.Promise
    ) async throws(MirrorRefusal) -> [UInt8] {
        try await get(path, at: mirror) { (response) async throws(MirrorRefusal) in
            var check = try PromiseCheck(promise, response)
            var bytes = [UInt8]()
            while let chunk = try await Self.next(response) {
                try check.take(chunk)
                chunk.withUnsafeBytes { bytes += $0 }
            }
            try check.finish()
            return bytes
        }
    }

    /// A whole file as it was promised, on disk.
    func draft(
        of path: String,
        at mirror: String,
        promised promise: ReleaseFile.Promise,
        in directory: FilePath
    ) async throws(MirrorRefusal) -> SealedDraft {
        try await get(path, at: mirror) { (response) async throws(MirrorRefusal) in
            var check = try PromiseCheck(promise, response)
            var draft = try Self.begin(in: directory)
            while let chunk = try await Self.next(response) {
                try check.take(chunk)
                do throws(Diagnostic) {
                    try chunk.withUnsafeBytes { (bytes) throws(Diagnostic) in try draft.write(bytes) }
                } catch {
                    throw MirrorRefusal(local: error)
                }
            }
            try check.finish()
            return draft.seal()
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
        var attempt = 1
        while true {
            do throws(MirrorRefusal) {
                let response = isDirectory ? MirrorDirectory.response(address) : try await follow(address)
                guard response.status == 200 else {
                    throw isDirectory
                        ? MirrorDirectory.refusal(status: response.status) : Self.refusal(status: response.status)
                }
                return try await take(response)
            } catch {
                guard error.kind == .interrupted, attempt < Self.attempts, !Task.isCancelled else {
                    var refusal = error
                    refusal.address = address
                    throw refusal
                }
            }
            try? await Task.sleep(for: .milliseconds(250 * attempt))
            attempt += 1
        }
    }

    private func follow(_ address: String) async throws(MirrorRefusal) -> HTTPResponse {
        var request = HTTPRequest(.get, try Self.refusing { () throws(Diagnostic) in try HTTPURL(parsing: address) })
        for _ in 0...Self.redirectLimit {
            let response = try await send(request)
            guard [301, 302, 303, 307, 308].contains(response.status), let location = response.headers["Location"]
            else { return response }
            let current = request
            request = try Self.refusing { () throws(Diagnostic) in
                try RedirectPolicy.request(current, redirectedTo: location)
            }
        }
        throw MirrorRefusal(.unreachable, "it redirects more than \(Self.redirectLimit) times")
    }

    private func send(_ request: HTTPRequest) async throws(MirrorRefusal) -> HTTPResponse {
        do throws(HTTPFailure) {
            return try await transport.send(request)
        } catch {
            throw MirrorRefusal(error)
        }
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

    private static func refusal(status: Int) -> MirrorRefusal {
        switch status {
        case 404, 410: MirrorRefusal(.absent, "it has no such file (status \(status))")
        case 429, 500...599: MirrorRefusal(.interrupted, "it answers with status \(status)")
        default: MirrorRefusal(.unreachable, "it answers with status \(status)")
        }
    }

    private static func refusing<Value>(_ body: () throws(Diagnostic) -> Value) throws(MirrorRefusal) -> Value {
        do throws(Diagnostic) {
            return try body()
        } catch {
            throw MirrorRefusal(.unreachable, [error.summary, error.reason].compactMap(\.self).joined(separator: ": "))
        }
    }
}
