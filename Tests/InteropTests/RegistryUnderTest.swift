import TestSupport

/// A registry to push to and pull from, with what each program has to know about it.
struct RegistryUnderTest {
    enum Kind: Sendable, CaseIterable {
        case anonymous, password, tls, token
    }

    let server: RegistryServer
    let credentials: DockerConfiguration
    private let kind: Kind
    private let tokens: TokenServer?
    private let certificates: TestCertificates?

    init(_ kind: Kind) throws {
        self.kind = kind
        tokens = try kind == .token ? TokenServer() : nil
        certificates = try kind == .tls ? TestCertificates.shared() : nil
        switch kind {
        case .anonymous: server = try RegistryServer()
        case .password: server = try RegistryServer(.password)
        case .tls: server = try RegistryServer(certificate: certificates?.server())
        case .token: server = try tokens.map { try RegistryServer(.token($0)) } ?? RegistryServer()
        }
        let hasAccount = kind == .password || kind == .token
        credentials = try hasAccount ? DockerConfiguration(accountAt: server.address) : DockerConfiguration()
    }

    /// `name` in this registry.
    func callAsFunction(_ name: String) -> String { "\(server.address)/\(name)" }

    /// What it has been asked; for the message of a failing test, too.
    var requests: [RegistryServer.LoggedRequest] {
        get throws { try server.requests }
    }

    /// Runs `coracle` with what leads to this registry; returns what it prints.
    @discardableResult
    func coracle(_ arguments: [String], in place: TemporaryDirectory) throws -> String {
        let trust = certificates.map { ["--ca-cert", "\(server.address)=\($0.authority)"] } ?? []
        return try withExtendedLifetime(self) {
            try Built.coracle(
                arguments + trust,
                environment: credentials.environment,
                directory: place.path,
                timeLimit: 120
            ).output()
        }
    }

    /// Runs `skopeo copy`, to or from this registry.
    func skopeoCopy(_ source: String, _ target: String, _ options: [String] = []) throws {
        let side = source.hasPrefix("docker:") ? "--src" : "--dest"
        var arguments = ["copy", "-q"] + options
        if let certificates {
            let directory = try TemporaryDirectory()
            try directory.file("ca.crt", readFile(certificates.authority))
            try withExtendedLifetime(directory) {
                _ = try Skopeo.run(arguments + ["\(side)-cert-dir", directory.path, source, target], credentials)
            }
            return
        }
        arguments.append("\(side)-tls-verify=false")
        try Skopeo.run(arguments + [source, target], credentials)
    }
}
