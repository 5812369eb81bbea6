/// Where programs look for what they do not bring.
package enum KnownPlaces {
    /// Certificate authorities in one file, in the order of Go's crypto/x509.
    package static let bundles = [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
        "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
    ]
    /// Certificate authorities, one a file.
    static let certificateDirectories = ["/etc/ssl/certs", "/etc/pki/tls/certs"]
    static let zones = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"]
    static let shell = "/bin/sh"
}
