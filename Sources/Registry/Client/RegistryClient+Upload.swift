package import Diagnostics
package import HTTP
package import OCI
import Store

extension RegistryClient {
    /// Asks the registry to mount a blob from another of its repositories; false if it does not.
    ///
    /// distribution-spec § Mounting a blob from another repository. A registry without mounting begins an upload
    /// instead, which is cancelled.
    package func mount(
        _ blob: Descriptor,
        from source: RepositoryName,
        into repository: RepositoryName
    ) async throws(Diagnostic) -> Bool {
        guard source.registry == repository.registry, source != repository else { return false }
        let query = HTTPURL.query([("mount", blob.digest.description), ("from", source.path)])
        let call = RegistryCall(
            .post,
            .repository("blobs/uploads/?\(query)"),
            AuthorizationScope([.pull, .push], in: repository, sources: [source]),
            headers: ["Content-Length": "0"],
            to: "mount a blob into `\(repository)`"
        )
        // A mount is only a short cut: if it fails, for example because the source cannot be read, the blob is uploaded.
        guard case .done(let answer) = await attempt(call) else { return false }
        switch answer.status {
        case 201: return true
        case 202:
            if let location = answer.headers["Location"],
                let target = try? RedirectTarget(location, from: answer.url)
            {
                await cancel(target.url, of: call)
            }
            return false
        default: return false
        }
    }

    /// Uploads a blob. If an upload breaks off, the whole blob is sent again.
    ///
    /// distribution-spec § POST then PUT.
    /// - Throws: `blob.digest` if `content` is not what `blob` says, `registry.…`.
    package func upload(
        _ blob: Descriptor,
        _ content: any HTTPUpload,
        to repository: RepositoryName
    ) async throws(Diagnostic) {
        observer(.began(blob, .upload))
        do throws(Diagnostic) {
            let body = UploadedBlob(blob, content, observer)
            var isRepeated = false
            try await retrying.run(at: repository.registry) { () async -> Attempt<Void> in
                do throws(Diagnostic) {
                    // The failed upload may have been stored nevertheless.
                    if isRepeated, try await has(blob, in: repository) { return .done(()) }
                    isRepeated = true
                    return await upload(blob, body, to: repository)
                } catch {
                    return .failed(error)
                }
            }
            observer(.ended(blob.digest, .transferred))
        } catch {
            observer(.ended(blob.digest, .failed))
            throw error
        }
    }

    private func upload(_ blob: Descriptor, _ body: UploadedBlob, to repository: RepositoryName) async -> Attempt<Void>
    {
        do throws(Diagnostic) {
            let scope = AuthorizationScope([.pull, .push], in: repository)
            let begin = RegistryCall(
                .post,
                .repository("blobs/uploads/"),
                scope,
                headers: ["Content-Length": "0"],
                to: "begin an upload to `\(repository)`"
            )
            let begun = try await exchange(begin)
            guard (200..<300).contains(begun.status) else { throw try await refusal(begun) }
            guard let location = begun.headers["Location"] else {
                throw Self.refused(begin, begun, "it does not say where the upload goes on (no `Location`)")
            }
            let url = try RedirectTarget(location, from: begun.url).url
            let put = RegistryCall(
                .put,
                .url(url.appending(query: [("digest", blob.digest.description)])),
                scope,
                headers: ["Content-Type": "application/octet-stream"],
                body: blob.size == 0 ? .bytes([]) : .upload(body),
                to: "upload a blob to `\(repository)`"
            )
            let attempt = await attempt(put)
            switch attempt {
            case .failed(let problem):
                await cancel(url, of: put)
                return .failed(problem)
            case .again(let problem, let after):
                if Task.isCancelled { await cancel(url, of: put) }
                return .again(problem, after: after)
            case .done(let answer): return try await finished(answer, blob, at: url)
            }
        } catch {
            return .failed(error)
        }
    }

    private func finished(
        _ answer: RegistryAnswer,
        _ blob: Descriptor,
        at url: HTTPURL
    ) async throws(Diagnostic) -> Attempt<Void> {
        guard (200..<300).contains(answer.status) else {
            let problem = await RegistryProblem(answer)
            let error = try await refusal(answer, problem)
            return Quirks.isLostUpload(answer, problem) ? .again(error) : .failed(error)
        }
        if let digest = answer.digest, digest.algorithm == .sha256, digest != blob.digest {
            throw Self.refused(answer.call, answer, "it reports the digest \(digest), and \(blob.digest) was sent")
        }
        if Quirks.confirmsUpload(answer) { return .done(()) }
        guard try await has(blob, in: answer.call.scope.repository) else {
            throw Self.refused(answer.call, answer, "it accepted the upload and does not have the blob")
        }
        return .done(())
    }

    static func refused(_ call: RegistryCall, _ answer: RegistryAnswer, _ reason: String) -> Diagnostic {
        Diagnostic(
            .registryRefused,
            "cannot \(call.purpose)",
            at: .image(call.scope.repository.description),
            because: "`\(answer.url.origin.place)` answered \(answer.status), and \(reason)"
        )
    }

    /// Cancels an upload that is not continued, if that is quick; otherwise the registry expires it by itself.
    private func cancel(_ url: HTTPURL, of call: RegistryCall) async {
        // In tasks of their own, because the calling task may be cancelled.
        let (ends, end) = AsyncStream<Never>.makeStream()
        let sending = Task {
            defer { end.finish() }
            let own = try? await endpoints.url(call.scope.repository.registry, "/v2/")
            var request = HTTPRequest(.delete, url, headers: ["User-Agent": options.userAgent])
            if own?.origin == url.origin {
                request.headers["Authorization"] = await authorizer.authorization(for: call.scope)
            }
            _ = try? await transport.send(request)
        }
        let limit = Task {
            try? await Task.sleep(for: .seconds(2))
            sending.cancel()
            // Does not wait for a token.
            end.finish()
        }
        await Task { for await _ in ends {} }.value
        limit.cancel()
    }
}
