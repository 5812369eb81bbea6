package import Diagnostics

/// Sends a request and follows the redirects that answer it.
///
/// This is the only such loop: registries, token servers and mirrors differ by the limit and by where a redirect may lead.
/// Credentials never go from one origin to another.
package struct Redirects: Hashable, Sendable {
    /// Where a redirect may lead.
    package enum Reach: Hashable, Sendable {
        /// To another server as well, which does not see who asks: see `RedirectTarget`.
        case anyOrigin
        /// To another address of the same origin only.
        case sameOrigin
    }

    /// An answer that is not a redirect, and the address that it comes from.
    package struct Answer: Sendable {
        package let response: HTTPResponse
        package let url: HTTPURL
    }

    package enum Failure: Error, Sendable {
        /// A server gave no answer.
        case transport(HTTPFailure)
        /// A redirect leads where none may: `redirect.refused`, `url.malformed`.
        case refused(Diagnostic)
        /// A redirect leads to another origin, and only the same one is allowed.
        case otherOrigin(HTTPURL)
        /// There are more redirects than the limit.
        case tooMany
    }

    /// Number of redirects that are followed.
    package let limit: Int
    package let reach: Reach

    package init(limit: Int, to reach: Reach) {
        self.limit = limit
        self.reach = reach
    }

    /// The answer may be a redirect that cannot be followed: one without `Location`, or one that would turn the request into
    /// another. What is sent with a body goes elsewhere only if the status says that the body goes along (RFC 9110 § 15.4).
    package func send(
        _ request: HTTPRequest,
        through transport: any HTTPTransport
    ) async throws(Failure) -> Answer {
        var request = request
        for _ in 0...limit {
            let response: HTTPResponse
            do throws(HTTPFailure) {
                response = try await transport.send(request)
            } catch {
                throw .transport(error)
            }
            guard Self.isRedirect(response.status, request.method), let location = response.headers["Location"] else {
                return Answer(response: response, url: request.url)
            }
            try follow(location, &request)
        }
        throw .tooMany
    }

    private func follow(_ location: String, _ request: inout HTTPRequest) throws(Failure) {
        let source = request.url
        let url = try Self.refusing { () throws(Diagnostic) in try source.resolving(location) }
        guard reach == .anyOrigin || url.origin == source.origin else { throw .otherOrigin(url) }
        let target = try Self.refusing { () throws(Diagnostic) in try RedirectTarget(url, from: source) }
        request.url = target.url
        if !target.keepsCredentials {
            for name in RedirectTarget.sensitiveHeaders { request.headers[name] = nil }
        }
    }

    private static func refusing<Value>(_ body: () throws(Diagnostic) -> Value) throws(Failure) -> Value {
        do throws(Diagnostic) { return try body() } catch { throw .refused(error) }
    }

    private static func isRedirect(_ status: Int, _ method: HTTPRequest.Method) -> Bool {
        if status == 307 || status == 308 { return true }
        return (301...303).contains(status) && (method == .get || method == .head)
    }
}

/// Where a `Location` leads.
package struct RedirectTarget: Hashable, Sendable {
    package let url: HTTPURL
    /// Whether the header fields that say who asks may be sent there.
    package let keepsCredentials: Bool

    /// Header fields that say who asks, which only one origin may see.
    static let sensitiveHeaders = ["Authorization", "Cookie", "Proxy-Authorization"]

    /// The target of a `Location` in an answer from `source`.
    ///
    /// - Throws: `redirect.refused`, `url.malformed`.
    package init(_ location: String, from source: HTTPURL) throws(Diagnostic) {
        self = try RedirectTarget(source.resolving(location), from: source)
    }

    /// A public server must not be able to make us ask inside a network: numbers of private hosts are refused, except
    /// from this machine, from the same origin, and from one private host to another. No server may lead us to a
    /// link-local number, where clouds hand out credentials.
    /// - Throws: `redirect.refused`.
    init(_ url: HTTPURL, from source: HTTPURL) throws(Diagnostic) {
        self.url = url
        keepsCredentials = url.origin == source.origin
        if keepsCredentials { return }
        guard !(source.origin.scheme == .https && url.origin.scheme == .http) else {
            throw Self.refused(url, source, "it leads from https to http, where others can read and change the answer")
        }
        if url.address?.isLinkLocal == true {
            throw Self.refused(url, source, "`\(url.origin.host)` is a link-local address")
        }
        if !source.isLoopback, url.isLoopback || url.isPrivateAddressLiteral {
            guard source.isPrivateAddressLiteral, !url.isLoopback else {
                throw Self.refused(url, source, "`\(url.origin.host)` is inside this machine's network")
            }
        }
    }

    private static func refused(_ url: HTTPURL, _ source: HTTPURL, _ reason: String) -> Diagnostic {
        Diagnostic(
            .redirectRefused,
            "`\(source.origin)` redirects to `\(url.origin)`, which is not followed",
            because: reason
        )
    }
}

extension Diagnostic.Code {
    package static let redirectRefused = Self("redirect.refused", .verification)
}
