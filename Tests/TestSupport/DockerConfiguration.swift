/// The environment of a command that is to find these credentials, and none of the person who runs the tests.
package struct DockerConfiguration: Sendable {
    private let home: TemporaryDirectory

    /// - Parameter entries: For each host, the members of its entry in `auths`, as JSON.
    package init(_ entries: [String: String] = [:]) throws {
        home = try TemporaryDirectory()
        try home.directory("cache")
        try home.directory("docker")
        let auths = entries.sorted { $0.key < $1.key }.map { "\"\($0.key)\": {\($0.value)}" }.joined(separator: ", ")
        try write("{\"auths\": {\(auths)}}\n")
    }

    /// The account of `RegistryServer` at `host`.
    package init(accountAt host: String, password: String = RegistryServer.password) throws {
        try self.init([host: "\"auth\": \"\(base64(Array("\(RegistryServer.user):\(password)".utf8)))\""])
    }

    /// The file; skopeo reads it by `--authfile`.
    package var path: String { home("docker/config.json") }

    /// The directory that is `HOME`.
    package var homePath: String { home.path }

    /// The directory that is `XDG_CACHE_HOME`.
    package var cachePath: String { home("cache") }

    /// Replaces the file's text.
    package func write(_ text: String) throws { try home.file("docker/config.json", text, mode: 0o600) }

    /// Variables that lead to it, and that hide what else there may be.
    package var environment: [String: String?] {
        var variables: [String: String?] = [
            "HOME": home.path, "XDG_CACHE_HOME": cachePath, "DOCKER_CONFIG": home("docker"),
            "REGISTRY_AUTH_FILE": nil, "XDG_RUNTIME_DIR": nil, "XDG_CONFIG_HOME": nil, "SSL_CERT_FILE": nil,
            "SSL_CERT_DIR": nil,
        ]
        for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
            variables[name] = .some(nil)
            variables[name.uppercased()] = .some(nil)
        }
        for name in Environment.current.keys where name.hasPrefix("CORACLE_") { variables[name] = .some(nil) }
        return variables
    }
}
