package import Diagnostics
import HTTP
package import OCI
import Store

extension RegistryClient {
    /// The media types that we can read, for `Accept`.
    private static let accepted = [
        MediaType.imageIndex, .imageManifest, .dockerManifestList, .dockerManifest,
    ].map(\.rawValue).joined(separator: ", ")

    /// The manifest or index itself, with a descriptor computed from its bytes.
    ///
    /// If the manifest is named by digest, other bytes are refused. The digest that the registry states for a tag is ignored.
    /// - Throws: `manifest.not-found`, `repository.not-found`, `document.too-large`, `blob.digest`, `manifest.unsupported`,
    ///   `registry.…`.
    package func manifest(
        _ name: ManifestName,
        in repository: RepositoryName
    ) async throws(Diagnostic) -> (descriptor: Descriptor, bytes: [UInt8]) {
        let (descriptor, bytes, _) = try await taggedManifest(name, in: repository)
        return (descriptor, bytes)
    }

    /// The same, with the strong entity tag of the answer; `nil` if it has none (RFC 9110 § 8.8.3).
    func taggedManifest(
        _ name: ManifestName,
        in repository: RepositoryName
    ) async throws(Diagnostic) -> (descriptor: Descriptor, bytes: [UInt8], tag: String?) {
        if case .digest(let digest) = name, digest.algorithm != .sha256 { throw Self.unsupported(digest) }
        let call = manifestCall(.get, name, in: repository)
        let whole = try await wholeAnswer(to: call, limit: Document<Manifest>.largest)
        let answer = whole.answer
        guard answer.status == 200 else { throw try await manifestRefusal(answer, name) }
        guard let body = whole.body else {
            throw Diagnostic(
                .documentTooLarge,
                "the manifest `\(shown(name, repository))` is too large",
                at: .image(repository.description),
                because: (answer.length.map { "it has \($0) bytes, and " } ?? "") + "at most 4 MiB are read"
            )
        }
        try Self.refuseWebPage(body, answer, shown(name, repository))
        if case .digest(let digest) = name {
            let found = Digest(sha256Of: body)
            guard found == digest else {
                throw Self.wrongDigest(digest, found, answer.url, "the manifest")
            }
        }
        let type = try mediaType(of: body, answer, name)
        let tag = answer.headers["ETag"].flatMap { $0.hasPrefix("\"") ? $0 : nil }
        return (Descriptor(mediaType: type, digest: Digest(sha256Of: body), size: Int64(body.count)), body, tag)
    }

    /// The same as `descriptor`, where reading the manifest is the other way: `nil` also from a registry that refuses the question,
    /// because it limits how often it answers it, or does not know it.
    ///
    /// It is asked once: callers read the manifest next, which is tried as often as anything, so that a registry that is away is not
    /// waited for twice.
    package func statedDescriptor(
        of name: ManifestName,
        in repository: RepositoryName
    ) async throws(Diagnostic) -> Descriptor? {
        switch await attempt(manifestCall(.head, name, in: repository)) {
        case .done(let answer) where answer.status == 401: throw try await manifestRefusal(answer, name)
        case .done(let answer): return Quirks.descriptor(inHead: answer, wanted: name.digest)
        case .again: return nil
        case .failed(let problem):
            guard problem.code == .registryUnavailable else { throw problem }
            return nil
        }
    }

    /// The descriptor of a manifest, as the registry states it and unverified; `nil` if there is no manifest of that name.
    package func descriptor(
        of name: ManifestName,
        in repository: RepositoryName
    ) async throws(Diagnostic) -> Descriptor? {
        let answer = try await exchange(manifestCall(.head, name, in: repository))
        if answer.status == 404 { return nil }
        if answer.status == 401 { throw try await manifestRefusal(answer, name) }
        if let descriptor = Quirks.descriptor(inHead: answer, wanted: name.digest) { return descriptor }
        return try await absent { () async throws(Diagnostic) in try await manifest(name, in: repository).descriptor }
    }

    private func manifestCall(
        _ method: HTTPRequest.Method,
        _ name: ManifestName,
        in repository: RepositoryName
    ) -> RegistryCall {
        RegistryCall(
            method,
            .repository("manifests/\(name)"),
            AuthorizationScope([.pull], in: repository),
            headers: ["Accept": Self.accepted],
            to: "read the manifest of `\(shown(name, repository))`"
        )
    }

