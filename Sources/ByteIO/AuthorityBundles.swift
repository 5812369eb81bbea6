/// The files in which distributions keep all certificate authorities that they trust.
package enum AuthorityBundles {
    /// Absolute paths, in the order in which Go's crypto/x509 looks for them.
    package static let paths = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
    ]
}
