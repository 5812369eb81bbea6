@testable import Rootfs

/// Certificates as PEM, and as the DER inside it.
enum CertificateProbe {
    static func read(_ bytes: [UInt8]) {
        if let bundle = try? CertificateBundle(pem: bytes, from: "probe") {
            require(!bundle.certificates.isEmpty, "a bundle is empty")
            let text = bundle.certificates.flatMap { CertificatePEM.encode($0.der) }
            require((try? CertificateBundle(pem: text, from: "probe")) == bundle, "a bundle changes in print")
            _ = JavaTrustStore.encode(bundle)
            _ = bundle.expired(at: 1_800_000_000)
        }
        let block = try? CertificatePEM.blocks(of: CertificatePEM.encode(bytes), in: "probe").first
        require(bytes.isEmpty || block?.der == bytes, "a block is not read as it was written")
        if let certificate = try? Certificate(der: bytes) {
            require(certificate.der == bytes, "a certificate is not its own bytes")
        }
        if let decoded = Base64.decode(bytes) { require(Base64.decode(Base64.encode(decoded)) == decoded, "base64") }
    }
}
