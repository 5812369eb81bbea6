import ByteIO
import Debian
import Diagnostics
import HTTP
import OCI
import Synchronization
import TestSupport
import Testing

/// A mirror on this machine, with a suite of packages that is signed by a key of its own.
final class TestMirror: Sendable {
    /// What it has, by paths; a test may change it.
    let files = Mutex<[String: [UInt8]]>([:])
    private let server: Mutex<ScriptedServer?> = Mutex(nil)

    init() throws {
        let server = try ScriptedServer { [weak self] request in
            guard let self else { return .response(503, [], "") }
            return self.files.withLock { files in
                guard let bytes = files[request.target] else { return .response(404, [], "not here") }
                return .response(200, [], bytes)
            }
        }
        self.server.withLock { $0 = server }
    }

    deinit { server.withLock { $0?.stop() } }

    var url: String { server.withLock { "http://\($0?.address ?? "")/debian" } }
    var requests: [String] { server.withLock { $0?.requests.map(\.target) ?? [] } }

    subscript(path: String) -> [UInt8]? {
        get { files.withLock { $0["/debian/\(path)"] } }
        set { files.withLock { $0["/debian/\(path)"] = newValue } }
    }

    /// A suite being put together.
    struct Suite {
        var name = "test"
        var date = "Sat, 21 Nov 2026 10:00:00 UTC"
        var validUntil: String?
        var byHash = true
        var compression = ".xz"
        /// For `amd64`.
        var packages: [MadePackage] = []
        var signers = ["alice"]
    }

    /// Adds packages, their list and the signed Release.
    func publish(_ suite: Suite, _ keys: TestKeys) throws {
        var text = ""
        for made in suite.packages {
            let bytes = try made.bytes()
            let path = "pool/main/h/\(made.name)_\(made.version)_\(made.architecture).deb"
            self[path.addingPercent] = bytes
            text += """
                Package: \(made.name)
                Version: \(made.version)
                Architecture: \(made.architecture)
                Filename: \(path)
                Size: \(bytes.count)
                SHA256: \(Digest(sha256Of: bytes).hex)
                Description: a test


                """
        }
        let command = suite.compression == ".xz" ? "xz -c" : "gzip -n"
        let list = try Command("sh", ["-c", command], input: Array(text.utf8)).run().outputBytes
        let digest = Digest(sha256Of: list).hex
        let folder = "dists/\(suite.name)/main/binary-amd64"
        self["\(folder)/Packages\(suite.compression)"] = suite.byHash ? nil : list
        self["\(folder)/by-hash/SHA256/\(digest)"] = suite.byHash ? list : nil
        var release = "Origin: Test\nSuite: \(suite.name)\nCodename: code-\(suite.name)\nDate: \(suite.date)\n"
        if let end = suite.validUntil { release += "Valid-Until: \(end)\n" }
        if suite.byHash { release += "Acquire-By-Hash: yes\n" }
        release += "Architectures: all amd64\nComponents: main\nSHA256:\n"
        release += " \(digest) \(list.count) main/binary-amd64/Packages\(suite.compression)\n"
        self["dists/\(suite.name)/InRelease"] = try keys.sign(release, as: suite.signers)
    }
}

extension String {
    /// As the client asks for it.
    var addingPercent: String {
        utf8.map { $0 == UInt8(ascii: ":") ? "%3A" : String(UnicodeScalar($0)) }.joined()
    }
}

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
