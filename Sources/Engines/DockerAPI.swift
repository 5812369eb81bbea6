import ByteIO
import Diagnostics
import HTTP
import OCI
import Store

/// The two questions that a load asks of Docker's API.
struct DockerAPI {
    let address: DockerAddress
    let userAgent: String
    private let transport: AsyncHTTPTransport

    /// Largest answer, and longest line of it, in bytes.
    private static let (answerLimit, lineLimit) = (8 << 20, 256 << 10)

    /// - Throws: `proxy.malformed`.
    init(_ address: DockerAddress, _ environment: [String: String], userAgent: String) throws(Diagnostic) {
        self.address = address
        self.userAgent = userAgent
        var timeouts = AsyncHTTPTransport.Timeouts()
        // The daemon unpacks all layers before it answers, and says nothing meanwhile.
        timeouts.headers = .seconds(3600)
        timeouts.stall = .seconds(3600)
        timeouts.minimumRate = 0
        switch address {
        case .socket(let socket): transport = AsyncHTTPTransport(socket: socket, timeouts: timeouts)
        case .network:
            transport = try AsyncHTTPTransport(environment: environment, embeddedAuthorities: [], timeouts: timeouts)
        }
    }

    func close() async { await transport.shutdown() }

    /// The processor and operating system that its containers run on; `nil` if it does not say.
    ///
    /// - Throws: `engine.failed`, `engine.denied`.
    func platform() async throws(Diagnostic) -> Platform? {
        let answer = try await send(.get, "/version", headers: [:], .none)
        let bytes = try await collect(answer)
        try check(answer, bytes)
        let name = "the answer of `\(address.display)`"
        guard let json = (try? JSON(parsing: bytes, named: name)).map({ JSONReader($0, named: name) }),
            let system = try? json.optional("Os")?.string(), let processor = try? json.optional("Arch")?.string()
        else { return nil }
        return try? Platform(parsing: "\(system)/\(processor)")
    }

    /// Has the daemon load an archive, and returns what it says it has loaded.
    ///
    /// - Throws: `engine.failed`, `engine.denied`; `blob.…` for an archive that cannot be read.
    func load(_ stream: ArchiveStream) async throws(Diagnostic) -> [String] {
        let answer = try await send(
            .post,
            "/images/load?quiet=1",
            // Without it, the daemon reads the archive as a form.
            headers: ["Content-Type": "application/x-tar"],
            .upload(ArchiveUpload(stream))
        )
        guard answer.status == 200 else {
            let bytes = try await collect(answer)
            try check(answer, bytes)
            throw failed("it answered with status \(answer.status)")
        }
        // Whether it went well is in the lines that come after the status.
        var lines = DockerMessages()
        do throws(HTTPFailure) {
            while let chunk = try await answer.body.next() {
                let isShort = chunk.withUnsafeBytes {
                    lines.add($0, lineLimit: Self.lineLimit, limit: Self.answerLimit)
                }
                guard isShort else { throw HTTPFailure(.malformed, "its answer is longer than any that is read") }
                if let problem = lines.problem { throw HTTPFailure(.malformed, problem) }
            }
        } catch {
            throw failed(lines.problem.map { "it says: \($0)" } ?? error.reason)
        }
        lines.end()
        if let problem = lines.problem { throw failed("it says: \(problem)") }
        guard !lines.loaded.isEmpty else {
            throw failed("it does not say that it has loaded an image" + (lines.last.map { ": \($0)" } ?? ""))
        }
        return lines.loaded
    }

