import Diagnostics
import OCI
import TestSupport
import Testing

@testable import Registry

@Suite("Credentials in files")
struct CredentialsFileTests {
    /// `me:secret`.
    static let encoded = "bWU6c2VjcmV0"

    /// What is found for `name` in docker's file with this content.
    private func credential(
        _ content: String,
        for name: String = "ghcr.io/me/app"
    ) async throws -> FoundCredential? {
        let home = try TemporaryDirectory()
        try home.file(".docker/config.json", content, mode: 0o600)
        return try await CredentialStore(environment: ["HOME": home.path])
            .credential(for: try Reference(parsing: name).repositoryName)
    }

    @Test(
        "a key is found however a tool wrote it",
        arguments: [
            ("ghcr.io", "ghcr.io/me/app", true),
            ("https://ghcr.io", "ghcr.io/me/app", true),
            ("HTTPS://GHCR.IO/", "ghcr.io/me/app", true),
            ("http://ghcr.io", "ghcr.io/me/app", true),
            ("ghcr.io/v1/", "ghcr.io/me/app", true),
            ("https://ghcr.io/v2/", "ghcr.io/me/app", true),
            ("ghcr.io/me", "ghcr.io/me/app", true),
            ("ghcr.io/me/app", "ghcr.io/me/app", true),
            ("ghcr.io/m", "ghcr.io/me/app", false),
            ("ghcr.io/me/app/more", "ghcr.io/me/app", false),
            ("ghcr.io:443", "ghcr.io/me/app", false),
            ("localhost:5000", "localhost:5000/app", true),
            ("localhost", "localhost:5000/app", false),
            ("[::1]:5000", "[::1]:5000/app", true),
            ("https://index.docker.io/v1/", "ubuntu", true),
            ("https://index.docker.io/v2/", "ubuntu", true),
            ("index.docker.io", "ubuntu", true),
            ("docker.io", "ubuntu", true),
            ("registry-1.docker.io", "me/app", true),
            ("docker.io/library/ubuntu", "ubuntu", true),
            ("docker.io.evil.com", "ubuntu", false),
            ("evil.com/docker.io", "ubuntu", false),
            ("https://ghcr.io@evil.com", "ghcr.io/me/app", false),
            ("", "ghcr.io/me/app", false),
        ]
    )
    func keys(key: String, name: String, isFound: Bool) async throws {
        let found = try await credential(#"{"auths":{"\#(key)":{"auth":"\#(Self.encoded)"}}}"#, for: name)
        let expected = FoundCredential(.basic(username: "me", password: "secret"), from: "~/.docker/config.json")
        #expect(found == (isFound ? expected : nil))
    }

    @Test("the most specific entry decides, wherever it stands")
    func specific() async throws {
        let content = """
            {"auths":{"ghcr.io/me":{"username":"b","password":"x"},"ghcr.io":{"username":"a","password":"x"},
            "ghcr.io/me/app":{"username":"c","password":"x"}}}
            """
        let cases = [("ghcr.io/me/app", "c"), ("ghcr.io/me/other", "b"), ("ghcr.io/you/app", "a")]
        for (name, user) in cases {
            #expect(try await credential(content, for: name)?.credential == .basic(username: user, password: "x"))
        }
    }

    @Test(
        "an entry is read in all its forms",
        arguments: [
            (#"{"auth":"bWU6c2VjcmV0"}"#, .basic(username: "me", password: "secret")),
            // "me:a:b", "me:secret" with NUL and with a line feed, "me:~~~?" in both alphabets, with and without padding.
            (#"{"auth":"bWU6YTpi"}"#, .basic(username: "me", password: "a:b")),
            (#"{"auth":"bWU6c2VjcmV0AA=="}"#, .basic(username: "me", password: "secret")),
            (#"{"auth":"bWU6c2VjcmV0Cg=="}"#, .basic(username: "me", password: "secret")),
            (#"{"auth":"bWU6fn5+Pw=="}"#, .basic(username: "me", password: "~~~?")),
            (#"{"auth":"bWU6fn5-Pw"}"#, .basic(username: "me", password: "~~~?")),
            (#"{"username":"me","password":"se:cret"}"#, .basic(username: "me", password: "se:cret")),
            (#"{"auth":"","username":"me","password":"p"}"#, .basic(username: "me", password: "p")),
            (#"{"auth":"bWU6c2VjcmV0","identitytoken":"abc"}"#, .identityToken("abc")),
            (#"{"registrytoken":"abc","identitytoken":"x"}"#, .bearer("abc")),
            (#"{"auth":"bWU6c2VjcmV0","email":null}"#, .basic(username: "me", password: "secret")),
            ("{}", nil),
            ("null", nil),
            (#"{"auth":""}"#, nil),
            (#"{"email":"me@example.org"}"#, nil),
        ] as [(String, Credential?)]
    )
    func entries(entry: String, expected: Credential?) async throws {
        #expect(try await credential(#"{"auths":{"ghcr.io":\#(entry)}}"#)?.credential == expected)
    }

    @Test(
        "a file without a credential is anonymity",
        arguments: [
            "", " \n", "{}", #"{"auths":null}"#, #"{"auths":{}}"#, #"{"credsStore":""}"#, #"{"credHelpers":null}"#,
            #"{"HttpHeaders":{"a":"b"}}"#, #"{"auths":{"quay.io":{"auth":"!"}}}"#,
        ]
    )
    func nothing(content: String) async throws {
        #expect(try await credential(content) == nil)
    }

    @Test(
        "what cannot be read is an error that names the file and the key, and no value",
        arguments: [
            (#"{"auths":{"ghcr.io":{"auth":"hunter2"}}"#, nil),
            (#"["hunter2"]"#, nil),
            (#"{"auths":"hunter2"}"#, "auths"),
            (#"{"auths":{"ghcr.io":"hunter2"}}"#, #"auths."ghcr.io""#),
            (#"{"auths":{"ghcr.io":{"auth":["hunter2"]}}}"#, #"auths."ghcr.io".auth"#),
            (#"{"auths":{"ghcr.io":{"auth":"hunter2!"}}}"#, #"auths."ghcr.io".auth"#),
            // "hunter2", ":hunter2", "me:hunter2\r\nX: y", and what is not UTF-8.
            (#"{"auths":{"ghcr.io":{"auth":"aHVudGVyMg=="}}}"#, #"auths."ghcr.io".auth"#),
            (#"{"auths":{"ghcr.io":{"auth":"Omh1bnRlcjI="}}}"#, #"auths."ghcr.io".auth"#),
            (#"{"auths":{"ghcr.io":{"auth":"bWU6aHVudGVyMg0KWDogeQ=="}}}"#, #"auths."ghcr.io""#),
            (#"{"auths":{"ghcr.io":{"auth":"bWU6//8="}}}"#, #"auths."ghcr.io".auth"#),
            (#"{"auths":{"ghcr.io":{"username":"a:b","password":"hunter2"}}}"#, #"auths."ghcr.io""#),
            (#"{"auths":{"ghcr.io":{"username":"me"}}}"#, #"auths."ghcr.io""#),
            (#"{"auths":{"ghcr.io":{"identitytoken":"hunter2\nx"}}}"#, #"auths."ghcr.io""#),
            (#"{"auths":{"ghcr.io":{"registrytoken":"hunter2 x"}}}"#, #"auths."ghcr.io""#),
            (#"{"credsStore":1}"#, "credsStore"),
            (#"{"credHelpers":{"ghcr.io":1}}"#, #"credHelpers."ghcr.io""#),
            (#"{"credsStore":"../../hunter2"}"#, nil),
            (#"{"credsStore":"-hunter2"}"#, nil),
        ] as [(String, String?)]
    )
    func malformed(content: String, key: String?) async throws {
        let error = try #require(await #expect(throws: Diagnostic.self) { try await credential(content) })
        #expect(error.code == .credentialsMalformed)
        #expect(error.code.category == .input)
        #expect(error.summary.contains("`~/.docker/config.json`"))
        if let key { #expect(error.summary.contains("`\(key)`")) }
        #expect(!"\(error)".contains("hunter2"))
    }

    @Test(
        "a file that is not regular, or too large, is an error without an endless wait",
        arguments: ["fifo", "large", "directory"]
    )
    func unusual(kind: String) async throws {
        let home = try TemporaryDirectory()
        let script = """
            mkdir .docker && case $1 in fifo) mkfifo .docker/config.json;; directory) mkdir .docker/config.json;;
            large) truncate -s 1048577 .docker/config.json;; esac
            """
        try Command.shell(script, [kind], directory: home.path).output()
        let store = CredentialStore(environment: ["HOME": home.path])
        let error = await #expect(throws: Diagnostic.self) {
            try await store.credential(for: RepositoryName(registry: "ghcr.io", path: "me/app"))
        }
        #expect(error?.code == .credentialsMalformed)
    }

    @Test(
        "the files are those of docker and podman, the ones that variables name first",
        arguments: [
            (["HOME": "/h"], ["~/.docker/config.json", "~/.config/containers/auth.json"]),
            (["HOME": "/h/", "DOCKER_CONFIG": "/d/"], ["/d/config.json", "~/.config/containers/auth.json"]),
            (
                [
                    "HOME": "/h", "REGISTRY_AUTH_FILE": "/r.json", "XDG_RUNTIME_DIR": "/run/1",
                    "XDG_CONFIG_HOME": "/h/c",
                ],
                ["/r.json", "~/.docker/config.json", "/run/1/containers/auth.json", "~/c/containers/auth.json"]
            ),
            (["DOCKER_CONFIG": "/d", "REGISTRY_AUTH_FILE": "/r.json"], ["/r.json", "/d/config.json"]),
            (["HOME": "", "DOCKER_CONFIG": ""], []),
            (["REGISTRY_AUTH_FILE": "/d/config.json", "DOCKER_CONFIG": "/d"], ["/d/config.json"]),
        ]
    )
    func places(environment: [String: String], places: [String]) {
        #expect(CredentialStore(environment: environment).places == places)
    }

    @Test("the first file that has a credential decides; an empty entry does not")
    func order() async throws {
        let home = try TemporaryDirectory()
        let entry = { (user: String) in #"{"auths":{"ghcr.io":{"username":"\#(user)","password":"x"}}}"# }
        try home.file("first.json", #"{"auths":{"ghcr.io":{}}}"#)
        try home.file(".docker/config.json", entry("second"))
        try home.file(".config/containers/auth.json", entry("third"))
        let store = CredentialStore(environment: ["HOME": home.path, "REGISTRY_AUTH_FILE": home("first.json")])
        let found = try await store.credential(for: RepositoryName(registry: "ghcr.io", path: "me/app"))
        #expect(found == FoundCredential(.basic(username: "second", password: "x"), from: "~/.docker/config.json"))
    }

    @Test(
        "a file of secrets that others can read is worth a note",
        arguments: [
            (#"{"auths":{"ghcr.io":{"auth":"bWU6c2VjcmV0"}}}"#, 0o644, 1),
            (#"{"auths":{"ghcr.io":{"auth":"bWU6c2VjcmV0"}}}"#, 0o600, 0),
            (#"{"auths":{"ghcr.io":{}},"credsStore":"pass"}"#, 0o644, 0),
            ("broken", 0o644, 0),
        ] as [(String, UInt32, Int)]
    )
    func notes(content: String, mode: UInt32, count: Int) throws {
        let home = try TemporaryDirectory()
        try home.file(".docker/config.json", content, mode: mode)
        let notes = CredentialStore(environment: ["HOME": home.path]).notes
        #expect(notes.count == count)
        #expect(notes.allSatisfy { $0.contains("~/.docker/config.json") && $0.contains("644") })
    }

    @Test("no text form of a credential shows its secret")
    func secrecy() {
        let credentials: [Credential] = [
            .basic(username: "me", password: "hunter2"), .identityToken("hunter2"), .bearer("hunter2"),
        ]
        for credential in credentials {
            var dumped = ""
            dump(FoundCredential(credential, from: "file"), to: &dumped)
            #expect(!"\(credential) \(String(reflecting: credential)) \(dumped)".contains("hunter2"))
        }
    }
}