    func shown(_ name: ManifestName, _ repository: RepositoryName) -> String {
        switch name {
        case .tag(let tag): "\(repository):\(tag)"
        case .digest(let digest): "\(repository)@\(digest)"
        }
    }

    private func manifestRefusal(
        _ answer: RegistryAnswer,
        _ name: ManifestName
    ) async throws(Diagnostic) -> Diagnostic {
        let problem = await RegistryProblem(answer)
        guard answer.status == 404, !problem.codes.contains("NAME_UNKNOWN") else {
            return try await refusal(answer, problem)
        }
        let repository = answer.call.scope.repository
        return Diagnostic(
            .manifestNotFound,
            "there is no image `\(shown(name, repository))`",
            at: .image(repository.description),
            because: problem.reason(answer),
            hint: "`coracle tags \(repository)` lists the tags that are there"
        )
    }

    /// - Throws: `registry.malformed` for a page that is meant for a browser.
    private static func refuseWebPage(
        _ body: [UInt8],
        _ answer: RegistryAnswer,
        _ title: String
    ) throws(Diagnostic) {
        let said = answer.headers["Content-Type"].map { MediaType(rawValue: $0).essence }
        let start = body.first { $0 > 0x20 }
        if start == UInt8(ascii: "<") || said?.rawValue == "text/html" {
            throw Diagnostic(
                .registryMalformed,
                "expected a manifest of `\(title)`, got \(said.map { Secrets.struck($0.rawValue, from: .remote) } ?? "a web page")",
                at: .image(title),
                because: "`\(answer.url.origin.place)` sent a login page, or a proxy in between did",
                hint: "check the registry's name, and the proxy settings"
            )
        }
    }

    /// The media type of the document, from the answer's `Content-Type` and its own `mediaType`.
    private func mediaType(
        of body: [UInt8],
        _ answer: RegistryAnswer,
        _ name: ManifestName
    ) throws(Diagnostic) -> MediaType {
        let title = shown(name, answer.call.scope.repository)
        let said = answer.headers["Content-Type"].map { MediaType(rawValue: $0).essence }
        let json = try JSON(parsing: body, named: title)
        let reader = JSONReader(json, named: title)
        let own = try reader.optional("mediaType")?.mediaType().essence
        if let schema = json["schemaVersion"], schema == 1 {
            throw Self.unsupported(title, "it has schema version 1, which Docker abandoned in 2017")
        }
        let known = said.flatMap { $0.isManifest || $0.isIndex ? $0 : nil }
        if let own, let known, own != known {
            throw Diagnostic(
                .manifestDisagrees,
                "the manifest of `\(title)` disagrees with itself",
                at: .image(title),
                because: "`\(answer.url.origin.place)` calls it `\(known)`, and it says that it is `\(own)`"
            )
        }
        if let type = own ?? known {
            guard type.isManifest || type.isIndex else { throw Self.unsupported(title, "its media type is `\(type)`") }
            return type
        }
        // OCI documents need not have a `mediaType`.
        if json["layers"] != nil, json["config"] != nil { return .imageManifest }
        if json["manifests"] != nil { return .imageIndex }
        throw Self.unsupported(title, "its media type is `\(said?.rawValue ?? "")`")
    }

    private static func unsupported(_ title: String, _ reason: String) -> Diagnostic {
        Diagnostic(
            .manifestUnsupported,
            "`\(title)` is of an unsupported kind",
            at: .image(title),
            because: reason,
            hint: "OCI images, and Docker images of schema 2, can be read"
        )
    }

    static func unsupported(_ digest: Digest) -> Diagnostic {
        Diagnostic(
            .blobUnsupported,
            "a blob's digest cannot be checked",
            at: .blob(digest.description),
            because: "only SHA-256 is supported"
        )
    }

    static func wrongDigest(_ wanted: Digest, _ found: Digest, _ url: HTTPURL, _ what: String) -> Diagnostic {
        Diagnostic(
            .blobDigest,
            "\(what) is not what its digest says",
            at: .blob(wanted.description),
            because: "`\(url.origin.place)` sent something with the digest \(found)",
            hint: "nothing was kept; ask the administrator of the registry, or of the proxy in between"
        )
    }
}

extension Diagnostic.Code {
    package static let manifestUnsupported = Self("manifest.unsupported", .verification)
    package static let manifestDisagrees = Self("manifest.disagrees", .verification)
}
