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

    @Test("each authority's name and last second are what openssl says")
    func subjects() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.file("bundle.pem", Certificates.embedded)
        let script = """
            awk -v to="$2/" '/BEGIN/ { n++ } { print > (to sprintf("%04d.pem", n)) }' "$1"
            for file in "$2"/0*.pem; do
                openssl x509 -in "$file" -noout -subject -enddate -dateopt iso_8601 \\
                    -nameopt esc_2253,esc_ctrl,utf8,dump_unknown,dump_der,sep_comma_plus_space,space_eq,sname
            done
            """
        let said = try Command.shell(script, [file, directory.path]).output().split(separator: "\n").map(String.init)
        let expected = try CertificateBundle.embedded().certificates.flatMap {
            ["subject=\($0.subject)", "notAfter=\($0.lastDay)"]
        }
        #expect(said.map { $0.hasPrefix("notAfter=") ? String($0.prefix(19)) : $0 } == expected)
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

    @Test("the packages that embedded data is from are those of the provenance")
    func packages() throws {
        let bases = try #require(#filePath.firstRange(of: "/Tests/")).lowerBound
        let provenance = String(decoding: try readFile("\(#filePath[..<bases])/Bases/PROVENANCE.md"), as: UTF8.self)
        let lines = provenance.split(separator: "\n")
        let embedded = try EmbeddedData.all()
        #expect(embedded.map(\.path) == EmbeddedData.paths && embedded.allSatisfy { !$0.content.isEmpty })
        for data in embedded {
            #expect(lines.contains { $0.hasPrefix("| \(data.package) | \(data.version) | all |") }, "\(data.package)")
        }
    }

    @Test("a bundle merged with itself does not change, whatever the order")
    func mergedWithItself() throws {
        let embedded = try CertificateBundle.embedded()
        #expect(embedded.merged(with: embedded) == embedded)
    }
}
