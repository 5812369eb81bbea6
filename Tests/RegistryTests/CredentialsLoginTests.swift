import ByteIO
import Diagnostics
import OCI
import TestSupport
import Testing

@testable import Registry

@Suite("Login and logout")
struct CredentialsLoginTests {
    private func text(_ path: String) throws -> String { String(decoding: try readFile(path), as: UTF8.self) }

    @Test("the first login makes the file, which only its owner can read, and is found again")
    func first() async throws {
        let home = try TemporaryDirectory()
        let store = CredentialStore(environment: ["HOME": home.path])
        let place = try await store.login(registry: "ghcr.io", username: "me", password: "a:b")
        #expect(place == "~/.docker/config.json")
        let path = home(".docker/config.json")
        #expect(try FileStatus(at: FilePath(path)).permissions == 0o600)
        #expect(try FileStatus(at: FilePath(home(".docker"))).permissions == 0o700)
        let found = try await store.credential(for: RepositoryName(registry: "ghcr.io", path: "x"))
        #expect(found?.credential == .basic(username: "me", password: "a:b"))
        #expect(try names(in: home(".docker")) == ["config.json"])
    }

    @Test("all that was in the file stays, in its order")
    func others() async throws {
        let home = try TemporaryDirectory()
        let path = try home.file(
            ".docker/config.json",
            #"{"z":1.50,"auths":{"quay.io":{"auth":"eA=="},"https://ghcr.io":{"auth":"b2xk"}},"a":{"b":null,"a":[]}}"#
        )
        let store = CredentialStore(environment: ["HOME": home.path])
        _ = try await store.login(registry: "ghcr.io", username: "me", password: "secret")
        let expected = """
            {
              "z": 1.50,
              "auths": {
                "quay.io": {
                  "auth": "eA=="
                },
                "ghcr.io": {
                  "auth": "bWU6c2VjcmV0"
                }
              },
              "a": {
                "b": null,
                "a": []
              }
            }

            """
        #expect(try text(path) == expected)
        #expect(try FileStatus(at: FilePath(path)).permissions == 0o600)
        #expect(try await store.logout(registry: "ghcr.io") == "~/.docker/config.json")
        #expect(try await store.credential(for: RepositoryName(registry: "ghcr.io", path: "x")) == nil)
        let error = await #expect(throws: Diagnostic.self) { try await store.logout(registry: "ghcr.io") }
        #expect(error?.code == .credentialsAbsent)
        #expect(error?.code.category == .notFound)
    }

    @Test(
        "the file is the one that variables name",
        arguments: [
            (["DOCKER_CONFIG": "d/e"], "d/e/config.json"),
            (["REGISTRY_AUTH_FILE": "f/auth.json"], "f/auth.json"),
            (["REGISTRY_AUTH_FILE": "auth.json", "DOCKER_CONFIG": "d"], "auth.json"),
        ]
    )
    func place(variables: [String: String], file: String) async throws {
        let home = try TemporaryDirectory()
        let store = CredentialStore(environment: variables.mapValues { home($0) }.merging(["HOME": home.path]) { $1 })
        #expect(try await store.login(registry: "docker.io", username: "me", password: "secret") == "~/\(file)")
        #expect(try text(home(file)).contains("https://index.docker.io/v1/"))
        #expect(!exists(home(".docker")))
    }

    @Test("a symlink stays one")
    func symlink() async throws {
        let home = try TemporaryDirectory()
        try home.file("real/config.json", "{}")
        try Command.shell("mkdir .docker && ln -s ../real/config.json .docker/config.json", directory: home.path)
            .output()
        let store = CredentialStore(environment: ["HOME": home.path])
        _ = try await store.login(registry: "ghcr.io", username: "me", password: "secret")
        #expect(try FileStatus(at: FilePath(home(".docker/config.json"))).kind == .symlink)
        #expect(try text(home("real/config.json")).contains("bWU6c2VjcmV0"))
    }

