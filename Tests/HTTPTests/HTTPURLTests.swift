import Diagnostics
import Testing

@testable import HTTP

@Suite("Addresses")
struct HTTPURLTests {
    @Test(
        "an address is read and written in its shortest form",
        arguments: [
            ("https://example.com", "https://example.com/"),
            ("HTTPS://Example.COM:443/v2/", "https://example.com/v2/"),
            ("http://example.com:80?n=1", "http://example.com/?n=1"),
            ("http://localhost:5000/v2/a/b?x=%2F&y=:@/?", "http://localhost:5000/v2/a/b?x=%2F&y=:@/?"),
            ("https://registry_1.example.com./a#part", "https://registry_1.example.com./a"),
            ("https://192.168.0.1:8/", "https://192.168.0.1:8/"),
            ("https://[2001:DB8::1]:5000/v2/", "https://[2001:db8::1]:5000/v2/"),
            ("https://1.example.com/", "https://1.example.com/"),
            ("https://0x7f.example/", "https://0x7f.example/"),
            ("https://xn--n3h.com/(a)*,;'!$~", "https://xn--n3h.com/(a)*,;'!$~"),
        ]
    )
    func reads(text: String, shortest: String) throws {
        #expect(try HTTPURL(parsing: text).description == shortest)
    }

    @Test(
        "an address that two readers could read differently is refused",
        arguments: [
            "", "example.com", "/v2/", "//example.com/", "ftp://example.com/", "file:///etc/passwd",
            "https:/example.com",
            "https://", "https:///v2/", "https://:443/", "https://user@example.com/", "https://user:pw@example.com/",
            "https://example.com@evil.com/", "https://example.com\\@evil.com/", "https://example.com\\evil",
            "https://exa mple.com/", "https://example.com/a b", "https://example.com/\n", "https://example.com/\u{0}",
            "https://exämple.com/", "https://example.com/ä", "https://example..com/", "https://.example.com/",
            "https://-/%", "https://example.com/%", "https://example.com/%4", "https://example.com/%zz",
            "https://example.com/<a>", "https://example.com/[a]", "https://example.com/a|b", "https://example.com/\"",
            "https://example.com:/", "https://example.com:0/", "https://example.com:65536/", "https://example.com:080/",
            "https://example.com:1:2/", "https://example.com:+80/", "https://example.com:８０/",
            "https://2130706433/", "https://0x7f000001/", "https://127.1/", "https://0177.0.0.1/",
            "https://127.0.0.1./",
            "https://127.0.0x1/", "https://256.0.0.1/", "https://1.2.3.4.5/", "https://example.0x1/", "https://a.1/",
            "https://[::1", "https://[::1]x/", "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/",
            "https://[1.2.3.4]/",
            "https://[]/", "https://::1/", "https://[::g]/", "https://exam%70le.com/", "https://a;b.com/",
            "https://" + String(repeating: "a", count: 64) + ".com/",
            "https://example.com/" + String(repeating: "a", count: 20_000),
        ]
    )
    func refuses(text: String) throws {
        let error = try #require(throws: Diagnostic.self) { try HTTPURL(parsing: text) }
        #expect(error.code == .urlMalformed)
    }

    @Test("a refused address is named without what in it could be secret")
    func refusalHidesSecrets() throws {
        for text in [
            "https://me:secret@example.com/a", "https://example.com/ a?sig=secret", "me:secret@x?secret#secret",
        ] {
            let error = try #require(throws: Diagnostic.self) { try HTTPURL(parsing: text) }
            #expect(!"\(error)".contains("secret"))
        }
    }

