import ByteIO
import Diagnostics
import HTTP
import TestSupport
import Testing

@testable import Registry

@Suite("Certificates of single registries")
struct CredentialsCertificatesTests {
    private let place: TemporaryDirectory
    private let certificates: RegistryCertificates

    init() throws {
        place = try TemporaryDirectory()
        for (name, text) in [
            ("first/ghcr.io/a.crt", "A"), ("first/ghcr.io/b.crt", "B"), ("first/ghcr.io/README", "no"),
            ("first/ghcr.io:5000/p.crt", "P"), ("second/ghcr.io:443/c.crt", "C"),
            ("second/ghcr.io:443/me.cert", "cert"), ("second/ghcr.io:443/me.key", "key"),
            ("second/docker.io/hub.crt", "H"), ("second/half.io/me.cert", "cert"), ("second/key.io/me.key", "key"),
            ("second/large.io/a.crt", String(repeating: "A", count: 1 << 20 + 1)), ("outside.crt", "no"),
        ] { try place.file(name, text) }
        certificates = RegistryCertificates(directories: [FilePath(place("first")), FilePath(place("second"))])
    }

    private func settings(_ authorities: [String], client: Bool = false) -> TLSSettings {
        var settings = TLSSettings()
        settings.authorities = authorities.map { Array($0.utf8) }
        if client {
            settings.clientCertificate = Array("cert".utf8)
            settings.clientKey = Array("key".utf8)
        }
        return settings
    }

    @Test("the directories of a host and its port are read, in order of their files' names")
    func found() throws {
        #expect(try certificates.settings(host: "ghcr.io", port: 443) == settings(["A", "B", "C"], client: true))
        #expect(try certificates.settings(host: "ghcr.io", port: 5000) == settings(["P"]))
        #expect(try certificates.settings(host: "registry-1.docker.io", port: 443) == settings(["H"]))
        #expect(try certificates.settings(host: "quay.io", port: 443) == TLSSettings())
    }

    @Test("a host cannot be a path", arguments: ["", ".", "..", "../first/ghcr.io", "first/ghcr.io"])
    func paths(host: String) throws {
        #expect(try certificates.settings(host: host, port: 443) == TLSSettings())
    }

    @Test(
        "what is not whole or too large is an error that names the file",
        arguments: [("half.io", "me.cert"), ("key.io", "me.key"), ("large.io", "a.crt")]
    )
    func defects(host: String, file: String) throws {
        let error = #expect(throws: Diagnostic.self) { try certificates.settings(host: host, port: 443) }
        #expect(error?.subject == .file(path: place("second/\(host)/\(file)")))
        #expect(error?.code == (host == "large.io" ? .certificatesUnreadable : .certificatesIncomplete))
    }
}
