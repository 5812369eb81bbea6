import Diagnostics
import Findings
import Gate
import Hygiene
import Layers
import TestSupport
import Testing

@Suite("Secrets") struct SecretCheckTests {
    private static let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nabc\n"
    private static let key = "-----BEGIN PRIVATE KEY-----\n\(body)-----END PRIVATE KEY-----\n"
    private static let certificate = "-----BEGIN CERTIFICATE-----\n\(body)-----END CERTIFICATE-----\n"
    private static let kubeconfig =
        "apiVersion: v1\nkind: Config\nclusters:\n- name: a\nusers:\n- name: b\n  user:\n    token: c\n"

    private static func findings(_ files: [MemoryRoot.File]) throws -> [String] {
        try SecretCheck(MemoryRoot(files)).findings().map { "\($0.rule.code) \($0.path?.description ?? "")" }
    }

    @Test(
        "are refused by name and content",
        arguments: [
            ("/app/.env", "DB_PASSWORD=hunter2\n", "secret.dotenv"),
            ("/app/.env.production", "export A=b", "secret.dotenv"),
            ("/app/tls/server.pem", key, "secret.private-key"),
            ("/app/tls/server.crt", certificate + key, "secret.private-key"),
            ("/app/tls/server.key", key.replacing("PRIVATE", with: "RSA PRIVATE"), "secret.private-key"),
            (
                "/app/tls/locked.key",
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nabc=\n-----END RSA PRIVATE KEY-----\n",
                "secret.private-key"
            ),
            (
                "/app/settings.json", "{\"key\": \"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQ\\n\"}",
                "secret.private-key"
            ),
            ("/app/key.ppk", "PuTTY-User-Key-File-3: ssh-ed25519\n", "secret.private-key"),
            ("/app/store.p12", "0", "secret.private-key"),
            ("/app/.ssh/id_ed25519", "x", "secret.private-key"),
            ("/app/id_rsa", "x", "secret.private-key"),
            ("/etc/ssh/ssh_host_rsa_key", "x", "secret.private-key"),
            ("/home/app/.kube/config", "x", "secret.kubeconfig"),
            ("/app/deploy/cluster.yaml", kubeconfig, "secret.kubeconfig"),
            ("/app/kubeconfig", kubeconfig, "secret.kubeconfig"),
            ("/home/app/.aws/credentials", "[default]\n", "secret.cloud-credentials"),
            ("/app/sa.json", "{\"type\": \"service_account\", \"private_key\": \"x\"}", "secret.cloud-credentials"),
            (
                "/home/app/.docker/config.json", "{\"auths\": {\"r.io\": {\"auth\": \"bWU6cHc=\"}}}",
                "secret.credentials"
            ),
            ("/app/.npmrc", "//registry.example/:_authToken=npm_abc", "secret.credentials"),
            ("/app/.yarnrc.yml", "npmAuthToken: \"abc=\"\n", "secret.credentials"),
            ("/home/app/.netrc", "machine a login b password c", "secret.credentials"),
            ("/home/app/.pypirc", "[pypi]\nusername = a\npassword = b\n", "secret.credentials"),
            ("/home/app/.git-credentials", "https://a:b@c", "secret.credentials"),
            ("/app/terraform.tfstate", "{}", "secret.credentials"),
        ]
    )
    func refused(path: String, content: String, code: String) throws {
        #expect(try Self.findings([file(path, content)]) == ["\(code) \(path)"])
    }

    @Test(
        "are not seen where there are none",
        arguments: [
            ("/app/.env.example", "DB_PASSWORD=hunter2\n"), ("/app/.env", "# nothing yet\n"), ("/app/.env", "A=\n"),
            ("/app/tls/ca.pem", certificate), ("/app/id_rsa.pub", "ssh-rsa AAAA"),
            ("/app/key.pem", "-----BEGIN PUBLIC KEY-----\n\(body)"),
            ("/app/key.pem", "-----BEGIN PRIVATE KEY-----\nREPLACE ME\n"),
            ("/app/pem.go", "const a = `\(key)`"), ("/app/README.md", key),
            ("/app/.npmrc", "//registry.example/:_authToken=${NPM_TOKEN}\nengine-strict=true\n"),
            ("/app/.npmrc", "# _authToken=x\n"), ("/app/.netrc", "machine a login b\n"),
            ("/app/.docker/config.json", "{\"auths\": {\"r.io\": {}}, \"credsStore\": \"x\"}"),
            ("/app/deployment.yaml", "apiVersion: apps/v1\nkind: Deployment\n"),
            ("/app/config.json", "{\"type\": \"service\"}"), ("/app/trust.jks", "\u{1}"), ("/app/id_rsa", ""),
        ]
    )
    func fine(path: String, content: String) throws {
        #expect(try Self.findings([file(path, content)]) == [])
    }

    @Test("in folders of dependencies are reported together, as a warning")
    func dependencies() throws {
        let findings = try SecretCheck(
            MemoryRoot([
                file("/app/node_modules/tls/test/fixtures/key.pem", Self.key),
                file("/app/node_modules/a/.env", "A=b"),
                file("/app/node_modules/a/config.yaml", Self.kubeconfig),
                file("/app/lib/site-packages/x/server.key", Self.key),
            ])
        ).findings()
        #expect(findings.map(\.rule.code) == ["secret.in-dependency"])
        #expect(findings.first?.rule.severity == .warning)
        #expect(findings.first?.summary == "3 files look like a secret, in folders of dependencies")
    }

    @Test("the files of a base are not checked")
    func base() throws {
        #expect(try Self.findings([file("/etc/ssl/private/a.key", Self.key, origin: .base)]) == [])
    }

    @Test("go into no message")
    func silent() throws {
        let secret = "hunter2hunter2hunter2hunter2"
        let findings = try SecretCheck(
            MemoryRoot([
                file("/app/.env", "PASSWORD=\(secret)\n"), file("/app/.pypirc", "password=\(secret)\n"),
                file("/app/a.key", "-----BEGIN PRIVATE KEY-----\n\(secret)\n"),
            ])
        ).findings()
        #expect(findings.count == 3)
        #expect(findings.allSatisfy { !"\($0)".contains("hunter2") })
    }

    @Test("of one kind are listed up to ten times")
    func many() throws {
        let files = (10..<35).map { file("/app/\($0).key", Self.key) }
        let findings = try SecretCheck(MemoryRoot(files)).findings()
        #expect(findings.count == 11)
        #expect(findings.last?.summary == "15 more of the same")
    }

    @Test("as openssl writes them are seen", arguments: ["ed25519", "rsa", "ec"])
    func openssl(algorithm: String) throws {
        var arguments = ["genpkey", "-algorithm", algorithm]
        if algorithm == "ec" { arguments += ["-pkeyopt", "ec_paramgen_curve:P-256"] }
        let key = try Command("openssl", arguments).output()
        #expect(try Self.findings([file("/app/a.pem", key)]) == ["secret.private-key /app/a.pem"])
    }

    @Test("whatever bytes a file has, looking into it ends")
    func noise() throws {
        var bytes = Array(repeating: Array("-----BEGIN ".utf8), count: 2000).flatMap(\.self)
        for name in ["a.pem", ".npmrc", ".netrc", "x.json", "x.jks", ".dockercfg", "core"] {
            #expect(try Self.findings([MemoryRoot.File(path: "/app/\(name)", content: bytes)]).count <= 1)
            bytes = bytes.map { $0 &* 31 &+ 7 }
        }
    }
}