    @Test(
        "a location is resolved as RFC 3986 § 5.4 says",
        arguments: [
            ("g", "http://a/b/c/g"), ("./g", "http://a/b/c/g"), ("g/", "http://a/b/c/g/"), ("/g", "http://a/g"),
            ("//g", "http://g/"), ("?y", "http://a/b/c/d;p?y"), ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"), (";x", "http://a/b/c/;x"), ("", "http://a/b/c/d;p?q"), (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"), ("..", "http://a/b/"), ("../g", "http://a/b/g"), ("../..", "http://a/"),
            ("../../g", "http://a/g"), ("../../../g", "http://a/g"), ("/./g", "http://a/g"), ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."), ("..g", "http://a/b/c/..g"), ("./g/.", "http://a/b/c/g/"),
            ("g/../h", "http://a/b/c/h"), ("g?y/../x", "http://a/b/c/g?y/../x"), ("//h:8/x?y", "http://h:8/x?y"),
            ("https://h/x/../y?z#f", "https://h/y?z"), ("HTTP://h", "http://h/"), ("/a//b", "http://a/a//b"),
            ("/v2/x?_state=a%2Bb&to=http://x", "http://a/v2/x?_state=a%2Bb&to=http://x"),
        ]
    )
    func resolves(location: String, absolute: String) throws {
        let base = try HTTPURL(parsing: "http://a/b/c/d;p?q")
        #expect(try base.resolving(location).description == absolute)
    }

    @Test(
        "a location that leads elsewhere than to the web is refused",
        arguments: [
            "ftp://h/", "file:/etc/passwd", "javascript:x", "mailto:a@b", "http:g", "//u@h/", "//", "/a b", "///x",
            "\\\\h",
        ]
    )
    func refusesLocation(location: String) throws {
        let base = try HTTPURL(parsing: "https://a/b")
        let error = try #require(throws: Diagnostic.self) { try base.resolving(location) }
        #expect(error.code == .urlMalformed)
    }

    @Test(
        "parameters follow the query that is there",
        arguments: [
            ("https://a/b", "https://a/b?digest=sha256:0a"), ("https://a/b?", "https://a/b?digest=sha256:0a"),
            ("https://a/b?_state=x%3D", "https://a/b?_state=x%3D&digest=sha256:0a"),
            ("https://a/b?c&", "https://a/b?c&digest=sha256:0a"),
        ]
    )
    func appends(text: String, result: String) throws {
        #expect(try HTTPURL(parsing: text).appending(query: [("digest", "sha256:0a")]).description == result)
    }

    @Test("names and values are percent-encoded, and the result is an address")
    func encodes() throws {
        let url = try HTTPURL(parsing: "https://a/").appending(query: [("scope", "a b&c=d#é/+%"), ("n", "1")])
        #expect(url.description == "https://a/?scope=a%20b%26c%3Dd%23%C3%A9%2F%2B%25&n=1")
        #expect(try HTTPURL(parsing: url.description) == url)
    }

    @Test(
        "hosts are classified by where they are",
        arguments: [
            ("localhost", true, false), ("localhost.", true, false), ("a.localhost", true, false),
            ("LOCALHOST", true, false),
            ("127.0.0.1", true, true), ("127.255.0.9", true, true), ("[::1]", true, true), ("[0:0::0:1]", true, true),
            ("127.0.0.1.evil.com", false, false), ("localhost.evil.com", false, false), ("notlocalhost", false, false),
            ("host.local", false, false), ("8.8.8.8", false, false), ("[2001:db8::1]", false, false),
            ("10.1.2.3", false, true), ("172.16.0.1", false, true), ("172.32.0.1", false, false),
            ("192.168.1.1", false, true), ("169.254.169.254", false, true), ("0.0.0.0", false, true),
            ("100.64.0.1", false, true), ("100.128.0.1", false, false), ("224.0.0.1", false, true),
            ("255.255.255.255", false, true), ("198.18.0.1", false, true), ("[::]", false, true),
            ("[fe80::1]", false, true),
            ("[fd00::1]", false, true), ("[fc00::1]", false, true), ("[ff02::1]", false, true),
            ("[::ffff:127.0.0.1]", false, true), ("[::ffff:10.0.0.1]", false, true), ("[::ffff:8.8.8.8]", false, false),
            ("[::10.0.0.1]", false, true), ("[64:ff9b::10.0.0.1]", false, true), ("[2002:0a00:0001::]", false, true),
            ("[fe00::1]", false, false),
        ]
    )
    func classifies(host: String, isLoopback: Bool, isPrivate: Bool) throws {
        let url = try HTTPURL(parsing: "https://\(host)/")
        #expect(url.isLoopback == isLoopback)
        #expect(url.isPrivateAddressLiteral == isPrivate)
    }
}
