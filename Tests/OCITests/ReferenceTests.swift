import Diagnostics
import OCI
import Testing

private let sha = "sha256:" + String(repeating: "0f", count: 32)
private let tag128 = String(repeating: "t", count: 128)
private let path255 = "x/" + String(repeating: "a", count: 253)

@Suite("References")
struct ReferenceTests {
    @Test(
        "a reference is read as distribution's grammar reads it",
        arguments: [
            ("ubuntu", "docker.io/library/ubuntu:latest"),
            ("a", "docker.io/library/a:latest"),
            ("user/app", "docker.io/user/app:latest"),
            ("docker.io/ubuntu", "docker.io/library/ubuntu:latest"),
            ("index.docker.io/ubuntu", "docker.io/library/ubuntu:latest"),
            ("library/ubuntu", "docker.io/library/ubuntu:latest"),
            ("docker.io/library/ubuntu:22.04", "docker.io/library/ubuntu:22.04"),
            ("localhost/app", "localhost/app:latest"),
            ("localhost:5000/app", "localhost:5000/app:latest"),
            ("LOCALDOMAIN/debian", "LOCALDOMAIN/debian:latest"),
            ("Docker/docker", "Docker/docker:latest"),
            ("test:5000/repo:tag", "test:5000/repo:tag"),
            ("192.168.0.1:8/debian", "192.168.0.1:8/debian:latest"),
            ("[2001:db8::1]:5000/repo:tag", "[2001:db8::1]:5000/repo:tag"),
            ("[2001:db8::1]/repo", "[2001:db8::1]/repo:latest"),
            ("[::1]:5000/repo", "[::1]:5000/repo:latest"),
            ("xn--n3h.com/myimage", "xn--n3h.com/myimage:latest"),
            ("repo:UPPER", "docker.io/library/repo:UPPER"),
            ("r@\(sha)", "docker.io/library/r@\(sha)"),
            ("r:tag@\(sha)", "docker.io/library/r:tag@\(sha)"),
            ("localhost:5000/r@\(sha)", "localhost:5000/r@\(sha)"),
            ("docker---rules/docker", "docker.io/docker---rules/docker:latest"),
            ("dock__er/docker", "docker.io/dock__er/docker:latest"),
            ("r:\(tag128)", "docker.io/library/r:\(tag128)"),
            (path255, "docker.io/\(path255):latest"),
            ("foo/foo_bar.com:8080", "docker.io/foo/foo_bar.com:8080"),
            ("gcr.io/a/b/c/d:1", "gcr.io/a/b/c/d:1"),
            ("1/2:3", "docker.io/1/2:3"),
            ("r:_", "docker.io/library/r:_"),
            ("host:65535/x", "host:65535/x:latest"),
        ]
    )
    func accepted(text: String, normalized: String) throws {
        let reference = try Reference(parsing: text)
        #expect(reference.normalized == normalized)
        #expect(reference.text == text)
        // What is normal stays as it is.
        #expect(try Reference(parsing: normalized).normalized == normalized)
    }

    @Test(
        "what is not a reference is refused",
        arguments: [
            "", ":tag", "@\(sha)", "https://x/y", "http://x/y", "docker/Docker", "Uppercase:tag", "Uppercase",
            "-docker/x", "x-/y",
            "docker///docker", "docker/", "/docker", "dock..er/x", "dock_.er/x", "dock___er/x", "_docker/_docker",
            "[fc00::1]",
            "fc00::1:5000/debian", "[fe80::1%eth0]:5000/x", "[2001:db8:3:4::192.0.2.33]:5000/x", "[]:5000/x", "[::1/x",
            String(repeating: "a1", count: 32), "r:\(tag128)t", "\(path255)a", "x.io/\(path255.dropFirst(2))aaa",
            "repo:",
            "repo@sha256:short", "repo@\(sha.uppercased())", "repo@sha256:" + String(repeating: "0F", count: 32),
            "repo@\(sha)@\(sha)", "library/nginx:@\(sha)", "a b", " a", "a ", "a\t", "a\n", "a:b\n",
            "gcr.io/p/x:c@n'tuse",
            "repo@md5:d41d8cd98f00b204e9800998ecf8427e", "r:.a", "r:-a", "r:a:b", "host:port/x", "host:/x",
            "host:123456/x", "host:0/x", "host:65536/x", "[:::]:5000/x", "[1:2:3]/x", "[::1]:0/x", "[::1]:/x",
            "-host.io/x", "host-.io/x", "host..io/x", ".io/x", "ho_st.io/x", "é", "r:é", "r\u{0}", "a/./b", "a/../b",
        ]
    )
    func refused(text: String) throws {
        let error = #expect(throws: Diagnostic.self) { try Reference(parsing: text) }
        #expect(error?.code == .referenceMalformed)
        #expect(error?.code.category == .usage)
        #expect(error?.hint != nil)
    }

    @Test("a URL's scheme is named in the hint")
    func scheme() throws {
        let error = #expect(throws: Diagnostic.self) { try Reference(parsing: "https://ghcr.io/me/app") }
        #expect(error?.hint?.contains("https://") == true)
    }

    @Test(
        "a reference has its parts",
        arguments: [
            ("ubuntu", "docker.io", "library/ubuntu", "latest", nil),
            ("me/app:1", "docker.io", "me/app", "1", nil),
            ("localhost:5000/a/b", "localhost:5000", "a/b", "latest", nil),
            ("[::1]:5000/repo:2", "[::1]:5000", "repo", "2", nil),
            ("r@\(sha)", "docker.io", "library/r", nil, sha),
            ("r:tag@\(sha)", "docker.io", "library/r", "tag", sha),
        ] as [(String, String, String, String?, String?)]
    )
    func parts(text: String, registry: String, repository: String, tag: String?, digest: String?) throws {
        let reference = try Reference(parsing: text)
        #expect(reference.registry == registry)
        #expect(reference.repository == repository)
        #expect(reference.tag == tag)
        #expect(reference.digest?.description == digest)
    }

    @Test(
        "the familiar form is what Docker shows, and means the same",
        arguments: [
            ("ubuntu", "ubuntu:latest"),
            ("docker.io/library/ubuntu:22.04", "ubuntu:22.04"),
            ("docker.io/me/app:1", "me/app:1"),
            ("index.docker.io/me/app", "me/app:latest"),
            ("ghcr.io/me/app:1", "ghcr.io/me/app:1"),
            ("localhost/app", "localhost/app:latest"),
            ("r@\(sha)", "r@\(sha)"),
        ]
    )
    func familiar(text: String, familiar: String) throws {
        let reference = try Reference(parsing: text)
        #expect(reference.familiar == familiar)
        #expect(try Reference(parsing: reference.familiar).normalized == reference.normalized)
    }

    @Test("a long malformed text is not repeated in full")
    func excerpt() throws {
        let error = #expect(throws: Diagnostic.self) { try Reference(parsing: String(repeating: "A", count: 100_000)) }
        #expect(try #require(error).summary.utf8.count < 400)
    }
}
