import Diagnostics
import Glibc
import OCI
import TestSupport
import Testing

@testable import Registry

@Suite("Credential helpers")
struct CredentialsHelperTests {
    /// A home whose docker file names the helper `test`, which is this shell script.
    private struct Home {
        let directory: TemporaryDirectory
        let store: CredentialStore

        init(_ script: String?, config: String = #"{"credsStore":"test"}"#, timeLimit: Duration = .seconds(30)) throws {
            directory = try TemporaryDirectory()
            if let script {
                try directory.file("bin/docker-credential-test", "#!/bin/sh\n\(script)\n", mode: 0o755)
            }
            try directory.directory("bin")
            try directory.file(".docker/config.json", config, mode: 0o600)
            store = CredentialStore(
                environment: [
                    "HOME": directory.path, "PATH": "\(directory("bin")):/usr/bin:/bin", "DIRECTORY": directory.path,
                ],
                helperTimeLimit: timeLimit
            )
        }

        func credential(_ name: String = "ghcr.io/me/app") async throws -> FoundCredential? {
            try await store.credential(for: try Reference(parsing: name).repositoryName)
        }
    }

    private static let answer = #"echo '{"ServerURL":"x","Username":"me","Secret":"hunter2"}'"#

    @Test("a helper is asked for the host, with its variables, and with nothing open but its streams")
    func success() async throws {
        let home = try Home(
            """
            cat > "$DIRECTORY/input"; printf '%s ' "$@" > "$DIRECTORY/arguments"; ls /proc/self/fd > "$DIRECTORY/open"
            \(Self.answer)
            """
        )
        let found = try await home.credential()
        #expect(
            found
                == FoundCredential(
                    .basic(username: "me", password: "hunter2"),
                    from: "docker-credential-test (from ~/.docker/config.json)"
                )
        )
        #expect(try readFile(home.directory("input")) == Array("ghcr.io\n".utf8))
        #expect(try readFile(home.directory("arguments")) == Array("get ".utf8))
        // 3 is the directory that `ls` reads.
        #expect(try String(decoding: readFile(home.directory("open")), as: UTF8.self) == "0\n1\n2\n3\n")
    }

    @Test("Docker Hub is asked for by the name that docker keeps it under")
    func hub() async throws {
        let home = try Home("cat > \"$DIRECTORY/input\"; \(Self.answer)")
        _ = try await home.credential("ubuntu")
        #expect(try readFile(home.directory("input")) == Array("https://index.docker.io/v1/\n".utf8))
    }

    @Test(
        "what a helper answers is understood",
        arguments: [
            (#"echo '{"Username":"<token>","Secret":"abc"}'"#, .identityToken("abc")),
            (#"echo '{"Username":"","Secret":""}'"#, nil),
            ("echo credentials not found in native keychain; exit 1", nil),
            ("echo 'Error: Credentials not found'; exit 2", nil),
            // A helper need not read the question, and a process that it leaves behind does not make callers wait.
            ("exec <&-; \(answer)", .basic(username: "me", password: "hunter2")),
            ("sleep 60 & \(answer)", .basic(username: "me", password: "hunter2")),
            ("echo warning >&2; \(answer)", .basic(username: "me", password: "hunter2")),
        ] as [(String, Credential?)]
    )
    func answers(script: String, expected: Credential?) async throws {
        #expect(try await Home(script).credential()?.credential == expected)
    }

    @Test(
        "a helper that fails is an error that names it, and not what it said",
        arguments: [
            ("echo hunter2; exit 1", "status 1"),
            ("echo hunter2 >&2; exit 3", "status 3"),
            ("kill -9 $$", "signal 9"),
            ("true", "empty"),
            ("echo hunter2", "not a JSON object"),
            ("echo '[\"hunter2\"]'", "not a JSON object"),
            (#"echo '{"Username":"hunter2"}'"#, "no `Username` and `Secret`"),
            (#"echo '{"Username":"me","Secret":""}'"#, "only a user name or only a"),
            (#"printf '%s' '{"Username":"me","Secret":"hunter2\r\nX: y"}'"#, "control character"),
            ("head -c 1048576 /dev/zero; echo hunter2", "65536 bytes"),
            ("exec /nowhere/hunter2", "status 127"),
        ]
    )
    func failures(script: String, reason: String) async throws {
        let home = try Home(script)
        let error = try #require(await #expect(throws: Diagnostic.self) { try await home.credential() })
        #expect(error.code == .credentialsHelperFailed)
        #expect(error.code.category == .authentication)
        #expect(error.summary.contains("`docker-credential-test`"))
        #expect(error.reason?.contains("~/.docker/config.json") == true)
        #expect(error.reason?.contains(reason) == true, "\(error)")
        #expect(!"\(error)".contains("hunter2"))
    }

    @Test(
        "a helper that hangs is killed, with what it started",
        arguments: ["sleep 600", "sleep 600; true", "exec >&-; sleep 600"]
    )
    func hang(script: String) async throws {
        let home = try Home("echo $$ > \"$DIRECTORY/process\"; \(script)", timeLimit: .milliseconds(600))
        let error = await #expect(throws: Diagnostic.self) { try await home.credential() }
        #expect(error?.reason?.contains("did not end") == true)
        let text = try String(decoding: readFile(home.directory("process")), as: UTF8.self)
        let group = try #require(Int32(text.dropLast()))
        // No process of the group is left, were it a zombie: what `sh` started needs its new parent to be reaped.
        for _ in 0..<200 where kill(-group, 0) == 0 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(kill(group, 0) == -1)
    }

    @Test("a helper that is not installed is an error, for it could have had a credential")
    func missing() async throws {
        let home = try Home(nil)
        let error = await #expect(throws: Diagnostic.self) { try await home.credential() }
        #expect(error?.code == .credentialsHelperFailed)
        #expect(error?.summary.contains("not installed") == true)
    }

    @Test("`credHelpers` comes before `credsStore`, and `auths` after both")
    func precedence() async throws {
        let config = """
            {"auths":{"ghcr.io":{"auth":"bWU6c2VjcmV0"},"quay.io":{"auth":"eW91OnNlY3JldA=="}},
            "credHelpers":{"ghcr.io":"test"},"credsStore":"other"}
            """
        let home = try Home(Self.answer, config: config)
        let other = "#!/bin/sh\necho credentials not found in native keychain\nexit 1\n"
        try home.directory.file("bin/docker-credential-other", other, mode: 0o755)
        #expect(try await home.credential()?.credential == .basic(username: "me", password: "hunter2"))
        #expect(
            try await home.credential("quay.io/a/b")
                == FoundCredential(.basic(username: "you", password: "secret"), from: "~/.docker/config.json")
        )
        #expect(try await home.credential("gcr.io/a/b") == nil)
    }

    @Test("many helpers at once do not wait for each other's pipes")
    func concurrency() async throws {
        let home = try Home("read host; sleep 0.2; cat; \(Self.answer)")
        let answers = try await withThrowingTaskGroup(of: Credential?.self) { group in
            for _ in 0..<16 { group.addTask { try await home.credential()?.credential } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: .basic(username: "me", password: "hunter2"), count: 16))
    }
}
