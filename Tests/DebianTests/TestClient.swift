import ByteIO
import Debian
import Diagnostics
import HTTP
import OCI
import TestSupport
import Testing

/// What a test asks mirrors with.
struct TestClient {
    static let now = Timestamp(secondsSince1970: 1_795_262_400)

    let keys: TestKeys
    let client: MirrorClient
    private let transport: AsyncHTTPTransport

    init(_ keys: TestKeys) throws {
        self.keys = keys
        transport = try AsyncHTTPTransport(environment: [:], embeddedAuthorities: [])
        client = MirrorClient(transport)
    }

    func release(
        _ suite: String,
        from mirrors: [String],
        keyring: [String] = ["alice"],
        at now: Timestamp = now
    ) async throws -> Result<SignedRelease, Diagnostic> {
        let gpgv = try Gpgv(keyrings: [FilePath(keys.keyring(keyring))], environment: Environment.current)
        do throws(Diagnostic) {
            return .success(
                try await SignedRelease(fetching: suite, from: mirrors, client, verifiedBy: gpgv, at: now)
            )
        } catch {
            return .failure(error)
        }
    }

    func packages(_ release: SignedRelease) async -> Result<PackagesFile, Diagnostic> {
        do throws(Diagnostic) {
            return .success(try await release.packages(of: "main", for: "amd64", client))
        } catch {
            return .failure(error)
        }
    }
}