    private func send(
        _ method: HTTPRequest.Method,
        _ target: String,
        headers fields: [String: String],
        _ body: HTTPRequest.Body
    ) async throws(Diagnostic) -> HTTPResponse {
        var headers = HTTPHeaders()
        headers.add("User-Agent", userAgent)
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) { headers.add(name, value) }
        let url: HTTPURL =
            switch address {
            case .socket: HTTPURL(scheme: .http, host: "localhost", target: target)
            case .network(let server):
                HTTPURL(
                    scheme: server.origin.scheme,
                    host: server.origin.host,
                    port: server.origin.port,
                    target: target
                )
            }
        do throws(HTTPFailure) {
            return try await transport.send(HTTPRequest(method, url, headers: headers, body: body))
        } catch {
            if let problem = error.underlying { throw problem }
            throw failed(error.reason)
        }
    }

    private func collect(_ answer: HTTPResponse) async throws(Diagnostic) -> [UInt8] {
        do throws(HTTPFailure) {
            guard let bytes = try await answer.body.collect(limit: Self.lineLimit) else {
                throw HTTPFailure(.malformed, "its answer is longer than any that is read")
            }
            return bytes
        } catch {
            throw failed(error.reason)
        }
    }

    private func check(_ answer: HTTPResponse, _ body: [UInt8]) throws(Diagnostic) {
        guard answer.status != 200 else { return }
        let name = "the answer"
        let json = (try? JSON(parsing: body, named: name)).map { JSONReader($0, named: name) }
        let message = try? json?.optional("message")?.string()
        throw failed(
            "it answered with status \(answer.status)" + (message.map { ": \($0.excerpt(atMost: 300))" } ?? "")
        )
    }

    private func failed(_ reason: String) -> Diagnostic {
        let words = reason.lowercased()
        let hint =
            if words.contains("no space left") {
                "its storage is full: free some space there"
            } else if words.contains("content digest") && words.contains("not found") {
                // containerd's store unpacks all that it knows of an index, also what came for another platform.
                "its store has an image of the same index for another platform, without layers: remove the image there, "
                    + "and load it again"
            } else {
                "its own log says more"
            }
        return Diagnostic(
            .engineFailed,
            "the engine at `\(address.display)` did not load the image",
            because: reason,
            hint: hint
        )
    }
}

/// The lines of JSON that a daemon sends while it works.
struct DockerMessages {
    /// What it says it has loaded: names, or digests.
    private(set) var loaded: [String] = []
    /// What it says went wrong; `nil` if it says nothing of the kind.
    private(set) var problem: String?
    /// What it said last.
    private(set) var last: String?
    private var line: [UInt8] = []
    private var count = 0

    /// Reads some bytes; false if they are more, or a line is longer, than is read.
    mutating func add(_ bytes: UnsafeRawBufferPointer, lineLimit: Int, limit: Int) -> Bool {
        count += bytes.count
        guard count <= limit else { return false }
        for byte in bytes {
            if byte == UInt8(ascii: "\n") { end() } else { line.append(byte) }
            guard line.count <= lineLimit else { return false }
        }
        return true
    }

    /// Takes what has come as a whole line.
    mutating func end() {
        defer { line = [] }
        guard line.contains(where: { $0 > 0x20 }) else { return }
        guard let json = try? JSON(parsing: line, named: "a line") else {
            last = String(decoding: line, as: UTF8.self).excerpt(atMost: 300)
            return
        }
        let reader = JSONReader(json, named: "a line")
        let detail = try? reader.optional("errorDetail")?.optional("message")?.string()
        if let message = detail ?? (try? reader.optional("error")?.string()) {
            problem = problem ?? message.excerpt(atMost: 300)
        }
        guard let text = try? reader.optional("stream")?.string() else { return }
        last = text.excerpt(atMost: 300)
        for part in text.split(whereSeparator: \.isNewline) {
            for start in ["Loaded image: ", "Loaded image ID: ", "Loaded image(s): "] where part.hasPrefix(start) {
                loaded += part.dropFirst(start.count).split(separator: ",").map {
                    String($0.drop { $0 == " " }).excerpt(atMost: 300)
                }
            }
        }
    }
}

/// An archive as the body of a request.
private struct ArchiveUpload: HTTPUpload {
    private let reader: ArchiveReader

    init(_ stream: ArchiveStream) { reader = ArchiveReader(stream) }

    var size: Int64 { reader.size }

    func read(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        if offset == 0 { reader.rewind() }
        return try reader.read(count)
    }
}
