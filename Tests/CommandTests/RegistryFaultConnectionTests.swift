import TestSupport
import Testing

@Suite("No connection to a registry")
struct RegistryFaultConnectionTests {
    @Test(
        "a certificate that is not trusted exits with 6, and the message says why",
        arguments: [
            (.good, false, 6, "Test Authority"), (.good, true, 7, "manifest.not-found"), (.expired, true, 6, "2020"),
            (.future, true, 6, "2099"), (.wrongHost, true, 6, "elsewhere.test"), (.selfSigned, true, 6, "--ca-cert"),
        ] as [(TestCertificates.Server, Bool, Int32, String)]
    )
    func certificate(kind: TestCertificates.Server, isTrusted: Bool, exit: Int32, words: String) throws {
        let certificates = try TestCertificates.shared()
        let server = try RegistryServer(certificate: certificates.server(kind))
        let trust = isTrusted ? ["--ca-cert", "\(server.address)=\(certificates.authority)"] : []
        let run = try FaultyRun(["digest", "\(server.address)/me/app:1"] + trust)
        #expect(run.outcome.end == .exited(exit), "\(run.story)")
        #expect(run.outcome.errors.contains(words), "\(run.story)")
    }

    @Test(
        "`--insecure-registry` takes any certificate, of that registry alone",
        arguments: TestCertificates.Server.allCases
    )
    func insecure(kind: TestCertificates.Server) throws {
        let certificates = try TestCertificates.shared()
        let server = try RegistryServer(certificate: certificates.server(kind))
        let run = try FaultyRun(["digest", "\(server.address)/me/app:1", "--insecure-registry", server.address])
        #expect(run.outcome.end == .exited(7), "\(run.story)")
        let other = try FaultyRun(["digest", "\(server.address)/me/app:1", "--insecure-registry", "other.test"])
        #expect(other.outcome.end == .exited(6), "\(other.story)")
    }

    @Test("a server that asks for a certificate gets the one of its directory in certs.d", arguments: [true, false])
    func clientCertificate(isThere: Bool) throws {
        let certificates = try TestCertificates.shared()
        let server = try RegistryServer(
            certificate: certificates.server(),
            clientAuthority: certificates.authority
        )
        let credentials = try DockerConfiguration()
        let folder = "\(credentials.homePath)/.config/containers/certs.d/\(server.address)"
        try Command("mkdir", ["-p", folder]).output()
        try writeFile("\(folder)/ca.crt", readFile(certificates.authority))
        if isThere {
            try writeFile("\(folder)/client.cert", readFile(certificates.clientCertificate))
            try writeFile("\(folder)/client.key", readFile(certificates.clientKey), mode: 0o600)
        }
        let run = try FaultyRun(["digest", "\(server.address)/me/app:1"], credentials: credentials)
        #expect(run.outcome.end == .exited(isThere ? 7 : 6), "\(run.story)")
    }

    @Test("no process listens, or the name is unknown", arguments: ["PORT", "registry.invalid"])
    func absent(place: String) throws {
        let address = place == "PORT" ? "127.0.0.1:\(try Loopback.freePort())" : place
        let run = try FaultyRun(["digest", "\(address)/me/app:1"])
        #expect(run.outcome.end == .exited(6), "\(run.story)")
        #expect(run.outcome.errors.contains(address), "\(run.story)")
    }

    /// What the proxy answers to CONNECT.
    @Test(
        "a proxy that does not let pass is named, without its password",
        arguments: [(407, "407"), (403, "403"), (502, "502")]
    )
    func proxy(status: Int, words: String) throws {
        let proxy = try ScriptedServer { _ in .response(status, [("Content-Type", "text/html")], "<html>no</html>") }
        let run = try FaultyRun(
            ["digest", "registry.invalid/me/app:1"],
            environment: ["https_proxy": "http://me:proxy-secret@\(proxy.address)"]
        )
        #expect(run.outcome.end == .exited(6), "\(run.story)")
        #expect(run.outcome.errors.contains("proxy"), "\(run.story)")
        #expect(!run.outcome.errors.contains("proxy-secret"), "\(run.story)")
        #expect(proxy.requests.first?.method == "CONNECT")
        #expect(proxy.requests.first?["Proxy-Authorization"] == "Basic " + base64(Array("me:proxy-secret".utf8)))
    }

