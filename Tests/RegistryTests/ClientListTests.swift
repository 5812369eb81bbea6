import Diagnostics
import HTTP
import OCI
import Store
import Testing

@testable import Registry

@Suite("Registry client: lists")
struct ClientListTests {
    private static let digest = Digest(sha256Of: [2])
    private static let list = "sha256-\(digest.hex)"
    private static let referrer = Descriptor(mediaType: .imageManifest, digest: Digest(sha256Of: [3]), size: 1)
    private static let index = Document(encoding: Index(manifests: [referrer]), as: .imageIndex).bytes
    private static let type: HTTPHeaders = ["Content-Type": MediaType.imageIndex.rawValue]

    private func tags(_ fault: @escaping FakeRegistry.Fault) async -> (tags: [String], code: String?, requests: Int) {
        let registry = FakeRegistry(fault)
        do throws(Diagnostic) {
            let tags = try await registry.client().tags(in: FakeRegistry.repository)
            return (tags, nil, registry.requests.count)
        } catch {
            return ([], error.code.rawValue, registry.requests.count)
        }
    }

    @Test("pages follow one another, in the registry's order")
    func pages() async throws {
        let found = await tags { request, _ in
            switch request.line {
            case "GET /v2/me/app/tags/list":
                .init(200, ["Link": #"</v2/me/app/tags/list?last=b&n=2>; rel="next""#], text: #"{"tags":["b","a"]}"#)
            case "GET /v2/me/app/tags/list?last=b&n=2":
                .init(200, ["Link": #"<https://registry.test/3>; rel=next"#], text: #"{"tags":["c"]}"#)
            case "GET /3": .init(200, ["Link": #"</4>; rel="prev""#], text: #"{"tags":null}"#)
            default: .init(404)
            }
        }
        #expect(found == (["b", "a", "c"], nil, 3))
    }

    @Test(
        "pages that lead in a circle are read once",
        arguments: [("/v2/me/app/tags/list", 1), ("?", 2), ("/other", 2)]
    )
    func circle(next: String, requests: Int) async throws {
        let found = await tags { _, _ in .init(200, ["Link": "<\(next)>; rel=next"], text: #"{"tags":["a"]}"#) }
        #expect(found == (Array(repeating: "a", count: requests), nil, requests))
    }

    @Test("a list that goes on for ever is given up")
    func endless() async throws {
        let found = await tags { request, _ in
            .init(200, ["Link": "<\(request.url.target)x>; rel=next"], text: #"{"tags":["a"]}"#)
        }
        #expect(found == ([], "registry.malformed", 1000))
    }

    @Test("pages that are large together are given up before memory is, and so is a tag that cannot be one")
    func large() async throws {
        let page = #"{"tags":["a"],"x":"\#(String(repeating: "x", count: 4_000_000))"}"#
        let found = await tags { request, _ in
            .init(200, ["Link": "<\(request.url.target)x>; rel=next"], text: page)
        }
        #expect(found == ([], "registry.malformed", 17))
        let long = #"{"tags":["\#(String(repeating: "x", count: 129))"]}"#
        #expect(await tags { _, _ in .init(200, text: long) } == ([], "registry.malformed", 1))
        let longest = String(repeating: "x", count: 128)
        #expect(await tags { _, _ in .init(200, text: #"{"tags":["\#(longest)"]}"#) } == ([longest], nil, 1))
    }

    @Test(
        "an answer that is not a list of this registry is refused",
        arguments: [
            (.init(200, ["Link": "<https://other.test/2>; rel=next"], text: #"{"tags":["a"]}"#), "registry.malformed"),
            (
                .init(200, ["Link": "<http://registry.test/2>; rel=next"], text: #"{"tags":["a"]}"#),
                "registry.malformed"
            ),
            (.init(200, ["Link": "<https://registry.test:444/>; rel=next"], text: "{}"), "registry.malformed"),
            (.init(200, text: "<html>"), "registry.malformed"), (.init(200, text: "[]"), "json.unexpected"),
            (.init(200, text: #"{"tags":[1]}"#), "json.unexpected"),
            (.init(200, ["Content-Length": "4194305"], text: "{}"), "registry.malformed"),
            (.init(200, ["Content-Length": "-"], Array(repeating: 0x20, count: (4 << 20) + 1)), "registry.malformed"),
            (.error(404, "NAME_UNKNOWN"), "repository.not-found"), (.init(404), "repository.not-found"),
        ] as [(FakeRegistry.Answer, String)]
    )
    func refused(answer: FakeRegistry.Answer, code: String) async throws {
        #expect(await tags { _, _ in answer } == ([], code, 1))
    }

    // MARK: Referrers

    private func referrers(_ fault: @escaping FakeRegistry.Fault) async throws -> (found: [Descriptor], lines: [String])
    {
        let registry = FakeRegistry(fault)
        let found = try await registry.client().referrers(of: Self.digest, in: FakeRegistry.repository)
        return (found, registry.lines)
    }

    @Test("referrers are listed by the registry, page by page")
    func referrerPages() async throws {
        let (found, lines) = try await referrers { request, _ in
            request.line == "GET /2"
                ? .init(200, Self.type, Self.index)
                : .init(200, ["Content-Type": Self.type["Content-Type"] ?? "", "Link": "</2>; rel=next"], Self.index)
        }
        #expect(found == [Self.referrer, Self.referrer])
        #expect(lines == ["GET /v2/me/app/referrers/\(Self.digest)", "GET /2"])
    }

    @Test(
        "a registry without such lists is asked for the tag instead",
        arguments: [
            .init(400), .init(401), .init(403), .init(404, text: "404 page not found"), .init(405), .init(406),
            .init(200, ["Content-Type": "text/html"], text: "<html>"), .init(200, [:], index),
        ] as [FakeRegistry.Answer]
    )
    func fallback(answer: FakeRegistry.Answer) async throws {
        let (found, lines) = try await referrers { request, _ in
            request.url.target.hasPrefix("/v2/me/app/referrers/") ? answer : .init(200, Self.type, Self.index)
        }
        #expect(found == [Self.referrer])
        #expect(lines.last == "GET /v2/me/app/manifests/\(Self.list)")
        let none = try await referrers { request, _ in
            request.url.target.hasPrefix("/v2/me/app/referrers/") ? answer : nil
        }
        #expect(none.found == [])
    }

    @Test("a list of referrers that does not end is refused, and so is one that goes on elsewhere")
    func endlessReferrers() async throws {
        for next in ["<%>; rel=next", "<https://other.test/>; rel=next"] {
            let registry = FakeRegistry { request, number in
                let link = next == "<%>; rel=next" ? "<\(request.url.target)x>; rel=next" : next
                return .init(200, ["Content-Type": Self.type["Content-Type"] ?? "", "Link": link], Self.index)
            }
            let error = await #expect(throws: Diagnostic.self) {
                try await registry.client().referrers(of: Self.digest, in: FakeRegistry.repository)
            }
            #expect(error?.code == .registryMalformed)
            #expect(registry.requests.count <= 1001)
        }
    }

    @Test("more referrers than anybody has are refused")
    func tooMany() async throws {
        let entries = Array(repeating: Self.referrer, count: 10_001)
        let bytes = Document(encoding: Index(manifests: entries), as: .imageIndex).bytes
        let registry = FakeRegistry { _, _ in .init(200, Self.type, bytes) }
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client().referrers(of: Self.digest, in: FakeRegistry.repository)
        }
        #expect(error?.code == .registryMalformed)
        #expect(error?.reason == "the list does not end")
    }
}
