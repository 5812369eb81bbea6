package import Diagnostics

/// Where a redirect may lead. How many are followed is the caller's count; ten are plenty.
package enum RedirectPolicy {
    /// The header fields that say who asks, and that only one origin may see.
    package static let sensitiveHeaders = ["Authorization", "Cookie", "Proxy-Authorization"]

    /// Where `location`, as an answer from `source` names it, leads, and whether credentials may go there.
    ///
    /// A public server must not be able to make us ask inside a network: numbers of private hosts are refused, except
    /// from this machine, from the same origin, and from one private host to another.
    /// - Throws: `redirect.refused`, `url.malformed`.
    package static func follow(
        _ location: String,
        from source: HTTPURL
    ) throws(Diagnostic) -> (url: HTTPURL, keepsCredentials: Bool) {
        let url = try source.resolving(location)
        if url.origin == source.origin { return (url, true) }
        guard !(source.origin.scheme == .https && url.origin.scheme == .http) else {
            throw refused(url, from: source, "it leads from https to http, where others can read and change the answer")
        }
        if !source.isLoopback, url.isLoopback || url.isPrivateAddressLiteral {
            let isOneNetwork =
                source.isPrivateAddressLiteral && !url.isLoopback && url.address?.isLinkLocal == false
            guard isOneNetwork else {
                throw refused(url, from: source, "`\(url.origin.host)` is inside this machine's network")
            }
        }
        return (url, false)
    }

    /// The same request for `location`, without what only the first server may see if it is another's.
    ///
    /// - Throws: as `follow`.
    package static func request(
        _ request: HTTPRequest,
        redirectedTo location: String
    ) throws(Diagnostic) -> HTTPRequest {
        let (url, keepsCredentials) = try follow(location, from: request.url)
        var next = request
        next.url = url
        if !keepsCredentials {
            for name in sensitiveHeaders { next.headers[name] = nil }
        }
        return next
    }

    private static func refused(_ url: HTTPURL, from source: HTTPURL, _ reason: String) -> Diagnostic {
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
