import Diagnostics
import Layers
import TestSupport
import Testing

@Suite("Places in an image")
struct EntryPathTests {
    @Test(
        "an absolute path is a place",
        arguments: [
            ("/", ""), ("/app", "app"), ("/app/", "app"), ("/app/server", "app/server"), ("/a b/é", "a b/é"),
            ("/...", "..."), ("/.a/..b", ".a/..b"),
            ("/a\nb", "a\nb"),
        ]
    )
    func accepted(text: String, bytes: String) throws {
        let path = try EntryPath(absolute: text)
        #expect(path.bytes == Array(bytes.utf8))
        #expect(path.description == "/" + bytes)
        #expect(path.isRoot == bytes.isEmpty)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "app", "./app", "../app", "//", "//app", "/app//", "/a//b", "/.", "/..", "/./a", "/a/.", "/a/./b",
            "/a/../b", "/a/..", "/a\u{0}b", "~", "/.wh.a", "/etc/.wh.passwd", "/.wh..wh..opq/a",
        ]
    )
    func refused(text: String) throws {
        let error = #expect(throws: Diagnostic.self) { try EntryPath(absolute: text) }
        #expect(error?.code == .entryPathMalformed)
        #expect(error?.code.category == .usage)
    }

    @Test(
        "a path has a parent and a name",
        arguments: [("/", nil, ""), ("/a", "/", "a"), ("/a/b", "/a", "b"), ("/a/b/c", "/a/b", "c")]
            as [(String, String?, String)]
    )
    func parts(text: String, parent: String?, name: String) throws {
        let path = try EntryPath(absolute: text)
        #expect(path.parent?.description == parent)
        #expect(Array(path.name) == Array(name.utf8))
        if let above = path.parent { #expect(above.appending(path.name) == path) }
    }

    @Test("bytes that are not UTF-8 are shown and kept")
    func bytes() {
        let path = EntryPath.root.appending([0x62, 0xFF])
        #expect(path.description == #"/b\xff"#)
        #expect(path.bytes == [0x62, 0xFF])
    }

    @Test("paths are in the order of their components, so that a directory is followed by all that is in it")
    func order() {
        var generator = Pseudorandom(seed: 9)
        let letters = Array("a!-.b0\u{1}".utf8) + [0xFF]
        func component() -> [UInt8] {
            (0..<Int.random(in: 1...3, using: &generator)).map { _ in letters.randomElement(using: &generator) ?? 0 }
        }
        let paths = (0..<300).map { _ in (0..<Int.random(in: 0...3, using: &generator)).map { _ in component() } }
        for left in paths {
            for right in paths.prefix(100) {
                let expected = left.lexicographicallyPrecedes(right) { $0.lexicographicallyPrecedes($1) }
                let (a, b) = (joined(left), joined(right))
                #expect((a < b) == expected, "\(a) \(b)")
            }
        }
    }

    private func joined(_ components: [[UInt8]]) -> EntryPath {
        EntryPath(unchecked: Array(components.joined(separator: [0x2F])))
    }
}
