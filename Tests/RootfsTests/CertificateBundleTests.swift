import Diagnostics
import TestSupport
import Testing

@testable import Rootfs

@Suite struct CertificateBundleTests {
    @Test("a certificate's subject, fingerprint and last second are what openssl says")
    func sameAsOpenSSL() throws {
        let authority = try TestAuthority()
        let path = try authority.certificate("Root")
        let bundle = try CertificateBundle(pem: readFile(path), from: path)
        let certificate = try #require(bundle.certificates.first)
        #expect(bundle.certificates.count == 1)
        #expect(certificate.subject == "C = DE, O = Würzburg\\, Inc., CN = Root")
        #expect(try certificate.der == authority.converted(path, by: "x509", ["-outform", "DER"]))
        let options = ["-noout", "-enddate", "-dateopt", "iso_8601", "-fingerprint", "-sha256"]
        let said = try Command("openssl", ["x509", "-in", path] + options).output().split(separator: "\n")
        #expect(said.contains { $0.lowercased() == "sha256 fingerprint=\(certificate.fingerprint.lowercased())" })
        #expect(said.contains { $0.hasPrefix("notAfter=\(certificate.lastDay) ") })
        let date = said.first { $0.hasPrefix("notAfter=") }?.dropFirst("notAfter=".count)
        let seconds = try Command("date", ["-u", "-d", String(try #require(date)), "+%s"]).output()
        #expect("\(certificate.notAfter)\n" == seconds)
    }

    @Test("extra certificates join the embedded ones once, sorted by their SHA-256")
    func merged() throws {
        let authority = try TestAuthority()
        let paths = [try authority.certificate("One"), try authority.certificate("Two")]
        let pem = try readFile(paths[0]) + readFile(paths[1]) + readFile(paths[0])
        let extra = try CertificateBundle(pem: pem, from: "extra.pem")
        #expect(extra.certificates.count == 2)
        let embedded = try CertificateBundle.embedded()
        let merged = embedded.merged(with: extra)
        #expect(merged.certificates.count == embedded.certificates.count + 2)
        #expect(merged == extra.merged(with: embedded).merged(with: extra))
        let digests = merged.certificates.map(\.sha256)
        #expect(zip(digests, digests.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
        let file = try authority.directory.file("merged.pem", merged.pem)
        for path in paths { try Command("openssl", ["verify", "-no-CApath", "-CAfile", file, path]).output() }
        #expect(try CertificateBundle(pem: merged.pem, from: file) == merged)
    }

    @Test("a bundle is the same whatever comments, line ends and widths it came with")
    func normalForm() throws {
        let authority = try TestAuthority()
        let path = try authority.certificate("Root")
        let plain = try readFile(path)
        let text = try authority.converted(path, by: "x509", ["-text"])
        let windows = plain.flatMap { $0 == UInt8(ascii: "\n") ? Array("\r\n".utf8) : [$0] }
        let lines = String(decoding: plain, as: UTF8.self).split(separator: "\n")
        let wide = "\(lines[0])\n\(lines[1..<lines.count - 1].joined())\n\(lines[lines.count - 1])"
        let commented =
            Array("# Ours, 2026 – Würzburg\n======\n----------\n".utf8) + plain + Array("\nthat was it".utf8)
        let expected = try CertificateBundle(pem: plain, from: path)
        #expect(expected.pem == plain)
        for other in [text, windows, Array(wide.utf8), commented] {
            #expect(try CertificateBundle(pem: other, from: path).pem == plain)
        }
    }

    @Test("a self-signed root of X.509 version 1 is an authority")
    func versionOne() throws {
        let bundle = try CertificateBundle(pem: Array(versionOneRoot.utf8), from: "v1.pem")
        #expect(bundle.certificates.map(\.subject) == ["CN = Version 1 Root"])
    }

    @Test("a certificate has expired one second after its last, and never if no moment is given")
    func expired() throws {
        let bundle = try CertificateBundle(pem: Array(versionOneRoot.utf8), from: "v1.pem")
        let last = try #require(bundle.certificates.first).notAfter
        #expect(bundle.expired(at: nil).isEmpty)
        #expect(bundle.expired(at: last).isEmpty)
        let warnings = bundle.expired(at: last + 1)
        #expect(warnings.map(\.code) == [.certificateExpired])
        #expect(warnings.first?.summary == "the certificate `CN = Version 1 Root` has expired")
        #expect(warnings.first?.reason?.hasPrefix("it was valid until 2081-08-24; its SHA-256 is ") == true)
    }

    @Test("several that have expired are one warning, with their number and the first of them")
    func severalExpired() throws {
        let bundle = try CertificateBundle.embedded()
        let warnings = bundle.expired(at: .max)
        #expect(warnings.map(\.summary) == ["\(bundle.certificates.count) certificates have expired"])
        #expect(warnings.first?.reason?.hasSuffix(", and \(bundle.certificates.count - 5) more") == true)
    }

    @Test("a certificate that has expired long ago is taken")
    func expiredIsTaken() throws {
        let bundle = try CertificateBundle(pem: Array(versionOneRoot.utf8), from: "v1.pem")
        #expect(bundle.expired(at: .max).count == bundle.certificates.count)
        #expect(bundle.expired(at: .min).isEmpty)
    }

    @Test(
        "a private key of any kind is refused",
        arguments: [
            ("pkcs8", []), ("pkcs8", ["-topk8", "-nocrypt"]), ("pkcs8", ["-topk8", "-passout", "pass:secret"]),
            ("ec", []),
        ] as [(String, [String])]
    )
    func privateKey(command: String, arguments: [String]) throws {
        let authority = try TestAuthority()
        let path = try authority.certificate("Root")
        let key =
            arguments.isEmpty && command == "pkcs8"
            ? try readFile(path + ".key") : try authority.converted(path + ".key", by: command, arguments)
        let certificate = try readFile(path)
        let lines = certificate.count { $0 == UInt8(ascii: "\n") }
        let keyText = String(decoding: key, as: UTF8.self)
        #expect(keyText.contains("PRIVATE KEY-----"))
        let problem = refusal(certificate + key)
        #expect(problem?.code == .certificatePrivateKey)
        #expect(problem?.subject == .file(path: "given.pem", line: lines + 1))
        // The message must not show what it protects.
        let secret = try #require(
            keyText.split(separator: "\n").dropFirst().first { !$0.contains(":") && $0.count > 32 }
        )
        #expect(!"\(String(describing: problem))".contains(secret))
    }

    @Test(
        "a private key whose first line is indented or damaged is refused as one",
        arguments: ["  -----", "---", "# "]
    )
    func damagedPrivateKey(prefix: String) {
        #expect(refusal("\(prefix)BEGIN RSA PRIVATE KEY-----\nAAAA\n")?.code == .certificatePrivateKey)
    }

    @Test("a private key inside a block whose end is missing is refused as one")
    func privateKeyInsideBlock() {
        let problem = refusal("-----BEGIN CERTIFICATE-----\nAAAA\n-----BEGIN PRIVATE KEY-----\nAAAA\n")
        #expect(problem?.code == .certificatePrivateKey)
    }

    @Test("a block of 800 000 short lines is read in the time that its size asks for", .timeLimit(.minutes(1)))
    func manyLines() {
        let lines = String(repeating: "A\n", count: 800_000)
        let pem = "-----BEGIN CERTIFICATE-----\n\(lines)-----END CERTIFICATE-----\n"
        #expect(refusal(pem)?.reason == "it is not an X.509 certificate")
    }

    @Test("a certificate that may not sign others is refused")
    func leaf() throws {
        let authority = try TestAuthority()
        let root = try readFile(authority.certificate("Root"))
        let problem = refusal(try root + readFile(authority.certificate("Leaf", extensions: "leaf")))
        #expect(problem?.code == .certificateNotAuthority)
        #expect(problem?.summary == "block 2 of `given.pem` is not the certificate of an authority")
        #expect(
            problem?.reason == "`C = DE, O = Würzburg\\, Inc., CN = Leaf` may not sign other certificates (CA:FALSE)"
        )
    }

    @Test("DER is refused with the command that converts it")
    func der() throws {
        let authority = try TestAuthority()
        let problem = refusal(try authority.converted(authority.certificate("Root"), by: "x509", ["-outform", "DER"]))
        #expect(problem?.code == .certificateNotPEM)
        #expect(problem?.reason == "it looks like DER")
        #expect(problem?.hint == "convert it with `openssl x509 -inform der -in FILE -out FILE.pem`")
    }

    @Test(
        "a file that is not a text of certificates is refused",
        arguments: [
            ([], .certificateEmpty),
            (Array("\n\n".utf8), .certificateEmpty),
            (Array("# nothing yet\n".utf8), .certificateEmpty),
            ([0xEF, 0xBB, 0xBF] + Array(versionOneRoot.utf8), .certificateNotPEM),
            ([0xFF, 0xFE] + versionOneRoot.utf8.flatMap { [$0, 0] }, .certificateNotPEM),
            (versionOneRoot.utf8.flatMap { [$0, 0] }, .certificateNotPEM),
            (Array(versionOneRoot.utf8) + [0], .certificateNotPEM),
            (Array(versionOneRoot.utf8) + [0x1B], .certificateNotPEM),
            ([0x30], .certificateEmpty),
            ([0x30, 0x82], .certificateNotPEM),
        ] as [([UInt8], Diagnostic.Code)]
    )
    func notText(bytes: [UInt8], code: Diagnostic.Code) {
        #expect(refusal(bytes)?.code == code)
    }

    @Test("a file of exactly 4 MiB is taken")
    func largest() throws {
        let comment = [UInt8](repeating: UInt8(ascii: "#"), count: (4 << 20) - versionOneRoot.utf8.count - 1)
        let bundle = try CertificateBundle(pem: comment + "\n\(versionOneRoot)".utf8, from: "v1.pem")
        #expect(bundle.certificates.count == 1)
    }

    @Test("a file of one byte more than 4 MiB is refused")
    func tooLarge() {
        #expect(refusal([UInt8](repeating: UInt8(ascii: "#"), count: (4 << 20) + 1))?.code == .certificateTooLarge)
    }

    @Test(
        "a block of another kind is refused by its name",
        arguments: ["CERTIFICATE REQUEST", "TRUSTED CERTIFICATE", "X509 CRL", "PUBLIC KEY", "PKCS7", "certificate"]
    )
    func otherBlock(label: String) {
        let problem = refusal("\(versionOneRoot)-----BEGIN \(label)-----\nAAAA\n-----END \(label)-----\n")
        #expect(problem?.code == .certificateUnexpectedBlock)
        #expect(problem?.summary == "block 2 of `given.pem` is not a certificate")
        #expect(problem?.reason == "it is a `\(label)`, and only `CERTIFICATE` is taken")
        #expect(problem?.subject == .file(path: "given.pem", line: 10))
    }

    @Test(
        "a block that cannot be read is named by its number and line",
        arguments: [
            // The first line of base64 is lost: not a certificate any more.
            (edited { $0.remove(at: 1) }, 10, "it is not an X.509 certificate"),
            // Its last line is cut: 23 characters are not a whole number of bytes.
            (edited { $0[7].removeLast() }, 18, "its base64 is cut short or does not end properly"),
            // A whole line in the middle is lost.
            (edited { $0.remove(at: 4) }, 10, "it is not an X.509 certificate"),
            (edited { $0[4] = "" }, 14, "an empty line is in the middle of it"),
            (edited { $0[4] = "garbage!" }, 14, "`garbage!` is not base64"),
            (edited { $0.insert("Proc-Type: 4,ENCRYPTED", at: 1) }, 11, "`Proc-Type: 4,ENCRYPTED` is not base64"),
            (edited { $0[4] = "=AAA" }, 18, "its base64 is cut short or does not end properly"),
            (edited { $0.removeSubrange(1...7) }, 10, "it is not an X.509 certificate"),
            (
                edited { $0.insert("-----BEGIN CERTIFICATE-----", at: 4) }, 14,
                "`-----BEGIN CERTIFICATE-----` stands where `-----END CERTIFICATE-----` is missing"
            ),
            (
                edited { $0[8] = "-----END CERTIFICATE----" }, 18,
                "`-----END CERTIFICATE----` stands where `-----END CERTIFICATE-----` is missing"
            ),
            (edited { $0.removeLast() }, 17, "the file ends before `-----END CERTIFICATE-----`"),
            (
                edited { $0[0] = "----BEGIN CERTIFICATE-----" }, 10,
                "`----BEGIN CERTIFICATE-----` is neither `-----BEGIN CERTIFICATE-----` nor a comment"
            ),
            (
                edited { $0[0] = "" }, 18,
                "`-----END CERTIFICATE-----` is neither `-----BEGIN CERTIFICATE-----` nor a comment"
            ),
        ] as [(String, Int, String)]
    )
    func unreadable(second: String, line: Int, reason: String) {
        let problem = refusal(versionOneRoot + second)
        #expect(problem?.code == .certificateMalformed)
        #expect(problem?.summary == "block 2, line \(line) of `given.pem` cannot be read")
        #expect(problem?.subject == .file(path: "given.pem", line: line))
        #expect(problem?.reason == reason)
    }

    @Test("bytes after the certificate in its block are refused")
    func trailingBytes() throws {
        let der = try #require(CertificateBundle(pem: Array(versionOneRoot.utf8), from: "v1.pem").certificates.first)
            .der
        let problem = refusal(CertificatePEM.encode(der + [0, 0]))
        #expect(problem?.reason == "2 bytes follow the certificate in the same block")
    }

    @Test("a certificate with any one byte changed is refused or is another, and never a crash")
    func changedByte() throws {
        let original = try CertificateBundle(pem: Array(versionOneRoot.utf8), from: "v1.pem")
        let der = try #require(original.certificates.first).der
        for index in der.indices {
            var changed = der
            changed[index] ^= 0x41
            guard let bundle = try? CertificateBundle(pem: CertificatePEM.encode(changed), from: "v1.pem") else {
                continue
            }
            #expect(bundle.certificates.map(\.der) == [changed])
        }
    }

    @Test(
        "a file of another form is named, with the command that makes PEM of it",
        arguments: [
            ([0x30, 0x82, 1, 0, 0x30, 0x82], "DER", "openssl x509 -inform der"),
            ([0x30, 0x82, 1, 0, 0x02, 0x01, 0x03, 0x30], "PKCS#12", "openssl pkcs12 -nokeys"),
            (
                [0x30, 0x82, 1, 0, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02],
                "PKCS#7 in DER", "openssl pkcs7 -inform der -print_certs"
            ),
        ] as [([UInt8], String, String)]
    )
    func otherForms(bytes: [UInt8], name: String, command: String) {
        let problem = #expect(throws: Diagnostic.self) { try CertificateBundle(pem: bytes, from: "ca") }
        #expect(problem?.reason == "it looks like \(name)")
        #expect(problem?.hint?.contains("`\(command) ") == true)
        let text = Array("-----BEGIN PKCS7-----\nAAAA\n-----END PKCS7-----\n".utf8)
        let block = #expect(throws: Diagnostic.self) { try CertificateBundle(pem: text, from: "ca") }
        #expect(block?.hint?.contains("openssl pkcs7 -print_certs") == true)
    }

    /// Why `bytes` are refused; `nil`, and a failed test, if they are not.
    private func refusal(_ bytes: [UInt8]) -> Diagnostic? {
        #expect(throws: Diagnostic.self) { try CertificateBundle(pem: bytes, from: "given.pem") }
    }

    private func refusal(_ text: String) -> Diagnostic? { refusal(Array(text.utf8)) }
}

/// The certificate below as the second of a file, with its nine lines changed.
private func edited(_ change: (inout [String]) -> Void) -> String {
    var lines = versionOneRoot.split(separator: "\n").map(String.init)
    change(&lines)
    return lines.joined(separator: "\n") + "\n"
}

/// Made with OpenSSL 3.0, whose `x509 -req` writes version 1 where no extension is asked for; later ones do not:
/// `openssl req -new -key KEY -subj "/CN=Version 1 Root" | openssl x509 -req -signkey KEY -days 20000`.
private let versionOneRoot = """
    -----BEGIN CERTIFICATE-----
    MIIBLjCB1QIUYketewdPDxtn8KKDzf/Xky9nJnUwCgYIKoZIzj0EAwIwGTEXMBUG
    A1UEAwwOVmVyc2lvbiAxIFJvb3QwIBcNMjYxMTIxMDkyNzUxWhgPMjA4MTA4MjQw
    OTI3NTFaMBkxFzAVBgNVBAMMDlZlcnNpb24gMSBSb290MFkwEwYHKoZIzj0CAQYI
    KoZIzj0DAQcDQgAE544murE3GIuqDE5QVHwCZfy3UjjeqQ2RwjW58d7qGghtueL+
    cs4tQejr/s+bOEujhFMdyqta0Q3AcFwmGNoijTAKBggqhkjOPQQDAgNIADBFAiAq
    SKBckeSYS1JvsyEoy3vTYqATXBIrAdqPuvy9A+KY7wIhALjgity2HdIEXUJHR08P
    G6HJELBIt2dNgbers28YVuUQ
    -----END CERTIFICATE-----

    """
