import Glibc

/// Debian's `docker-registry`, running on a free port of this machine with an empty storage of its own.
package final class RegistryServer: Sendable {
    /// Who may do what.
    package enum Access: Sendable {
        case anybody

        /// `RegistryServer.user` alone, by HTTP Basic authentication.
        case password

        /// Clients with a token of this server.
        case token(TokenServer)
    }

    /// The account of a registry that has one. The password has what credentials must cope with.
    package static let user = "me"
    package static let password = "open sesame: ü"

    /// A request from the registry's access log.
    package struct LoggedRequest: Equatable, Sendable {
        package var method: String
        package var target: String
        package var status: Int

        package init(_ method: String, _ target: String, _ status: Int) {
            self.method = method
            self.target = target
            self.status = status
        }
    }

    package let port: Int
    private let place: TemporaryDirectory
    private let process: ServerProcess

    /// Starts it and waits until it listens.
    ///
    /// - Parameter certificate: PEM files of the server's certificate and key; `nil` is plain HTTP.
    /// - Parameter clientAuthority: A PEM file; only clients with a certificate signed by it are served.
    package init(
        _ access: Access = .anybody,
        certificate: (certificate: String, key: String)? = nil,
        clientAuthority: String? = nil
    ) throws {
        place = try TemporaryDirectory()
        var http = ["  addr: 127.0.0.1:0", "  secret: test"]
        if let certificate {
            http += ["  tls:", "    certificate: \(certificate.certificate)", "    key: \(certificate.key)"]
            if let clientAuthority { http += ["    clientcas:", "      - \(clientAuthority)"] }
        }
        var lines = ["version: 0.1", "log:", "  level: info", "  accesslog:", "    disabled: false"]
        lines += [
            "storage:", "  filesystem:", "    rootdirectory: \(place("storage"))", "  delete:", "    enabled: true",
        ]
        lines += ["http:"] + http
        switch access {
        case .anybody: break
        case .password:
            // Made by crypt(3) from `password`: the registry knows bcrypt alone.
            let hash = "$2b$05$abcdefghijklmnopqrstuuoD8OJ3q1InAye0IY1bKhL.8.gO5MMaO"
            try place.file("htpasswd", "\(Self.user):\(hash)\n")
            lines += ["auth:", "  htpasswd:", "    realm: test", "    path: \(place("htpasswd"))"]
        case .token(let server):
            lines += ["auth:", "  token:", "    realm: \(server.realm)", "    service: \(TokenServer.service)"]
            lines += ["    issuer: \(TokenServer.issuer)", "    rootcertbundle: \(server.certificate)"]
        }
        let config = try place.file("config.yml", lines.joined(separator: "\n") + "\n")
        process = try ServerProcess("docker-registry", ["serve", config])
        port = try process.number(in: #/listening on 127\.0\.0\.1:(\d+)/#)
    }

    deinit { stop() }

    /// The host and port that references begin with.
    package var address: String { "127.0.0.1:\(port)" }

    /// The requests so far, in the order in which they ended.
    package var requests: [LoggedRequest] {
        get throws {
            // The registry writes its log after the last byte of the answer.
            usleep(100_000)
            return try process.output.matches(of: #/"([A-Z]+) (\S+) HTTP/1\.1" (\d+) /#).map { match in
                LoggedRequest(String(match.1), String(match.2), Int(match.3) ?? 0)
            }
        }
    }

    /// What it has printed, for the message of a failing test.
    package var log: String { get throws { try process.errors } }

    /// The stored blob's path, whether or not there is one. `digest` is `sha256:…`.
    package func blobPath(_ digest: String) -> String {
        let hex = digest.drop { $0 != ":" }.dropFirst()
        return place("storage/docker/registry/v2/blobs/sha256/\(hex.prefix(2))/\(hex)/data")
    }

    package func stop() { process.stop() }
}
