internal import Glibc
internal import NIOSSL

extension FailureExplanation {
    /// - Parameter certificate: the server's certificate, unverified, if it could be fetched.
    func failure(forTLS error: any Error, certificate: PeerCertificate?) -> HTTPFailure {
        let text = String(describing: error)
        if error is NIOSSLExtraError {
            let names = certificate.map { $0.names.isEmpty ? [$0.subject] : $0.names } ?? []
            let shown = names.isEmpty ? "for another host" : "for \(names.map { "`\($0)`" }.joined(separator: ", "))"
            return HTTPFailure(
                .tls,
                "the certificate is \(shown), not for `\(origin.host)`" + details(certificate),
                hint: "use a name that the certificate has"
            )
        }
        if Self.text(text, has: "CERTIFICATE_VERIFY_FAILED") { return unverified(certificate) }
        if Self.text(text, has: "WRONG_VERSION_NUMBER") || Self.text(text, has: "HTTP_REQUEST") {
            return HTTPFailure(
                .tls,
                "`\(server)` does not speak TLS; it may speak plain HTTP",
                hint: "if that is intended, name the registry with `--insecure-registry`"
            )
        }
        if certificate?.isOldTLS == true || Self.text(text, has: "PROTOCOL_VERSION")
            || Self.text(text, has: "UNSUPPORTED_PROTOCOL")
        {
            return HTTPFailure(.tls, "`\(server)` speaks only versions of TLS before 1.2, which are insecure")
        }
        if Self.text(text, has: "CERTIFICATE_REQUIRED") || Self.text(text, has: "BAD_CERTIFICATE")
            || Self.text(text, has: "UNKNOWN_CA") || Self.text(text, has: "HANDSHAKE_FAILURE")
        {
            return HTTPFailure(
                .tls,
                "`\(server)` broke off TLS: it may want a client certificate, or another one",
                hint: "put the certificate and its key into the registry's folder of `certs.d`"
            )
        }
        return HTTPFailure(.tls, "TLS with `\(server)` failed (\(Self.reason(in: text)))")
    }

    private var server: String { "\(origin.host):\(origin.port)" }

    private func unverified(_ certificate: PeerCertificate?) -> HTTPFailure {
        guard let certificate else {
            return HTTPFailure(.tls, "the certificate of `\(server)` cannot be verified", hint: authorityHint)
        }
        // BoringSSL compares with this clock, too.
        let now = Int64(time(nil))
        let clock = "this machine's clock says \(HTTPDate.day(of: now)): if that is wrong, set it"
        if now > certificate.validity.upperBound {
            let day = HTTPDate.day(of: certificate.validity.upperBound)
            return HTTPFailure(.tls, "the certificate expired on \(day)" + details(certificate), hint: clock)
        }
        if now < certificate.validity.lowerBound {
            let day = HTTPDate.day(of: certificate.validity.lowerBound)
            return HTTPFailure(.tls, "the certificate is not valid before \(day)" + details(certificate), hint: clock)
        }
        let what =
            certificate.isSelfIssued
            ? "the certificate is self-signed" : "the certificate was issued by an authority that is not trusted here"
        return HTTPFailure(.tls, what + details(certificate), hint: authorityHint)
    }

    private var authorityHint: String {
        "if you trust its authority, name it with `--ca-cert \(server)=FILE` or `SSL_CERT_FILE`"
    }

    private func details(_ certificate: PeerCertificate?) -> String {
        guard let certificate else { return "" }
        let first = HTTPDate.day(of: certificate.validity.lowerBound)
        let last = HTTPDate.day(of: certificate.validity.upperBound)
        return " (subject `\(certificate.subject)`, issuer `\(certificate.issuer)`, valid from \(first) to \(last))"
    }

    /// BoringSSL's own name of the error.
    private static func reason(in text: String) -> String {
        let words = text.utf8.split { !(isAlphanumeric($0) || $0 == UInt8(ascii: "_")) }
        let word = words.first { word in
            word.count > 5 && word.contains(UInt8(ascii: "_"))
                && word.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "_") || (0x41...0x5A).contains($0) }
        }
        return word.map { String(Substring($0)) } ?? "no reason is known"
    }

    private static func text(_ text: String, has fragment: String) -> Bool {
        let fragment = Array(fragment.utf8)
        var rest = Array(text.utf8)[...]
        while rest.count >= fragment.count {
            if rest.starts(with: fragment) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
