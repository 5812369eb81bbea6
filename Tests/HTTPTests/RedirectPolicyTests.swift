import Diagnostics
import Testing

@testable import HTTP

@Suite("Redirects")
struct RedirectPolicyTests {
    @Test(
        "a redirect is followed, with credentials only to the same origin",
        arguments: [
            ("https://r.example/v2/a", "/b", "https://r.example/b", true),
            ("https://r.example/v2/a", "https://r.example:443/b?x#y", "https://r.example/b?x", true),
            ("https://r.example/v2/a", "//cdn.example/b", "https://cdn.example/b", false),
            ("https://r.example/v2/a", "https://r.example:8443/b", "https://r.example:8443/b", false),
            ("http://r.example/v2/a", "https://r.example/b", "https://r.example/b", false),
            ("https://r.example/v2/a", "https://8.8.8.8/b", "https://8.8.8.8/b", false),
            ("http://localhost:5000/v2/a", "http://127.0.0.1:9000/b", "http://127.0.0.1:9000/b", false),
            ("http://127.0.0.1:5000/v2/a", "http://10.0.0.1/b", "http://10.0.0.1/b", false),
            ("https://10.0.0.5:5000/v2/a", "https://10.0.0.5:5000/b", "https://10.0.0.5:5000/b", true),
            ("https://10.0.0.5:5000/v2/a", "https://192.168.0.6:9000/b", "https://192.168.0.6:9000/b", false),
        ]
    )
    func follows(source: String, location: String, target: String, keeps: Bool) throws {
        let (url, keepsCredentials) = try RedirectPolicy.follow(location, from: HTTPURL(parsing: source))
        #expect(url.description == target)
        #expect(keepsCredentials == keeps)
    }

    @Test(
        "a redirect that leads into a network or out of encryption is refused",
        arguments: [
            ("https://r.example/", "http://r.example/"), ("https://localhost/", "http://localhost/"),
            ("https://r.example/", "https://127.0.0.1/"), ("https://r.example/", "https://localhost/"),
            ("https://r.example/", "https://a.localhost/"), ("https://r.example/", "https://[::1]/"),
            ("https://r.example/", "https://169.254.169.254/latest/"), ("https://r.example/", "https://10.0.0.1/"),
            ("https://r.example/", "https://[::ffff:10.0.0.1]/"), ("https://r.example/", "https://0.0.0.0/"),
            ("https://r.example/", "https://[fd00::1]/"), ("https://10.0.0.5/", "https://169.254.169.254/"),
            ("https://10.0.0.5/", "https://[::ffff:169.254.169.254]/"), ("https://10.0.0.5/", "https://127.0.0.1/"),
        ]
    )
    func refuses(source: String, location: String) throws {
        let source = try HTTPURL(parsing: source)
        let error = try #require(throws: Diagnostic.self) { try RedirectPolicy.follow(location, from: source) }
        #expect(error.code == .redirectRefused)
    }

    @Test(
        "a redirect to what is no address is refused",
        arguments: ["https://2130706433/", "file:///etc/passwd", "https://me@h/", "https://[::1%25lo]/"]
    )
    func refusesAddresses(location: String) throws {
        let source = try HTTPURL(parsing: "https://r.example/")
        let error = try #require(throws: Diagnostic.self) { try RedirectPolicy.follow(location, from: source) }
        #expect(error.code == .urlMalformed)
    }

    @Test("another origin sees neither credentials nor cookies, and all the rest")
    func dropsCredentials() throws {
        let headers: HTTPHeaders = [
            "authorization": "Bearer x", "Cookie": "a", "Proxy-Authorization": "b", "Range": "bytes=5-",
            "Accept": "*/*",
        ]
        let request = HTTPRequest(.get, try HTTPURL(parsing: "https://r.example/a"), headers: headers)
        let same = try RedirectPolicy.request(request, redirectedTo: "/b")
        #expect(same.headers == headers)
        let other = try RedirectPolicy.request(request, redirectedTo: "https://cdn.example/b")
        #expect(other.headers == ["Range": "bytes=5-", "Accept": "*/*"])
        #expect(other.url.description == "https://cdn.example/b")
    }
}
