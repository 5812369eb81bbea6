import TestSupport
import Testing

@testable import Rootfs

@Suite struct EmbeddedCertificatesTests {
    @Test("openssl reads as many certificates in the embedded bundle, each of an authority")
    func sameAsOpenSSL() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("bundle.pem", Certificates.embedded)
        let output = try Command("openssl", ["storeutl", "-noout", "-text", "-certs", file]).output()
        let lines = output.split(separator: "\n")
        let count = try CertificateBundle.embedded().certificates.count
        #expect(lines.count { $0.hasSuffix(": Certificate") } == count)
        #expect(lines.count { $0.contains("CA:TRUE") } == count)
        #expect(lines.contains("Total found: \(count)"))
        #expect(count > 100)
    }

    @Test("the embedded bundle is in the form that coracle writes bundles in")
    func normalForm() throws {
        #expect(try CertificateBundle.embedded().pem == Certificates.embedded)
    }

    @Test("the embedded files are those of the provenance", arguments: ["ca-certificates.crt", "zoneinfo.tar.gz"])
    func provenance(name: String) throws {
        let bases = try #require(#filePath.firstRange(of: "/Tests/")).lowerBound
        let provenance = String(decoding: try readFile("\(#filePath[..<bases])/Bases/PROVENANCE.md"), as: UTF8.self)
        let embedded = name == "zoneinfo.tar.gz" ? Zoneinfo.embedded : Certificates.embedded
        let directory = try TemporaryDirectory()
        let digest = try Command("sha256sum", [try directory.file(name, embedded)]).output().prefix(64)
        #expect(provenance.split(separator: "\n").contains("| \(name) | \(embedded.count) | `\(digest)` |"))
    }

    @Test("a bundle merged with itself does not change, whatever the order")
    func mergedWithItself() throws {
        let embedded = try CertificateBundle.embedded()
        #expect(embedded.merged(with: embedded) == embedded)
    }
}
