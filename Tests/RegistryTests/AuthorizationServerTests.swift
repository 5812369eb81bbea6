import Diagnostics
import HTTP
import OCI
import TestSupport
import Testing

@testable import Registry

@Suite("Authorization at a real registry")
struct AuthorizationServerTests {
    /// The status of a request without an answer to a challenge, and of the next with one.
    private func statuses(at address: String, _ store: CredentialStore, rounds: Int = 1) async throws -> [Int] {
        let transport = try AsyncHTTPTransport(environment: [:], embeddedAuthorities: [])
        let result: Result<[Int], any Error>
        do {
            result = .success(try await statuses(at: address, store, transport, rounds: rounds))
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        return try result.get()
    }

    private func statuses(
        at address: String,
        _ store: CredentialStore,
        _ transport: AsyncHTTPTransport,
        rounds: Int
    ) async throws -> [Int] {
        let authorizer = Authorizer(
            transport,
            credentials: store,
            allowsPlainHTTP: { _ in false },
            retrying: Retrying(.immediate),
            userAgent: "coracle/test"
        )
        let url = try HTTPURL(parsing: "http://\(address)/v2/me/app/tags/list")
        let scope = AuthorizationScope([.push], in: RepositoryName(registry: address, path: "me/app"))
        var statuses = [Int]()
        for _ in 0..<rounds {
            var value = await authorizer.authorization(for: scope)
            for _ in 0..<2 {
                var headers = HTTPHeaders()
                headers["Authorization"] = value
                let response = try await transport.send(HTTPRequest(.get, url, headers: headers))
                _ = try await response.body.collect(limit: 1 << 20)
                statuses.append(response.status)
                guard response.status == 401 else { break }
                value = try await authorizer.answer(response.headers, from: url, for: scope, rejected: value)
            }
        }
        return statuses
    }

    private func store(_ configuration: DockerConfiguration) -> CredentialStore {
        CredentialStore(environment: configuration.environment.compactMapValues { $0 })
    }

    @Test("a registry with passwords lets us in, and from then on at once")
    func password() async throws {
        let server = try RegistryServer(.password)
        defer { server.stop() }
        let configuration = try DockerConfiguration(accountAt: server.address)
        // 404: nothing was pushed yet, but we may know that.
        #expect(try await statuses(at: server.address, store(configuration), rounds: 2) == [401, 404, 404])
        let wrong = try DockerConfiguration(accountAt: server.address, password: "wrong")
        let error = await #expect(throws: Diagnostic.self) {
            try await statuses(at: server.address, store(wrong))
        }
        #expect(error?.code == .registryUnauthorized)
        withExtendedLifetime((configuration, wrong)) {}
    }

    @Test(
        "a registry with tokens lets us in, and one token serves all requests",
        arguments: [false, true]
    )
    func token(isIdentity: Bool) async throws {
        let tokens = try TokenServer()
        let server = try RegistryServer(.token(tokens))
        defer {
            server.stop()
            tokens.stop()
        }
        let configuration =
            isIdentity
            ? try DockerConfiguration([server.address: #""identitytoken": "\#(TokenServer.identityToken)""#])
            : try DockerConfiguration(accountAt: server.address)
        #expect(try await statuses(at: server.address, store(configuration), rounds: 3) == [401, 404, 404, 404])
        #expect(tokens.requests.map(\.method) == [isIdentity ? "POST" : "GET"])
        // Everybody gets a token here, but nobody's lets them in: after one more it is over.
        let nobody = try DockerConfiguration()
        let error = await #expect(throws: Diagnostic.self) {
            try await statuses(at: server.address, store(nobody), rounds: 3)
        }
        #expect(error?.code == .registryUnauthorized)
        #expect(tokens.requests.count == 3)
        withExtendedLifetime((configuration, nobody)) {}
    }
}
