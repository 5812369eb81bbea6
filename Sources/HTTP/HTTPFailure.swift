package import Diagnostics

/// Why no complete answer arrived. An answer with an error status is not a failure.
package struct HTTPFailure: Error, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The host's name has no address.
        case nameResolution
        /// No connection could be made: refused, unreachable, or too slow.
        case connect
        /// The proxy refused the connection.
        case proxy
        /// The TLS handshake failed, usually because the certificate is untrusted or for another host.
        case tls
        /// The connection ended before the answer did.
        case reset
        /// No byte moved for too long.
        case stalled
        /// The answer is not HTTP, or an ambiguous form of it (RFC 9112 § 6.3).
        case malformed
        /// The task was cancelled.
        case cancelled
        /// The body could not be read here.
        case upload(Diagnostic.Code)
    }

    package let kind: Kind
    /// A clause without a full stop, such as "the certificate expired on 2026-01-31". It never contains a secret.
    package let reason: String
    package let hint: String?
    /// The error that reading the body threw.
    package let underlying: Diagnostic?

    package init(_ kind: Kind, _ reason: String, hint: String? = nil, underlying: Diagnostic? = nil) {
        self.kind = kind
        self.reason = reason
        self.hint = hint
        self.underlying = underlying
    }

    /// Whether trying again can help.
    package var isTransient: Bool {
        switch kind {
        case .connect, .reset, .stalled, .nameResolution: true
        case .proxy, .tls, .malformed, .cancelled, .upload: false
        }
    }
}
