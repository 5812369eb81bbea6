import Diagnostics
import Testing

@testable import HTTP

@Suite("Proxies")
struct ProxySettingsTests {
    @Test(
        "a variable names the proxy of its scheme",
        arguments: [
            (["HTTPS_PROXY": "http://p:3128"], "https://r.example/", "p:3128"),
            (["https_proxy": "p:3128/"], "https://r.example/", "p:3128"),
            (["https_proxy": "a:1", "HTTPS_PROXY": "b:2"], "https://r.example/", "a:1"),
            (["https_proxy": "", "HTTPS_PROXY": "b:2"], "https://r.example/", "b:2"),
            (["HTTPS_PROXY": "p:3128"], "http://r.example/", nil),
            (["http_proxy": "HTTP://P:3128"], "http://r.example/", "p:3128"),
            (["HTTP_PROXY": "p:3128"], "http://r.example/", "p:3128"),
            (["ALL_PROXY": "p"], "https://r.example/", "p:80"),
            (["all_proxy": "a:1", "https_proxy": "b:2"], "https://r.example/", "b:2"),
            (["https_proxy": "[fd00::1]:8"], "https://r.example/", "fd00::1:8"), ([:], "https://r.example/", nil),
            (["ALL_PROXY": "p:1"], "http://localhost:5000/", nil), (["ALL_PROXY": "p:1"], "http://127.0.0.1/", nil),
            (["ALL_PROXY": "p:1"], "http://[::1]/", nil),
        ] as [([String: String], String, String?)]
    )
    func chooses(environment: [String: String], url: String, proxy: String?) throws {
        let found = try ProxySettings(environment: environment).proxy(for: HTTPURL(parsing: url))
        #expect(found.map { "\($0.host):\($0.port)" } == proxy)
    }

    @Test("a user and a password are decoded, and not printed")
    func login() throws {
        let proxy = try Proxy("http://me%40work:p%3Aw:s3cret@p:3128", from: "https_proxy")
        #expect(proxy.login == Proxy.Login(username: "me@work", password: "p:w:s3cret"))
        #expect("\(proxy)" == "`p:3128`")
        #expect(String(reflecting: proxy) == "`p:3128`")
    }

    @Test(
        "NO_PROXY excepts hosts, domains, ports, addresses and networks",
        arguments: [
            ("*", "https://r.example/", true), ("r.example", "https://r.example/", true),
            ("R.EXAMPLE", "https://r.example/", true),
            ("example", "https://r.example/", true), (".example", "https://r.example/", true),
            ("*.example", "https://r.example/", true),
            (".r.example", "https://r.example/", true), ("ample", "https://r.example/", false),
            ("a.example", "https://r.example/", false),
            ("r.example:443", "https://r.example/", true), ("r.example:5000", "https://r.example/", false),
            ("example:443", "https://r.example/", true), ("a , r.example", "https://r.example/", true),
            ("a r.example", "https://r.example/", true),
            ("10.0.0.0/8", "https://10.1.2.3/", true), ("10.0.0.0/8", "https://11.1.2.3/", false),
            ("10.0.0.128/25", "https://10.0.0.127/", false),
            ("0.0.0.0/0", "https://8.8.8.8/", true), ("10.1.2.3", "https://10.1.2.3/", true),
            ("10.1.2.3:5000", "https://10.1.2.3:5000/", true),
            ("10.1.2.3:5000", "https://10.1.2.3/", false), ("fd00::/8", "https://[fd00::1]/", true),
            ("fd00::1", "https://[FD00:0::1]/", true),
            ("[fd00::1]:443", "https://[fd00::1]/", true), ("[fd00::1]", "https://[fd00::1]/", true),
            ("10.0.0.0/8", "https://r.example/", false),
            ("10.0.0.0/99", "https://10.0.0.1/", false), ("3", "https://10.1.2.3/", false),
            ("", "https://r.example/", false),
            (",,", "https://r.example/", false),
        ]
    )
    func exceptions(list: String, url: String, isExcepted: Bool) throws {
        let url = try HTTPURL(parsing: url)
        for name in ["NO_PROXY", "no_proxy"] {
            let settings = try ProxySettings(environment: ["ALL_PROXY": "p:1", name: list])
            #expect((settings.proxy(for: url) == nil) == isExcepted)
        }
    }

    @Test(
        "a proxy that cannot be one is refused by its variable's name, without its value",
        arguments: [
            "https://s3cret@p", "socks5://s3cret:1", "http://me:s3cret@", "http://p:s3cret", "http://p/s3cret",
            "s3cret p", "ftp://s3cret",
            "http://s3cret%zz@p:1", "http://2130706433:1",
        ]
    )
    func malformed(value: String) throws {
        let error = try #require(throws: Diagnostic.self) { try ProxySettings(environment: ["HTTPS_PROXY": value]) }
        #expect(error.code == .proxyMalformed)
        #expect(error.subject == .option("HTTPS_PROXY"))
        #expect(!"\(error)".contains("s3cret"))
    }
}
