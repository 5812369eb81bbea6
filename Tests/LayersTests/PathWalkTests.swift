import Glibc
import Layers
import TestSupport
import Testing

@Suite("Where a path leads")
struct PathWalkTests {
    /// `count` symlinks, each to the next, with a file at the end: `link1` … `linkN`, `file`.
    private static func chain(_ count: Int) -> [String: PathWalk.Step] {
        var tree: [String: PathWalk.Step] = ["/file": .file]
        for index in 1...count {
            let target = index == count ? "file" : "link\(index + 1)"
            tree["/link\(index)"] = .symlink(target: Array(target.utf8))
        }
        return tree
    }

    private static func walk(_ path: String, in tree: [String: PathWalk.Step], closed: Set<String> = []) -> PathWalk {
        PathWalk(path.utf8, mayEnter: { !closed.contains($0.description) }) { tree[$0.description] }
    }

    private static func path(_ text: String) -> EntryPath { EntryPath(normalizing: text) }

    @Test(
        "as many symlinks are followed as Linux follows",
        arguments: [(1, true), (39, true), (40, true), (41, false)]
    )
    func links(count: Int, isFound: Bool) {
        let walk = Self.walk("/link1", in: Self.chain(count))
        #expect(walk == (isFound ? .found(Self.path("/file")) : .loop(Self.path("/link41"))))
    }

    @Test("the kernel follows as many symlinks in a real directory", arguments: [39, 40, 41])
    func kernel(count: Int) throws {
        let place = try TemporaryDirectory()
        try place.file("file", "x")
        for index in 1...count {
            #expect(symlink(index == count ? "file" : "link\(index + 1)", place("link\(index)")) == 0)
        }
        var status = stat()
        let isFound = stat(place("link1"), &status) == 0
        if !isFound { #expect(errno == ELOOP) }
        guard case .found = Self.walk("/link1", in: Self.chain(count)) else {
            #expect(!isFound)
            return
        }
        #expect(isFound)
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let path: String
        let expected: PathWalk
        var testDescription: String { path }
    }

    private static let tree: [String: PathWalk.Step] = [
        "/app": .directory, "/app/server": .file, "/app/v1": .directory, "/app/v1/data": .file,
        "/app/current": .symlink(target: Array("v1".utf8)), "/data": .symlink(target: Array("/app/v1/".utf8)),
        "/out": .symlink(target: Array("../../../app".utf8)), "/none": .symlink(target: Array("app/./x/../y".utf8)),
        "/self": .symlink(target: Array("self".utf8)), "/empty": .symlink(target: []),
    ]

    static let cases = [
        Case(path: "/", expected: .found(.root)),
        Case(path: "//app///server", expected: .found(path("/app/server"))),
        Case(path: "/app/./server", expected: .found(path("/app/server"))),
        Case(path: "/app/current/data", expected: .found(path("/app/v1/data"))),
        // The directory above what the symlink leads to, and not above the symlink.
        Case(path: "/data/../server", expected: .found(path("/app/server"))),
        Case(path: "/../../app", expected: .found(path("/app"))),
        Case(path: "/out/server", expected: .found(path("/app/server"))),
        Case(path: "/app/server/x", expected: .blocked(by: path("/app/server"))),
        Case(path: "/app/server/.", expected: .blocked(by: path("/app/server"))),
        Case(path: "/app/x/y", expected: .missing(path("/app/x/y"), link: nil)),
        Case(path: "/data/x", expected: .missing(path("/app/v1/x"), link: nil)),
        Case(path: "/none", expected: .missing(path("/app/y"), link: path("/none"))),
        Case(path: "/self", expected: .loop(path("/self"))),
        Case(path: "/empty/x", expected: .missing(path("/empty"), link: path("/empty"))),
    ]

    @Test("a path is followed through symlinks, and never out of the root", arguments: cases)
    func follows(_ test: Case) {
        #expect(Self.walk(test.path, in: Self.tree) == test.expected)
    }

    @Test(
        "a directory that may not be entered ends the walk, even on the way back",
        arguments: [
            ("/app/server", "/app"), ("/data/data", "/app"), ("/app/../app", "/app"), ("/app", nil),
            ("/app/current", nil),
        ] as [(String, String?)]
    )
    func closed(path: String, denied: String?) {
        let walk = Self.walk(path, in: Self.tree, closed: denied.map { [$0] } ?? [])
        if let denied {
            #expect(walk == .denied(Self.path(denied)))
        } else {
            guard case .found = walk else {
                Issue.record("\(walk)")
                return
            }
        }
    }
}
