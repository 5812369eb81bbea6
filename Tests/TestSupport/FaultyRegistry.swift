import Synchronization

/// A small registry in memory that answers as the distribution-spec says, unless a fault says otherwise.
///
/// It knows no referrers API, as many do not, unless it is asked to.
package final class FaultyRegistry: Sendable {
    /// A request and the right answer to it.
    package struct Asked: Sendable {
        package let step: RegistryStep
        package let request: ReceivedRequest

        /// How many requests for this step came before it.
        package let number: Int

        /// The digest, tag or session that the request is about; empty if there is none.
        package let name: String
        package let answer: ScriptedAnswer
    }

    private struct Contents {
        /// By repository and digest.
        var blobs = [String: [String: [UInt8]]]()
        /// By repository and tag or digest.
        var manifests = [String: [String: [UInt8]]]()
        var counts = [RegistryStep: Int]()

        /// What unfinished uploads have brought.
        var sessions = [String: [UInt8]]()
        var sessionCount = 0
    }

    private let contents: Shared
    private let server: ScriptedServer

    // A closure cannot share what is not copyable.
    private final class Shared: Sendable {
        let value = Mutex(Contents())
    }

    /// - Parameter bodyLimit: As that of `ScriptedServer`.
    /// - Parameter listsReferrers: Whether it has the referrers API (distribution-spec § Listing Referrers).
    /// - Parameter fault: Gives the answer; what it does to the connection is up to it.
    package init(
        bodyLimit: @escaping @Sendable (RegistryStep) -> Int = { _ in .max },
        listsReferrers: Bool = false,
        _ fault: @escaping @Sendable (Asked) -> ScriptedAnswer
    ) throws {
        let contents = Shared()
        self.contents = contents
        server = try ScriptedServer(
            bodyLimit: { bodyLimit(RegistryStep.parse($0).step) },
            { request in
                let (step, repository, name) = RegistryStep.parse(request)
                return contents.value.withLock { contents in
                    // The end of an upload that came in pieces is about all of them.
                    let body = step == .putBlob ? contents.sessions[name, default: []] + request.body : request.body
                    let digest = (try? Self.digest(of: body)) ?? ""
                    let number = contents.counts[step, default: 0]
                    contents.counts[step] = number + 1
                    var answer = Self.answer(step, request, repository: repository, name, digest, &contents)
                    if listsReferrers, step == .referrers {
                        answer = Self.referrers(of: name, contents.manifests[repository] ?? [:])
                    }
                    if listsReferrers, step == .putManifest, let subject = Self.subject(of: request.body) {
                        answer = .response(201, [("Docker-Content-Digest", digest), ("OCI-Subject", subject)])
                    }
                    return fault(Asked(step: step, request: request, number: number, name: name, answer: answer))
                }
            }
        )
    }

    /// One without a fault.
    package convenience init(listsReferrers: Bool = false) throws {
        try self.init(listsReferrers: listsReferrers) { $0.answer }
    }

    /// The host and port that references begin with.
    package var address: String { server.address }

    package var requests: [ReceivedRequest] { server.requests }

    /// How often a step was asked for.
    package func count(_ step: RegistryStep) -> Int { contents.value.withLock { $0.counts[step, default: 0] } }

    /// Puts an image into `repository` as if a client had pushed it.
    package func hold(_ image: HandmadeImage, in repository: String, tag: String) {
        contents.value.withLock { contents in
            for (digest, bytes) in image.blobs { contents.blobs[repository, default: [:]][digest] = bytes }
            for (digest, bytes) in image.manifests { contents.manifests[repository, default: [:]][digest] = bytes }
            contents.manifests[repository, default: [:]][tag] = image.top
        }
    }

    /// The bytes of a manifest by tag or digest; `nil` if there is none.
    package func manifest(_ name: String, in repository: String) -> [UInt8]? {
        contents.value.withLock { $0.manifests[repository]?[name] }
    }

    /// The tags and digests of the manifests in `repository`, sorted.
    package func manifests(in repository: String) -> [String] {
        contents.value.withLock { ($0.manifests[repository] ?? [:]).keys.sorted() }
    }

    /// The digests of the blobs in `repository`, sorted.
    package func blobs(in repository: String) -> [String] {
        contents.value.withLock { ($0.blobs[repository] ?? [:]).keys.sorted() }
    }

    package func stop() { server.stop() }

    /// `sha256:…` of bytes.
    package static func digest(of bytes: [UInt8]) throws -> String {
        let command = Command("sha256sum", input: bytes)
        return "sha256:" + (try command.output()).prefix(64)
    }

    /// An answer with the errors of the distribution-spec.
    package static func refusal(_ status: Int, _ code: String, _ message: String = "") -> ScriptedAnswer {
        let body = #"{"errors":[{"code":"\#(code)","message":"\#(message)","detail":null}]}"#
        return .response(status, [("Content-Type", "application/json; charset=utf-8")], body)
    }

    /// The same, to be tried again at once.
    package static func again(_ status: Int, _ code: String, _ message: String = "") -> ScriptedAnswer {
        refusal(status, code, message).replacingHead("^([^\r]*)\r\n", "HTTP/1.1 \(status) Failed\r\nRetry-After: 0\r\n")
    }

    // MARK: Right answers

    private static func answer(
        _ step: RegistryStep,
        _ request: ReceivedRequest,
        repository: String,
        _ name: String,
        _ digest: String,
        _ contents: inout Contents
    ) -> ScriptedAnswer {
        switch step {
        case .ping: return .response(200, [("Content-Type", "application/json")], "{}")
        case .headManifest, .getManifest:
            guard let bytes = contents.manifests[repository]?[name] else {
                return refusal(404, "MANIFEST_UNKNOWN", "manifest unknown")
            }
            return manifest(
                bytes,
                contents.manifests[repository]?.first { $0.key != name && $0.value == bytes }?.key ?? name
            )
        case .putManifest:
            contents.manifests[repository, default: [:]][name] = request.body
            contents.manifests[repository, default: [:]][digest] = request.body
            let location = "/v2/\(repository)/manifests/\(digest)"
            return .response(201, [("Location", location), ("Docker-Content-Digest", digest)])
        case .headBlob, .getBlob:
            guard let bytes = contents.blobs[repository]?[name] else {
                return refusal(404, "BLOB_UNKNOWN", "blob unknown")
            }
            return blob(bytes, range: request["Range"])
        case .mount:
            let digest = request.parameters("mount").first ?? ""
            guard let source = request.parameters("from").first, let bytes = contents.blobs[source]?[digest] else {
                return session(repository, &contents)
            }
            contents.blobs[repository, default: [:]][digest] = bytes
            let location = "/v2/\(repository)/blobs/\(digest)"
            return .response(201, [("Location", location), ("Docker-Content-Digest", digest)])
        case .startUpload: return session(repository, &contents)
        case .patchBlob:
            contents.sessions[name, default: []] += request.body
            let size = contents.sessions[name]?.count ?? 0
            return .response(202, [("Location", request.target), ("Range", "0-\(max(1, size) - 1)")])
        case .putBlob:
            guard request.parameters("digest") == [digest] else {
                return refusal(400, "DIGEST_INVALID", "provided digest did not match uploaded content")
            }
            contents.blobs[repository, default: [:]][digest] = contents.sessions[name, default: []] + request.body
            contents.sessions[name] = nil
            let location = "/v2/\(repository)/blobs/\(digest)"
            return .response(201, [("Location", location), ("Docker-Content-Digest", digest)])
        case .cancelUpload:
            contents.sessions[name] = nil
            return .response(204)
        case .tags:
            let tags = (contents.manifests[repository] ?? [:]).keys.filter { !$0.hasPrefix("sha256:") }.sorted()
            let list = tags.map { "\"\($0)\"" }.joined(separator: ",")
            return .response(
                200,
                [("Content-Type", "application/json")],
                #"{"name":"\#(repository)","tags":[\#(list)]}"#
            )
        case .referrers, .other: return .response(404, [("Content-Type", "text/plain")], "404 page not found\n")
        }
    }

    private static func manifest(_ bytes: [UInt8], _ digest: String) -> ScriptedAnswer {
        let text = String(decoding: bytes, as: UTF8.self)
        var type = text.firstMatch(of: #/"mediaType":"([^"]+)"/#).map { String($0.1) } ?? HandmadeImage.manifestType
        // Documents whose members are sorted have the type of another thing first.
        let sorted = ["annotations", "artifactType", "config", "manifests"]
        if sorted.contains(where: { text.hasPrefix("{\"\($0)\":") }) {
            type = text.contains(#""manifests":["#) ? HandmadeImage.indexType : HandmadeImage.manifestType
        }
        var headers = [("Content-Type", type)]
        if digest.hasPrefix("sha256:") { headers.append(("Docker-Content-Digest", digest)) }
        return .response(200, headers, bytes)
    }

    /// The digest of a manifest's subject; `nil` if it has none.
    private static func subject(of manifest: [UInt8]) -> String? {
        let text = String(decoding: manifest, as: UTF8.self)
        return text.firstMatch(of: #/"subject":\{[^}]*"digest":"([^"]+)"/#).map { String($0.1) }
    }

    private static func referrers(of digest: String, _ manifests: [String: [UInt8]]) -> ScriptedAnswer {
        let entries = manifests.sorted { $0.key < $1.key }.compactMap { name, bytes -> String? in
            guard name.hasPrefix("sha256:"), subject(of: bytes) == digest else { return nil }
            let text = String(decoding: bytes, as: UTF8.self)
            let type = text.firstMatch(of: #/"artifactType":"([^"]+)"/#).map { #","artifactType":"\#($0.1)""# } ?? ""
            let media = #""mediaType":"\#(HandmadeImage.manifestType)""#
            return #"{\#(media),"digest":"\#(name)","size":\#(bytes.count)\#(type)}"#
        }
        let body = #"{"schemaVersion":2,"mediaType":"\#(HandmadeImage.indexType)","manifests":["#
        return .response(200, [("Content-Type", HandmadeImage.indexType)], body + entries.joined(separator: ",") + "]}")
    }

    private static func blob(_ bytes: [UInt8], range: String?) -> ScriptedAnswer {
        let type = ("Content-Type", "application/octet-stream")
        guard let match = range?.wholeMatch(of: #/bytes=(\d+)-/#), let start = Int(match.1) else {
            return .response(200, [type], bytes)
        }
        guard start < bytes.count else { return .response(416, [("Content-Range", "bytes */\(bytes.count)")]) }
        let field = ("Content-Range", "bytes \(start)-\(bytes.count - 1)/\(bytes.count)")
        return .response(206, [type, field], Array(bytes[start...]))
    }

    private static func session(_ repository: String, _ contents: inout Contents) -> ScriptedAnswer {
        contents.sessionCount += 1
        let location = "/v2/\(repository)/blobs/uploads/\(contents.sessionCount)?_state=secret-state"
        return .response(202, [("Location", location), ("Range", "0-0")])
    }
}
