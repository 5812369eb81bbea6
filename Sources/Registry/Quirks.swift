import HTTP
import OCI
import Store

/// Every place where registries, token servers or the proxies before them depart from distribution-spec and coracle goes
/// on all the same: what they do, which of them do it, and what coracle does.
///
/// The code that tolerates a deviation asks here, so that this file is the whole list. Six are tolerated by the course of
/// the work instead of by a question:
///
/// | deviation | seen in | what coracle does |
/// |---|---|---|
/// | a mount is refused with any status | Quay (without `from`), Docker Hub (source not readable) | `mount` uploads instead |
/// | a token for several repositories is refused as a whole | Docker Hub | `authorize` asks for one repository |
/// | only the first of several scopes is read | GitLab and others | `TokenScope.texts` puts the pushed one first |
/// | `"tags": null` for a repository without tags | Distribution | `tags` takes it for an empty list |
/// | a wrong `Content-Type`, or none, for a manifest | static file servers | the manifest's own `mediaType` counts |
/// | a wrong `Docker-Content-Digest` for a tag | several | `manifest` hashes the bytes itself |
package enum Quirks {
    // MARK: Addresses

    /// The host that answers for a registry. Docker Hub's images are called `docker.io/…`, and its registry is
    /// `registry-1.docker.io`.
    static func host(of registry: String) -> String { registry == hub.name ? hub.host : registry }

    /// The names that users give to the registry at `host`; the inverse of `host(of:)`.
    package static func names(ofHost host: String) -> [String] { host == hub.host ? [host, hub.name] : [host] }

    private static let hub = (name: "docker.io", host: "registry-1.docker.io")

    /// Whether a server that was asked over plain HTTP expects TLS. Go's servers, such as Distribution, answer with status
    /// 400 on a port for TLS; coracle then tries TLS.
    static func expectsTLS(_ response: HTTPResponse) -> Bool { response.status == 400 }

    // MARK: Tokens

    /// Whether a token server does not know OAuth 2. Many do not, and answer a form with one of these statuses; coracle
    /// then sends the identity token as a password, which most of them take.
    static func knowsNoOAuth(status: Int) -> Bool { [400, 404, 405].contains(status) }

    // MARK: Reading

    /// Whether a `HEAD` for a blob says that it is there. Distribution on a file system that lost its last writes keeps an
    /// empty file under the blob's name: with another size the blob counts as absent and is uploaded again.
    static func hasBlob(_ answer: RegistryAnswer, _ blob: Descriptor) -> Bool {
        answer.status == 200 && (answer.length.map { $0 == blob.size } ?? true)
    }

    /// The descriptor that a `HEAD` for a manifest gives; `nil` if it gives none. GHCR answers 403 for some manifests that
    /// are absent, and some proxies answer 405 or drop the header fields; coracle then reads the manifest.
    ///
    /// - Parameter wanted: the digest that was asked for; an answer with another one is not trusted.
    static func descriptor(inHead answer: RegistryAnswer, wanted: Digest?) -> Descriptor? {
        let type = MediaType(rawValue: answer.headers["Content-Type"] ?? "").essence
        guard answer.status == 200, type.isManifest || type.isIndex, let digest = answer.digest,
            wanted == nil || digest == wanted, let length = answer.length
        else { return nil }
        return Descriptor(mediaType: type, digest: digest, size: length)
    }

    /// Whether an answer says that the registry keeps no list of referrers. The specification asks for a 404; Harbor 2.7
    /// answers 401, others 400 or 406, and some a page of another type. coracle then reads the list under the fallback tag.
    static func hasReferrers(_ answer: RegistryAnswer) -> Bool {
        answer.status == 200 && MediaType(rawValue: answer.headers["Content-Type"] ?? "").essence == .imageIndex
    }

    /// Whether a tag that is made of `digest` gave what has that digest. GitLab's registry takes `sha256-HEX` for
    /// `sha256:HEX`, so that an image would be the list of its own referrers; coracle takes it for no list, and does not
    /// write over it.
    static func isSubject(_ answer: Descriptor, of digest: Digest) -> Bool { answer.digest == digest }

    /// Whether a body that ends too early may be whole at the next try. Proxies that lose the registry end a body without
    /// `Content-Length` as if it were complete. With a length, the registry itself has another size than it should.
    static func mayBeCutShort(_ answer: RegistryAnswer) -> Bool { answer.length == nil }

    // MARK: Writing

    /// Whether a manifest is refused because the registry does not see the blobs yet that it has just taken. Registries
    /// over object stores that are consistent only after a while do so; coracle tries twice more.
    static func isLateBlob(_ problem: RegistryProblem) -> Bool {
        problem.codes.contains("MANIFEST_BLOB_UNKNOWN") || problem.codes.contains("BLOB_UNKNOWN")
    }

    /// Whether an upload is refused because the registry lost it. Distribution answers `BLOB_UPLOAD_INVALID` or 404 after an
    /// interruption, ECR 416; coracle begins a new upload and sends the whole blob.
    static func isLostUpload(_ answer: RegistryAnswer, _ problem: RegistryProblem) -> Bool {
        answer.status == 404 || answer.status == 416 || problem.codes.contains("BLOB_UPLOAD_INVALID")
    }

    /// Whether an upload is confirmed. The specification asks for 201; Distribution answers some with 202, which may also
    /// mean that the body was ignored. coracle then asks for the blob.
    static func confirmsUpload(_ answer: RegistryAnswer) -> Bool { answer.status == 201 || answer.digest != nil }

    /// Whether `GET /v2/` lets us in. Some registries that serve only the addresses of repositories answer 404 there.
    static func letsIn(_ answer: RegistryAnswer) -> Bool {
        (200..<300).contains(answer.status) || answer.status == 404
    }
}