    @Test("loopback is never asked for through a proxy")
    func loopback() throws {
        let proxy = try ScriptedServer { _ in .response(502) }
        let registry = try FaultyRegistry()
        registry.hold(try SmallImage.image, in: "me/app", tag: "1")
        let url = "http://\(proxy.address)"
        let run = try FaultyRun(
            ["digest", "\(registry.address)/me/app:1"],
            environment: [
                "http_proxy": url, "https_proxy": url, "HTTP_PROXY": url, "HTTPS_PROXY": url, "ALL_PROXY": url,
            ]
        )
        #expect(run.outcome.end == .exited(0), "\(run.story)")
        #expect(proxy.requests.count == 0)
    }

    @Test("a malformed proxy is a mistake that names its variable, not its value")
    func malformedProxy() throws {
        let run = try FaultyRun(
            ["digest", "registry.invalid/me/app:1"],
            environment: ["https_proxy": "http://me:proxy-secret@:::"]
        )
        #expect([2, 3].contains(run.outcome.exitCode), "\(run.story)")
        #expect(run.outcome.errors.contains("https_proxy"), "\(run.story)")
        #expect(!run.outcome.errors.contains("proxy-secret"), "\(run.story)")
    }

    /// What `config.json` holds; `KEY` is the registry's address.
    @Test(
        "broken credentials are 3 or 5, naming the file, and never their value",
        arguments: [
            (#"{"auths": null}"#, 0), (#"{}"#, 0), (#"{"auths": {"KEY": {}}}"#, 0),
            (#"{"auths": {"KEY": {"auth": "***s3cret***"}}}"#, 3), (#"{"auths": {"KEY": {"auth": "czNjcmV0"}}}"#, 3),
            (#"{"auths": {"KEY": {"auth": 7}}}"#, 3), ("s3cret", 3), ("", 0), (#"{"auths": []}"#, 3),
            (#"{"credsStore": "s3cret/../helper"}"#, 3), (#"{"credsStore": "missing"}"#, 5),
            (#"{"credHelpers": {"KEY": "garbage"}}"#, 5), (#"{"credHelpers": {"KEY": "empty"}}"#, 5),
            (#"{"credHelpers": {"KEY": "failing"}}"#, 5), (#"{"credHelpers": {"KEY": "none"}}"#, 0),
            (#"{"credsStore": "none", "auths": {"KEY": {}}}"#, 0),
        ] as [(String, Int32)]
    )
    func configuration(text: String, exit: Int32) throws {
        let helpers = try TemporaryDirectory()
        let scripts = [
            "garbage": "echo s3cret", "empty": "exit 0", "failing": "echo s3cret >&2; exit 1",
            "none": "echo credentials not found in native keychain; exit 1",
        ]
        for (name, script) in scripts {
            try helpers.file("docker-credential-\(name)", "#!/bin/sh\n\(script)\n", mode: 0o755)
        }
        let registry = try FaultyRegistry { asked in
            asked.request["Authorization"] == nil && exit != 0
                ? .response(401, [("WWW-Authenticate", "Basic realm=\"x\"")]) : asked.answer
        }
        registry.hold(try SmallImage.image, in: "me/app", tag: "1")
        let credentials = try DockerConfiguration()
        try credentials.write(String(text.replacing("KEY", with: registry.address)))
        let path = "\(helpers.path):\(Environment.current["PATH"] ?? "")"
        let run = try FaultyRun(
            ["digest", "\(registry.address)/me/app:1"],
            credentials: credentials,
            environment: ["PATH": path]
        )
        #expect(run.outcome.end == .exited(exit), "\(run.story)")
        let printed = run.outcome.errors
        #expect(!printed.contains("***") && !printed.contains("czNjcmV0"), "\(run.story)")
        #expect(exit == 0 || printed.contains("config.json") || printed.contains("docker-credential-"), "\(run.story)")
    }
}
