import Build
import Diagnostics
import OCI
import Testing

@Suite("Shares of many images")
struct ShardTests {
    private static func names(_ count: Int) -> [String] { (0..<count).map { "service-\($0)" } }

    private static func shares(_ names: [String], _ count: Int) throws -> [[String]] {
        try (1...count).map { number in try Shard(parsing: "\(number)/\(count)").indices(of: names).map { names[$0] } }
    }

    @Test(
        "every image is in one share, and shares differ by one image at most",
        arguments: [0, 1, 3, 16, 1000],
        [1, 4, 16]
    )
    func whole(images: Int, count: Int) throws {
        let names = Self.names(images)
        let shares = try Self.shares(names, count)
        #expect(shares.flatMap(\.self).sorted() == names.sorted())
        let sizes = shares.map(\.count)
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    }

    @Test("the images of a share stand in the order of the file, whatever that is")
    func order() throws {
        let names = Self.names(50)
        for share in try Self.shares(names, 4) { #expect(share == names.filter(share.contains)) }
        let reversed = try Self.shares(names.reversed(), 4)
        #expect(try reversed.map { $0.sorted() } == Self.shares(names, 4).map { $0.sorted() })
    }

    @Test("one image more moves at most one over each cut", arguments: [10, 100, 1000])
    func stability(count: Int) throws {
        let names = Self.names(count)
        let shares = try Self.shares(names, 16)
        for new in ["a", "zebra", "service-x"] {
            let more = try Self.shares(names + [new], 16)
            let moved = names.filter { name in
                shares.firstIndex { $0.contains(name) } != more.firstIndex { $0.contains(name) }
            }
            #expect(moved.count <= 15)
        }
    }

    @Test(
        "a value that is not a share is refused",
        arguments: ["", "1", "0/4", "5/4", "-1/4", "1/0", "1/4/2", "a/b", "1/99999999999999999999", "1/", "/4", "+1/4"]
    )
    func refusals(text: String) throws {
        #expect(throws: Diagnostic.self) { try Shard(parsing: text) }
    }

    @Test(
        "in a pattern `*` stands for any characters and `?` for one",
        arguments: [
            ("shop", "shop", true), ("shop", "shops", false), ("s*", "shop", true), ("*p", "shop", true),
            ("s??p", "shop", true), ("s?p", "shop", false), ("*", "", true), ("", "", true), ("", "a", false),
            ("*-*-api", "a-b-c-api", true), ("*a*a*a*a*b", String(repeating: "a", count: 128), false),
        ]
    )
    func patterns(pattern: String, name: String, matches: Bool) {
        #expect(NamePattern(pattern).matches(name) == matches)
    }
}
