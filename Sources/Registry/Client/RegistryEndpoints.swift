import Diagnostics
import HTTP
import OCI
import Synchronization

/// The addresses of registries: with TLS, unless they are on this machine or the user named them as insecure.
final class RegistryEndpoints: Sendable {
    private let transport: any HTTPTransport
    private let insecure: Set<String>
    private let userAgent: String
    private let known = Mutex<[String: HTTPURL.Scheme]>([:])

    init(_ transport: any HTTPTransport, insecure: Set<String>, userAgent: String) {
        self.transport = transport
        self.insecure = insecure
        self.userAgent = userAgent
    }

    /// The address `target` of a registry, such as `/v2/`.
    func url(_ registry: String, _ target: String) async throws(Diagnostic) -> HTTPURL {
        let host = Quirks.host(of: registry)
        let url = try HTTPURL(parsing: "https://\(host)\(target)")
        let scheme = await scheme(for: registry, at: url)
        return scheme == .https ? url : try HTTPURL(parsing: "http://\(host)\(target)")
    }

    private func scheme(for registry: String, at url: HTTPURL) async -> HTTPURL.Scheme {
        guard url.isLoopback || insecure.contains(registry) else { return .https }
        if let scheme = known.withLock({ $0[registry] }) { return scheme }
        // A server on this machine that speaks plain HTTP may never answer what begins a TLS connection.
        let order: [HTTPURL.Scheme] = url.isLoopback ? [.http, .https] : [.https, .http]
        var mayBeTLS = false
        for scheme in order {
            switch await finding(scheme, registry) {
            case .speaks:
                known.withLock { $0[registry] = scheme }
                return scheme
            case .failsTLS: mayBeTLS = true
            case .silent: break
            }
        }
        // The next request reports why TLS does not work.
        return mayBeTLS ? .https : order[0]
    }

    private enum Finding { case speaks, failsTLS, silent }

    /// Whether the registry answers there at all. A server of plain HTTP answers the beginning of a TLS connection with
    /// something that is not TLS.
    private func finding(_ scheme: HTTPURL.Scheme, _ registry: String) async -> Finding {
        guard let url = try? HTTPURL(parsing: "\(scheme.rawValue)://\(registry)/v2/") else { return .silent }
        let headers: HTTPHeaders = ["Accept-Encoding": "identity", "User-Agent": userAgent]
        do throws(HTTPFailure) {
            let answer = try await transport.send(HTTPRequest(.get, url, headers: headers))
            _ = try await answer.body.collect(limit: RegistryProblem.limit)
            return Quirks.expectsTLS(answer) ? .silent : .speaks
        } catch {
            return error.kind == .tls ? .failsTLS : .silent
        }
    }
}
