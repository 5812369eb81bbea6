import Diagnostics
import HTTP
import OCI
import Testing

@testable import Registry

@Suite("Challenges")
struct AuthorizationChallengeTests {
    @Test(
        "the challenges of a field are separated",
        arguments: [
            (
                [#"Bearer realm="https://a.io/t",service="s",scope="repository:me/app:pull,push""#],
                [
                    Challenge(
                        "bearer",
                        ["realm": "https://a.io/t", "service": "s", "scope": "repository:me/app:pull,push"]
                    )
                ]
            ),
            ([#"Basic realm="x""#], [Challenge("basic", ["realm": "x"])]),
            (["Basic"], [Challenge("basic")]),
            (
                [#"Basic realm="x", Bearer realm="y", service="z""#],
                [Challenge("basic", ["realm": "x"]), Challenge("bearer", ["realm": "y", "service": "z"])]
            ),
            (
                [#"Basic realm="x""#, #"BEARER Realm="y""#],
                [Challenge("basic", ["realm": "x"]), Challenge("bearer", ["realm": "y"])]
            ),
            (
                ["Negotiate, NTLM, Basic realm=x"],
                [
                    Challenge("negotiate"), Challenge("ntlm"), Challenge("basic", ["realm": "x"]),
                ]
            ),
            (["Negotiate YWJj/+ZGVm==, Basic realm=x"], [Challenge("negotiate"), Challenge("basic", ["realm": "x"])]),
            ([#"Bearer  realm = "a" ,  service\#t=b"#], [Challenge("bearer", ["realm": "a", "service": "b"])]),
            ([#"Bearer realm="a\"b\\c, Basic realm=d""#], [Challenge("bearer", ["realm": #"a"b\c, Basic realm=d"#])]),
            ([#"Bearer realm="a",realm="b""#], [Challenge("bearer", ["realm": "a"])]),
            ([#",, Bearer realm="a",,"#], [Challenge("bearer", ["realm": "a"])]),
            ([#"Bearer realm="open"#], [Challenge("bearer", ["realm": "open"])]),
            ([#"Bearer realm="a\"#], [Challenge("bearer", ["realm": "a\\"])]),
            ([#"Bearer realm="""#], [Challenge("bearer", ["realm": ""])]),
            // By the grammar that is a token, as `Negotiate` has one.
            (["Bearer realm="], [Challenge("bearer")]),
            (
                ["Bearer realm=https://a.io/t,service=b"],
                [
                    Challenge("bearer", ["realm": "https://a.io/t", "service": "b"])
                ]
            ),
            (["=\"x\" ; é \"\" Basic"], [Challenge("basic")]),
            ([""], []),
            ([], []),
        ] as [([String], [Challenge])]
    )
    func parsing(fields: [String], expected: [Challenge]) {
        #expect(Challenge.parse(fields) == expected)
    }

    @Test("whatever a field is made of, parsing it ends")
    func junk() {
        let pieces = ["Bearer", " ", "=", "\"", "\\", ",", "a", "realm", "\u{0}", "é", "\t", "=="]
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            let field = (0..<20).compactMap { _ in pieces.randomElement(using: &generator) }.joined()
            #expect(Challenge.parse([field]).count <= 32, "\(field)")
        }
        #expect(Challenge.parse([String(repeating: "a,", count: 50_000)]).count == 32)
    }

    @Test(
        "a realm is trusted with a credential, or refused",
        arguments: [
            // An address, the registry's, and whether it is trusted.
            ("https://auth.docker.io/token", "https://registry-1.docker.io/v2/", true),
            ("https://ghcr.io/token", "https://ghcr.io/v2/", true),
            ("https://ghcr.io:8443/token", "https://ghcr.io/v2/", true),
            ("http://ghcr.io/token", "https://ghcr.io/v2/", false),
            ("http://auth.docker.io/token", "https://registry-1.docker.io/v2/", false),
            ("file:///etc/passwd", "https://ghcr.io/v2/", false),
            ("ftp://ghcr.io/", "https://ghcr.io/v2/", false),
            ("/token", "https://ghcr.io/v2/", false),
            ("https://user:pass@ghcr.io/token", "https://ghcr.io/v2/", false),
            ("https://ghcr.io\\@evil.io/token", "https://ghcr.io/v2/", false),
            ("https://169.254.169.254/latest/meta-data", "https://ghcr.io/v2/", false),
            ("http://169.254.169.254/latest/meta-data", "https://ghcr.io/v2/", false),
            ("https://127.0.0.1/token", "https://ghcr.io/v2/", false),
            ("https://localhost/token", "https://ghcr.io/v2/", false),
            ("https://a.localhost/token", "https://ghcr.io/v2/", false),
            ("https://10.0.0.1/token", "https://ghcr.io/v2/", false),
            ("https://192.168.1.1/token", "https://ghcr.io/v2/", false),
            ("https://0.0.0.0/token", "https://ghcr.io/v2/", false),
            ("https://[::]/token", "https://ghcr.io/v2/", false),
            ("https://[::1]/token", "https://ghcr.io/v2/", false),
            ("https://[::ffff:10.0.0.1]/token", "https://ghcr.io/v2/", false),
            ("https://[fe80::1]/token", "https://ghcr.io/v2/", false),
            ("https://2130706433/token", "https://ghcr.io/v2/", false),
            ("https://0x7f.1/token", "https://ghcr.io/v2/", false),
            ("https://8.8.8.8/token", "https://ghcr.io/v2/", true),
            ("https://127.0.0.1.evil.com/token", "https://ghcr.io/v2/", true),
            ("http://127.0.0.1.evil.com/token", "http://127.0.0.1:5000/v2/", false),
            ("http://127.0.0.1:5001/token", "http://127.0.0.1:5000/v2/", true),
            ("http://localhost:5001/token", "http://127.0.0.1:5000/v2/", true),
            ("http://127.0.0.1:5001/token", "https://127.0.0.1:5000/v2/", false),
            ("https://127.0.0.1:5001/token", "https://localhost:5000/v2/", true),
            ("http://10.0.0.1/token", "http://127.0.0.1:5000/v2/", false),
            ("https://10.0.0.1/token", "https://127.0.0.1:5000/v2/", false),
            ("https://10.0.0.1/token", "https://10.0.0.1:5000/v2/", true),
            ("https://10.0.0.2/token", "https://10.0.0.1:5000/v2/", false),
            ("http://10.0.0.1:5000/token", "http://10.0.0.1:5000/v2/", true),
            ("http://plain.io/token", "https://ghcr.io/v2/", true),
            ("http://plain.io:81/token", "https://ghcr.io/v2/", false),
            ("http://port.io:81/token", "https://ghcr.io/v2/", true),
            ("http://port.io/token", "https://ghcr.io/v2/", false),
        ]
    )
    func realms(realm: String, registry: String, isTrusted: Bool) throws {
        let challenge = Challenge("bearer", ["realm": realm])
        let registry = try HTTPURL(parsing: registry)
        let named: Set<String> = ["plain.io", "port.io:81"]
        if isTrusted {
            let found = try TokenRealm(challenge, of: registry, allowsPlainHTTP: named.contains)
            #expect(try found?.url == HTTPURL(parsing: realm))
        } else {
            let error = #expect(throws: Diagnostic.self) {
                try TokenRealm(challenge, of: registry, allowsPlainHTTP: named.contains)
            }
            #expect(error?.code == .registryRealmRefused)
            #expect(error?.code.category == .verification)
            #expect(!"\(String(describing: error))".contains("pass"))
        }
    }

    @Test(
        "scopes are merged, pushing first",
        arguments: [
            ([.pull], [], "", ["repository:me/app:pull"]),
            ([.push], [], "", ["repository:me/app:pull,push"]),
            ([.pull, .push], ["a/b"], "", ["repository:me/app:pull,push", "repository:a/b:pull"]),
            ([.pull], [], "repository:me/app:pull", ["repository:me/app:pull"]),
            (
                [.pull], ["a/b"], "repository:c/d:push,pull",
                [
                    "repository:c/d:pull,push", "repository:me/app:pull", "repository:a/b:pull",
                ]
            ),
            ([.pull], [], "repository:me/app:delete *", ["repository:me/app:delete,pull"]),
            ([.pull], [], "registry:catalog:* :x y: \u{1}:a", ["repository:me/app:pull", "registry:catalog:*"]),
        ] as [(Set<RegistryClient.Action>, [String], String, [String])]
    )
    func scopes(actions: Set<RegistryClient.Action>, sources: [String], challenge: String, expected: [String]) {
        let repository = RepositoryName(registry: "ghcr.io", path: "me/app")
        let others = sources.map { RepositoryName(registry: "ghcr.io", path: $0) }
        var scope = TokenScope(AuthorizationScope(actions, in: repository, sources: others))
        scope.insert(challenge: challenge)
        #expect(scope.texts == expected)
    }

    @Test(
        "a token's life is a minute at least, and a day at most",
        arguments: [
            (#"{"token":"t"}"#, 60), (#"{"token":"t","expires_in":0}"#, 60), (#"{"token":"t","expires_in":-1}"#, 60),
            (#"{"token":"t","expires_in":"600"}"#, 600), (#"{"token":"t","expires_in":300}"#, 300),
            (#"{"token":"t","expires_in":9223372036854775807}"#, 86_400),
            (#"{"token":"t","expires_in":1e400}"#, 60), (#"{"access_token":"t","expires_in":null}"#, 60),
            (#"{"token":"","access_token":"t"}"#, 60), (#"{"token":"t","access_token":"u"}"#, 60),
        ]
    )
    func lifetimes(body: String, seconds: Int) throws {
        let token = try Token(parsing: Array(body.utf8), from: "a.io")
        #expect(token.value == "t")
        #expect(token.lifetime == .seconds(seconds))
    }

    @Test(
        "a malformed token is an error, which does not repeat it",
        arguments: [
            ("", "empty"), (" <!DOCTYPE html><p>hunter2", "web page"), ("hunter2", "not a JSON object"),
            (#"["hunter2"]"#, "not a JSON object"), ("{}", "no token"), (#"{"token":1}"#, "no token"),
            (#"{"token":"hunter2\r\nX: y"}"#, "character"), (#"{"token":"hunter2 "}"#, "character"),
            (#"{"token":"hunter2é"}"#, "character"),
        ]
    )
    func malformed(body: String, reason: String) {
        let error = #expect(throws: Diagnostic.self) { try Token(parsing: Array(body.utf8), from: "a.io") }
        #expect(error?.code == .registryTokenMalformed)
        #expect(error?.reason?.contains(reason) == true)
        #expect(!"\(String(describing: error))".contains("hunter2"))
    }
}
