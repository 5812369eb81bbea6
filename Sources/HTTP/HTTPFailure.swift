package import Diagnostics

/// Why no answer came, or not all of it. What a server answers, whatever its status, is no failure.
package struct HTTPFailure: Error, Sendable {
    package enum Kind: Hashable, Sendable {
        /// The host's name has no address.
        case nameResolution
        /// No connection: refused, unreachable, too slow.
        case connect
        /// The proxy did not let us through.
        case proxy
        /// No agreement on TLS, above all an untrusted or wrong certificate.
        case tls
        /// The connection ended before the answer did.
        case reset
        /// Nothing came, or went, for too long.
        case stalled
        /// What came is not HTTP, or is a dangerous form of it (RFC 9112 § 6.3).
        case malformed
        /// The task was cancelled.
        case cancelled
        /// The body could not be read here.
        case upload(Diagnostic.Code)
    }

    package let kind: Kind
    /// A clause without a full stop, such as "the certificate expired on 2026-01-31"; never with a secret.
    package let reason: String
    package let hint: String?
    /// What reading the body threw.
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
