import Diagnostics
import Synchronization
import Testing

@testable import HTTP

@Suite("Redirects")
struct RedirectsTests {
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
        let found = try RedirectTarget(location, from: HTTPURL(parsing: source))
        #expect(found.url.description == target)
        #expect(found.keepsCredentials == keeps)
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
            // Not even this machine's own registry may.
            ("http://127.0.0.1:5000/v2/a", "http://169.254.169.254/latest"),
            ("http://localhost:5000/v2/a", "http://[fe80::1]/"),
            ("https://169.254.1.1/", "https://169.254.169.254/"),
        ]
    )
    func refuses(source: String, location: String) throws {
        let source = try HTTPURL(parsing: source)
        let error = try #require(throws: Diagnostic.self) { try RedirectTarget(location, from: source) }
        #expect(error.code == .redirectRefused)
    }

    @Test(
        "a redirect to something that is not an address is refused",
        arguments: ["https://2130706433/", "file:///etc/passwd", "https://me@h/", "https://[::1%25lo]/"]
    )
    func refusesAddresses(location: String) throws {
        let source = try HTTPURL(parsing: "https://r.example/")
        let error = try #require(throws: Diagnostic.self) { try RedirectTarget(location, from: source) }
        #expect(error.code == .urlMalformed)
    }

    /// Answers requests in order, and remembers them.
    private final class Servers: HTTPTransport {
        private let answers: [(status: Int, location: String?)]
        private let sent = Mutex<[HTTPRequest]>([])

        init(_ answers: [(status: Int, location: String?)]) { self.answers = answers }

        var requests: [HTTPRequest] { sent.withLock { $0 } }

        func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
            let number = sent.withLock { sent in
                sent.append(request)
                return sent.count - 1
            }
            guard number < answers.count else { throw HTTPFailure(.reset, "there is no answer number \(number)") }
            var headers = HTTPHeaders()
            headers["Location"] = answers[number].location
            return HTTPResponse(status: answers[number].status, headers: headers, body: EmptyBody())
        }
    }

    private struct EmptyBody: HTTPResponseBody {
        func next() async throws(HTTPFailure) -> HTTPChunk? { nil }
    }

    @Test("another origin sees neither credentials nor cookies, and all the rest, also when it leads back")
    func dropsCredentials() async throws {
        let headers: HTTPHeaders = [
            "authorization": "Bearer x", "Cookie": "a", "Proxy-Authorization": "b", "Range": "bytes=5-",
            "Accept": "*/*",
        ]
        let rest: HTTPHeaders = ["Range": "bytes=5-", "Accept": "*/*"]
        let servers = Servers([
            (302, "/b"), (307, "https://cdn.example/c"), (301, "https://r.example/d"), (200, nil),
        ])
        let request = HTTPRequest(.get, try HTTPURL(parsing: "https://r.example/a"), headers: headers)
        let answer = try await Redirects(limit: 3, to: .anyOrigin).send(request, through: servers)
        #expect(answer.url.description == "https://r.example/d")
        #expect(answer.response.status == 200)
        #expect(servers.requests.map(\.headers) == [headers, headers, rest, rest])
    }

    @Test(
        "the body is sent again only for 307 and 308",
        arguments: [
            (.get, 301, true), (.get, 302, true), (.head, 303, true), (.get, 304, false), (.get, 307, true),
            (.post, 301, false), (.put, 302, false), (.post, 303, false), (.put, 307, true), (.patch, 308, true),
        ] as [(HTTPRequest.Method, Int, Bool)]
    )
    func methods(method: HTTPRequest.Method, status: Int, isFollowed: Bool) async throws {
        let servers = Servers([(status, "/b"), (200, nil)])
        let request = HTTPRequest(method, try HTTPURL(parsing: "https://r.example/a"))
        let answer = try await Redirects(limit: 1, to: .anyOrigin).send(request, through: servers)
        #expect(answer.response.status == (isFollowed ? 200 : status))
        #expect(servers.requests.map(\.method) == Array(repeating: method, count: isFollowed ? 2 : 1))
    }

    @Test("a redirect without a location is the answer")
    func withoutLocation() async throws {
        let request = HTTPRequest(.get, try HTTPURL(parsing: "https://r.example/a"))
        let answer = try await Redirects(limit: 0, to: .sameOrigin).send(request, through: Servers([(302, nil)]))
        #expect(answer.response.status == 302)
    }

    @Test(
        "what cannot be followed says why",
        arguments: [
            (Redirects(limit: 1, to: .anyOrigin), "/b", "tooMany"),
            (Redirects(limit: 1, to: .anyOrigin), "http://r.example/", "redirect.refused"),
            (Redirects(limit: 1, to: .anyOrigin), "file:///etc/passwd", "url.malformed"),
            (Redirects(limit: 1, to: .sameOrigin), "https://cdn.example/", "https://cdn.example/"),
            // The origin counts before the network that it is in.
            (Redirects(limit: 1, to: .sameOrigin), "https://127.0.0.1/", "https://127.0.0.1/"),
        ]
    )
    func failures(redirects: Redirects, location: String, expected: String) async throws {
        let request = HTTPRequest(.get, try HTTPURL(parsing: "https://r.example/a"))
        let servers = Servers([(302, location), (302, location), (302, location)])
        do throws(Redirects.Failure) {
            _ = try await redirects.send(request, through: servers)
            Issue.record("it was followed")
        } catch {
            switch error {
            case .refused(let problem): #expect(problem.code.rawValue == expected)
            case .otherOrigin(let url): #expect(url.description == expected)
            case .tooMany: #expect(expected == "tooMany")
            case .transport(let failure): Issue.record(failure)
            }
        }
    }
}
