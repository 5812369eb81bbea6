import HTTP
import TestSupport
import Testing

@Suite("The transport, through a proxy")
struct ProxyTests {
    /// A proxy that leads every request to one port of this machine, whatever host it names.
    private func proxy(to port: Int) throws -> ScriptedServer {
        try ScriptedServer { request in
            guard request.method == "CONNECT" else { return .response(400) }
            return ScriptedAnswer([.bytes(ScriptedAnswer.head(200)), .tunnel(port: port)])
        }
    }

    @Test("plain HTTP goes through a tunnel, with the user and password for the proxy alone")
    func plain() async throws {
        let server = try ScriptedServer { .response(200, [], $0["Host"] ?? "") }
        let proxy = try proxy(to: server.port)
        let exchange = try Exchange(environment: ["http_proxy": "http://me:p%40ss@\(proxy.address)"])
        #expect(try await exchange(.get, "http://registry.test:5000/").body == "registry.test:5000")
        let asked = try #require(proxy.requests.first)
        #expect(asked.target == "registry.test:5000")
        #expect(asked["Proxy-Authorization"] == "Basic bWU6cEBzcw==")
        #expect(server.requests.first?["Proxy-Authorization"] == nil)
    }

    @Test("TLS goes through the tunnel, and the certificate has to be the server's")
    func secure() async throws {
        let certificates = try TestCertificates.shared()
        let (certificate, key) = certificates.server(.wrongHost)
        let server = try SecureServer(certificate: certificate, key: key)
        defer { server.stop() }
        let proxy = try proxy(to: server.port)
        var settings = TLSSettings()
        settings.authorities = [try readFile(certificates.authority)]
        let exchange = try Exchange(environment: ["HTTPS_PROXY": proxy.address], tls: settings)
        #expect(try await exchange(.get, "https://elsewhere.test/").status == 200)
        #expect(proxy.requests.map(\.target) == ["elsewhere.test:443"])
        #expect(try await exchange.failure(.get, "https://registry.test/").kind == .tls)
    }

    @Test("this machine and what NO_PROXY names is asked directly")
    func direct() async throws {
        let server = try ScriptedServer { _ in .response(200) }
        let proxy = try proxy(to: server.port)
        let exchange = try Exchange(environment: ["ALL_PROXY": proxy.address, "NO_PROXY": "registry.invalid"])
        #expect(try await exchange(.get, "http://\(server.address)/").status == 200)
        #expect(try await exchange.failure(.get, "http://registry.invalid/").kind == .nameResolution)
        #expect(proxy.requests.isEmpty)
    }

    @Test(
        "an error of a proxy is distinguished from one of the server",
        arguments: [
            (407, "requires a login (status 407)"), (403, "does not connect to"), (302, "does not connect to"),
        ]
    )
    func refused(status: Int, reason: String) async throws {
        let proxy = try ScriptedServer { _ in .response(status, [("Content-Type", "text/html")], "<html>login</html>") }
        let exchange = try Exchange(environment: ["HTTPS_PROXY": "http://me:s3cret@\(proxy.address)"])
        let failure = try await exchange.failure(.get, "https://registry.test/")
        #expect(failure.kind == .proxy)
        #expect(failure.reason.contains("the proxy `\(proxy.address)` \(reason)"), "\(failure.reason)")
        #expect(!"\(failure)".contains("s3cret"))
    }

    @Test("a missing proxy is reported as a proxy")
    func absent() async throws {
        let port = try Loopback.freePort()
        let failure = try await Exchange(environment: ["ALL_PROXY": "127.0.0.1:\(port)"])
            .failure(.get, "http://registry.test/")
        #expect(failure.kind == .connect)
        #expect(failure.reason == "the proxy `127.0.0.1:\(port)` refuses the connection")
    }

    @Test("waiting for a silent proxy ends at the time limit")
    func silent() async throws {
        let proxy = try ScriptedServer { _ in ScriptedAnswer([.pause(.seconds(20))]) }
        let failure = try await Exchange(environment: ["ALL_PROXY": proxy.address], .hurried)
            .failure(.get, "http://registry.test/")
        #expect(failure.kind == .connect)
        #expect(failure.reason == "no connection to the proxy `\(proxy.address)` within 400 ms")
    }

    @Test("the certificate of an address in numbers is not compared with the proxy's address")
    func numbers() async throws {
        let proxy = try ScriptedServer { _ in .response(200) }
        let exchange = try Exchange(environment: ["ALL_PROXY": proxy.address])
        let failure = try await exchange.failure(.get, "https://192.0.2.1/")
        #expect(failure.kind == .proxy)
        #expect(proxy.requests.isEmpty)
    }
}