    @Test("where the file names a helper, the secret goes there and not into the file")
    func helper() async throws {
        let home = try TemporaryDirectory()
        let script = """
            #!/bin/sh
            case $1 in
            store) cat > "$HOME/kept" ;;
            get) if [ -e "$HOME/kept" ]; then echo '{"Username":"me","Secret":"secret"}'
                 else echo credentials not found in native keychain; exit 1; fi ;;
            erase) rm "$HOME/kept" ;;
            esac
            """
        try home.file("bin/docker-credential-test", script, mode: 0o755)
        let path = try home.file(".docker/config.json", #"{"credsStore":"test","auths":{"ghcr.io":{"auth":"b2xk"}}}"#)
        let store = CredentialStore(environment: ["HOME": home.path, "PATH": "\(home("bin")):/usr/bin:/bin"])
        let shown = "docker-credential-test (from ~/.docker/config.json)"
        #expect(try await store.login(registry: "ghcr.io", username: "me", password: "se\"cret") == shown)
        let kept = #"{"ServerURL":"ghcr.io","Username":"me","Secret":"se\"cret"}"# + "\n"
        #expect(try text(home("kept")) == kept)
        let file = try JSON(parsing: readFile(path), named: path)
        #expect(file == ["credsStore": "test", "auths": ["ghcr.io": [:]]])
        #expect(try await store.logout(registry: "ghcr.io") == shown)
        #expect(!exists(home("kept")))
        #expect(try JSON(parsing: readFile(path), named: path) == ["credsStore": "test", "auths": [:]])
        let error = await #expect(throws: Diagnostic.self) { try await store.logout(registry: "ghcr.io") }
        #expect(error?.code == .credentialsAbsent)
    }

    @Test(
        "what could not be sent is not kept",
        arguments: [("", "p"), ("me", ""), ("a:b", "p"), ("me", "p\n"), ("m\u{0}e", "p")]
    )
    func unusable(username: String, password: String) async throws {
        let home = try TemporaryDirectory()
        let store = CredentialStore(environment: ["HOME": home.path])
        let error = await #expect(throws: Diagnostic.self) {
            try await store.login(registry: "ghcr.io", username: username, password: password)
        }
        #expect(error?.code == .credentialsUnusable)
        #expect(!exists(home(".docker")))
    }

    @Test("a logout without a login makes no file")
    func absent() async throws {
        let home = try TemporaryDirectory()
        let store = CredentialStore(environment: ["HOME": home.path])
        let error = await #expect(throws: Diagnostic.self) { try await store.logout(registry: "ghcr.io") }
        #expect(error?.code == .credentialsAbsent)
        #expect(try names(in: home.path) == [])
    }

    @Test("without a variable that says where, there is no place to store a login")
    func nowhere() async throws {
        let error = await #expect(throws: Diagnostic.self) {
            try await CredentialStore(environment: [:]).login(registry: "ghcr.io", username: "me", password: "p")
        }
        #expect(error?.code == .credentialsNoPlace)
    }

    @Test("a credential that is not stored yet answers for every registry")
    func only() async throws {
        let found = FoundCredential(.basic(username: "me", password: "p"), from: "the command line")
        let store = CredentialStore(only: found)
        #expect(try await store.credential(for: RepositoryName(registry: "ghcr.io", path: "x")) == found)
    }

    @Test("a broken file is not overwritten")
    func broken() async throws {
        let home = try TemporaryDirectory()
        let path = try home.file(".docker/config.json", "{broken")
        let store = CredentialStore(environment: ["HOME": home.path])
        let error = await #expect(throws: Diagnostic.self) {
            try await store.login(registry: "ghcr.io", username: "me", password: "secret")
        }
        #expect(error?.code == .credentialsMalformed)
        #expect(try text(path) == "{broken")
    }

    @Test("no login is lost when many run at once")
    func concurrency() async throws {
        let home = try TemporaryDirectory()
        let store = CredentialStore(environment: ["HOME": home.path])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<20 {
                group.addTask {
                    _ = try await store.login(registry: "r\(number).io", username: "me", password: "secret")
                }
            }
            try await group.waitForAll()
        }
        let file = try JSON(parsing: readFile(home(".docker/config.json")), named: "file")
        #expect(file["auths"]?.objectValue?.keys.sorted() == (0..<20).map { "r\($0).io" }.sorted())
    }
}
