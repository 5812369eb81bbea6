import CBases
import Layers

/// The trusted certificates of an image: one file, and the other names that programs know it by.
package enum Certificates {
    /// Debian's certificates as they are in coracle itself: PEM, sorted by the SHA-256 of their DER.
    static var embedded: [UInt8] {
        var size = 0
        let start = coracle_ca_certificates(&size)
        return Array(UnsafeBufferPointer(start: start, count: size))
    }

    /// Where Debian, Go, curl and most others look first.
    package static let path = "etc/ssl/certs/ca-certificates.crt"

    /// The file with `pem` in it, and its links.
    static func entries(_ pem: [UInt8]) -> [LayerEntry] {
        // Relative, so that they lead to the image's own file also where its root is unpacked below another
        // directory: an absolute target would there be the host's certificates.
        [
            .file(path, pem),
            // LibreSSL, Alpine and node's `--use-openssl-ca`.
            .symlink("etc/ssl/cert.pem", to: "certs/ca-certificates.crt"),
            // What Debian's libssl opens when `SSL_CERT_FILE` is not set: without it there are no roots at all.
            .symlink("usr/lib/ssl/cert.pem", to: "../../../etc/ssl/certs/ca-certificates.crt"),
            // Programs built on Fedora and its kin, Python wheels among them.
            .symlink("etc/pki/tls/certs/ca-bundle.crt", to: "../../../ssl/certs/ca-certificates.crt"),
        ]
    }
}
