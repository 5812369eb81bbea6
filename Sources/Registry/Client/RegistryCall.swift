import Diagnostics
import HTTP
import OCI

/// A request to a registry.
struct RegistryCall: Sendable {
    enum Place: Sendable {
        /// `/v2/`.
        case root
        /// Below `/v2/REPOSITORY/`.
        case repository(String)
        /// An address that the registry gave.
        case url(HTTPURL)
    }

    var method: HTTPRequest.Method
    var place: Place
    var scope: AuthorizationScope
    var headers = HTTPHeaders()
    var body = HTTPRequest.Body.none
    /// Where redirects may lead.
    var reach = Redirects.Reach.anyOrigin
    /// Completes "cannot …" in messages: `read the manifest of ghcr.io/me/server:1.0`.
    var purpose: String

    init(
        _ method: HTTPRequest.Method,
        _ place: Place,
        _ scope: AuthorizationScope,
        headers: HTTPHeaders = HTTPHeaders(),
        body: HTTPRequest.Body = .none,
        to purpose: String
    ) {
        self.method = method
        self.place = place
        self.scope = scope
        self.headers = headers
        self.body = body
        self.purpose = purpose
    }
}

/// A registry's answer.
struct RegistryAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: any HTTPResponseBody
    /// The address that it came from, after redirects.
    let url: HTTPURL
    let call: RegistryCall

    init(_ answer: Redirects.Answer, to call: RegistryCall) {
        status = answer.response.status
        headers = answer.response.headers
        body = answer.response.body
        url = answer.url
        self.call = call
    }

    /// The value of `Content-Length`; `nil` if it is absent or malformed.
    var length: Int64? {
        guard let text = headers["Content-Length"], text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }

    /// The value of `Content-Encoding`; `nil` if it is absent or `identity`.
    var encoding: String? {
        headers["Content-Encoding"].flatMap { $0.lowercased() == "identity" ? nil : $0 }
    }

    /// The digest in `Docker-Content-Digest`; `nil` if it is absent or malformed.
    var digest: Digest? { headers["Docker-Content-Digest"].flatMap { try? Digest(parsing: $0) } }
}
