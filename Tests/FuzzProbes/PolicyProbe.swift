import Diagnostics
import Images
import OCI
import Signing

@testable import SignaturePolicy

/// Policies that say who signs what: our own in YAML, and podman's `policy.json`.
enum PolicyProbe {
    /// The curve's generator as a key, which stands for every file that a policy names.
    private static let key = try? PublicKey(
        pem: Array(
            """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiY
            wpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
            -----END PUBLIC KEY-----
            """.utf8
        ),
        named: "probe"
    )

    private static let locations = [
        "docker.io/library/alpine:3", "registry.example:5000/team/app:1", "oci:app.oci:1", "docker-archive:app.tar",
    ].compactMap { try? ImageLocation(parsing: $0) }

    static func read(_ bytes: [UInt8]) {
        let policy = try? SignaturePolicy(parsing: bytes, named: "probe") { name throws(Diagnostic) in
            guard let key, !name.isEmpty else { throw Diagnostic(.keyPassword, "there is no such key") }
            return key
        }
        guard let policy else { return }
        for location in locations {
            require(!policy.entry(for: location).requirements.isEmpty, "an entry requires nothing and rejects nothing")
        }
    }
}
