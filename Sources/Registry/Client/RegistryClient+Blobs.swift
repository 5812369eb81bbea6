package import ByteIO
package import Diagnostics
import HTTP
package import OCI
import Store

extension RegistryClient {
    /// Whether the repository has the blob. If we may not ask, it counts as absent.
    package func has(_ blob: Descriptor, in repository: RepositoryName) async throws(Diagnostic) -> Bool {
        let answer = try await exchange(
            RegistryCall(
                .head,
                .repository("blobs/\(blob.digest)"),
                AuthorizationScope([.pull, .push], in: repository),
                to: "ask `\(repository)` for a blob"
            )
        )
        if answer.status == 401 { throw try await refusal(answer) }
        return Quirks.hasBlob(answer, blob)
    }

    /// A small blob: a config.
    ///
    /// - Throws: `blob.too-large`, `blob.size`, `blob.digest`, `blob.not-found`, `registry.…`.
    package func document(_ blob: Descriptor, in repository: RepositoryName) async throws(Diagnostic) -> [UInt8] {
        let limit = Document<ImageConfig>.largest
        guard blob.size <= Int64(limit) else {
            throw Diagnostic(
                .blobTooLarge,
                "a document is too large",
                at: .blob(blob.digest.description),
                because: "\(blob.size) bytes; at most 4 MiB are read",
                hint: "registries refuse such an image"
            )
        }
        guard blob.digest.algorithm == .sha256 else { throw Self.unsupported(blob.digest) }
        let whole = try await wholeAnswer(to: blobCall(blob, in: repository), limit: limit)
        let (answer, body) = (whole.answer, whole.body)
        guard answer.status == 200 else { throw try await blobRefusal(answer, blob) }
        let size = body.map { Int64($0.count) } ?? answer.length
        guard let body, size == blob.size else { throw Self.wrongSize(blob, size, answer.url) }
        let found = Digest(sha256Of: body)
        guard found == blob.digest else { throw Self.wrongDigest(blob.digest, found, answer.url, "a blob") }
        return body
    }

    /// Downloads a blob into a draft in `directory`; what is returned has the blob's size and digest.
    ///
    /// A download that breaks off continues where it was, if the registry sends exactly the rest.
    /// - Throws: `blob.size`, `blob.digest`, `blob.not-found`, `registry.…`, `io.failed`.
    package func download(
        _ blob: Descriptor,
        from repository: RepositoryName,
        into directory: FilePath
    ) async throws(Diagnostic) -> SealedDraft {
        guard blob.digest.algorithm == .sha256 else { throw Self.unsupported(blob.digest) }
        observer(.began(blob, .download))
        do throws(Diagnostic) {
            var wasWrong = false
            while true {
                let download = VerifiedDownload(blob, into: directory, observer)
                let host = try await fetch(blob, from: repository, into: download)
                do throws(Diagnostic) {
                    let draft = try download.finish(from: host)
                    observer(.ended(blob.digest, .transferred))
                    return draft
                } catch {
                    // Once more: what a proxy has damaged on the way may arrive whole.
                    guard error.code == .blobDigest, !wasWrong else { throw error }
                    wasWrong = true
                }
            }
        } catch {
            observer(.ended(blob.digest, .failed))
            throw error
        }
    }

    private func fetch(
        _ blob: Descriptor,
        from repository: RepositoryName,
        into download: VerifiedDownload
    ) async throws(Diagnostic) -> HTTPURL {
        let call = blobCall(blob, in: repository)
        return try await retrying.run(at: repository.registry, progress: { download.position }) {
            var call = call
            if download.position > 0 { call.headers["Range"] = "bytes=\(download.position)-" }
            return await attempt(call).then { (answer) async throws(Diagnostic) -> Attempt<HTTPURL> in
                switch answer.status {
                case 200: try download.restart()
                case 206 where Self.isRest(answer, from: download.position, of: blob): break
                case 206, 416:
                    try download.restart()
                    return .again(
                        Diagnostic(
                            .registryMalformed,
                            "cannot \(answer.call.purpose)",
                            at: .blob(blob.digest.description),
                            because: "`\(answer.url.origin.place)` did not give the part that was asked for"
                        ),
                        after: .zero
                    )
                default: throw try await blobRefusal(answer, blob)
                }
                if let length = answer.length, length != blob.size - download.position {
                    // The sum is used only in the message: the server's number may be as large as numbers are.
                    let (size, isTooLarge) = download.position.addingReportingOverflow(length)
                    throw Self.wrongSize(blob, isTooLarge ? nil : size, answer.url)
                }
                return await receive(answer, blob, into: download)
            }
        }
    }

    /// Takes the bytes of an answer.
    private func receive(
        _ answer: RegistryAnswer,
        _ blob: Descriptor,
        into download: VerifiedDownload
    ) async -> Attempt<HTTPURL> {
        do throws(Diagnostic) {
            while true {
                let chunk: HTTPChunk?
                do throws(HTTPFailure) {
                    chunk = try await answer.body.next()
                } catch {
                    // All bytes have arrived; only the end was missing.
                    if download.position == blob.size, error.kind != .cancelled { break }
                    return problem(error, answer.call)
                }
                guard let chunk else { break }
                let fits = try chunk.withUnsafeBytes { bytes throws(Diagnostic) in try download.take(bytes) }
                guard fits else { return .failed(Self.wrongSize(blob, nil, answer.url)) }
            }
        } catch {
            return .failed(error)
        }
        guard download.position == blob.size else {
            let problem = Self.wrongSize(blob, download.position, answer.url)
            return Quirks.mayBeCutShort(answer) ? .again(problem) : .failed(problem)
        }
        return .done(answer.url)
    }

    /// Whether an answer is exactly the rest of a blob; only that may be appended (RFC 9110 § 14.4).
    private static func isRest(_ answer: RegistryAnswer, from position: Int64, of blob: Descriptor) -> Bool {
        guard position > 0, position < blob.size, let range = answer.headers["Content-Range"] else { return false }
        return ContentRange(range) == ContentRange(bytes: position...(blob.size - 1), total: blob.size)
    }

    private func blobCall(_ blob: Descriptor, in repository: RepositoryName) -> RegistryCall {
        RegistryCall(
            .get,
            .repository("blobs/\(blob.digest)"),
            AuthorizationScope([.pull], in: repository),
            to: "download a blob of `\(repository)`"
        )
    }

    private func blobRefusal(_ answer: RegistryAnswer, _ blob: Descriptor) async throws(Diagnostic) -> Diagnostic {
        let problem = await RegistryProblem(answer)
        guard answer.status == 404, !problem.codes.contains("NAME_UNKNOWN") else {
            return try await refusal(answer, problem)
        }
        return Diagnostic(
            .blobNotFound,
            "a blob is missing in `\(answer.call.scope.repository)`",
            at: .blob(blob.digest.description),
            because: problem.reason(answer),
            hint: blob.urls == nil
                ? "the image was not pushed as a whole: push it again"
                : "it is a layer that may not be redistributed; only its vendor provides it"
        )
    }

    private static func wrongSize(_ blob: Descriptor, _ size: Int64?, _ url: HTTPURL) -> Diagnostic {
        Diagnostic(
            .blobSize,
            "a blob has the wrong size",
            at: .blob(blob.digest.description),
            because:
                "its descriptor says \(blob.size) bytes, and `\(url.origin.place)` sends \(size.map(String.init) ?? "more")",
            hint: "nothing was kept; ask the administrator of the registry, or of the proxy in between"
        )
    }
}
