import TestSupport
import Testing

@Suite("The registries that the tests run, used by skopeo")
struct RegistryServerTests {
    @Test("an anonymous one takes an image, gives it back, and its log has both")
    func anonymous() throws {
        let place = try TemporaryDirectory()
        let digest = try Images.digest(Images.probe(in: place))
        let server = try RegistryServer()
        let target = "docker://\(server.address)/me/app:1"
        try Skopeo.run(["copy", "--dest-tls-verify=false", "oci:\(place("image")):1", target])
        #expect(try Skopeo.run(["inspect", "--tls-verify=false", "--format", "{{.Digest}}", target]) == "\(digest)\n")
        #expect(exists(server.blobPath(digest)))
        let put = RegistryServer.LoggedRequest("PUT", "/v2/me/app/manifests/1", 201)
        #expect(try server.requests.contains(put))
    }

    @Test("one with a password refuses who has none")
    func password() throws {
        let place = try TemporaryDirectory()
        try Images.probe(in: place)
        let server = try RegistryServer(.password)
        let arguments = [
            "copy", "--dest-tls-verify=false", "oci:\(place("image")):1", "docker://\(server.address)/me/app:1",
        ]
        #expect(try Command("skopeo", arguments).run().end == .exited(1))
        try Skopeo.run(arguments, DockerConfiguration(accountAt: server.address))
    }

    @Test("a registry with tokens accepts those of its token server within their scope")
    func token() throws {
        let place = try TemporaryDirectory()
        try Images.probe(in: place)
        let tokens = try TokenServer(allowsAnonymousPull: true)
        let server = try RegistryServer(.token(tokens))
        let target = "docker://\(server.address)/me/app:1"
        let arguments = ["copy", "--dest-tls-verify=false", "oci:\(place("image")):1", target]
        #expect(try Command("skopeo", arguments).run().end == .exited(1))
        try Skopeo.run(arguments, DockerConfiguration(accountAt: server.address))
        try Skopeo.run(["inspect", "--tls-verify=false", target])
        #expect(tokens.requests.contains { $0["Authorization"] == TokenServer.basic })
    }

    @Test("one with TLS is trusted by who knows its authority, and may ask for a certificate itself")
    func tls() throws {
        let certificates = try TestCertificates.shared()
        for kind in TestCertificates.Server.allCases {
            let server = try RegistryServer(certificate: certificates.server(kind))
            let outcome = try Command(
                "curl",
                ["-sS", "--noproxy", "*", "--cacert", certificates.authority, "https://\(server.address)/v2/"]
            ).run()
            #expect(outcome.end == .exited(kind == .good ? 0 : 60), "\(kind): \(outcome.errors)")
        }
        let server = try RegistryServer(certificate: certificates.server(), clientAuthority: certificates.authority)
        let arguments = ["-sS", "--noproxy", "*", "--cacert", certificates.authority, "https://\(server.address)/v2/"]
        #expect(try Command("curl", arguments).run().end != .exited(0))
        let client = ["--cert", certificates.clientCertificate, "--key", certificates.clientKey]
        #expect(try Command("curl", arguments + client).output() == "{}")
    }

}
