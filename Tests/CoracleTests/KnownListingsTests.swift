import ByteIO
import Diagnostics
import Glibc
import Layers
@testable import SourceTree
import TestSupport
import Testing

@Suite("Directories that were listed before")
struct KnownListingsTests {
    /// All that is there is old for it.
    private static let trust = StampTrust(startedAt: .max)

    private func tree(
        _ root: String,
        _ known: KnownListings? = nil,
        ignoring rules: String = ""
    ) throws -> DirectoryTree {
        let path = FilePath(root)
        var options = DirectoryWalk.Options()
        options.ignoring = rules.isEmpty ? nil : try IgnoreRules(parsing: Array(rules.utf8), named: "rules")
        return DirectoryTree(path, try FileStatus(at: path, following: true), options, known)
    }

    /// What a tree has in it, and what it says of it.
    private func lines(_ tree: DirectoryTree) -> [String] {
        tree.listings.flatMap { listing in
            ["\(String(printing: listing.name)): \(listing.problem?.summary ?? "") \(listing.ignoredCount)"]
                + listing.notes.map(\.summary)
                + listing.children.map { child in
                    "  \(String(printing: listing.ownName(of: child))) \(child.status) \(child.isListed) "
                        + "\(String(printing: child.linkTarget ?? [])) \(child.listing ?? 0)"
                }
        }
    }

    /// Two times of the kernel that are this far apart are different ones.
    private func rest() { usleep(20_000) }

    private static let start = """
        mkdir -p a/b/c a/d e/f; for n in 1 2 3; do echo $n >a/$n; echo $n >a/b/c/$n; echo $n >e/f/$n; done
        ln -s ../a e/link; mkdir -p deep/$(seq -s / 1 30); echo x >deep/1/2/3/x
        """

    @Test("a directory that looks as it did is not read, and what is in it is looked at")
    func unchanged() throws {
        let scratch = try TemporaryDirectory()
        try Command.shell(Self.start, directory: scratch.path).output()
        let first = try tree(scratch.path)
        let known = first.known(Self.trust)
        rest()
        // Neither a file's content nor its mode is the directory's.
        try Command.shell("echo more >>a/b/c/2; chmod +x a/1", directory: scratch.path).output()
        let second = try tree(scratch.path, known)
        let isKnown = second.isKnown
        #expect(isKnown)
        let (before, found, there) = (lines(first), lines(second), lines(try tree(scratch.path)))
        #expect(found == there)
        #expect(found != before)
        let isSame = second.known(Self.trust).bytes == known.bytes
        #expect(isSame)
    }

    @Test(
        "whatever changes between two walks, the second one finds what one without the first does",
        arguments: [
            "echo new >a/b/0", "echo new >a/b/9", "rm a/b/c/2", "mv a/b/c/2 a/b/c/4", "mv a/b e/b", "rm -r a/b",
            "rm -r a/b; echo file >a/b", "rm -r a/b; ln -s ../e a/b", "rm e/link; mkdir e/link; echo x >e/link/x",
            "mv a x; mv e a; mv x e", "mv a/b/c a/b/x; mkdir a/b/c; echo 1 >a/b/c/1", "rm -r a e deep", "mkdir a/b/c/d",
            "mkdir 0; echo x >0/x", "mkdir zz; echo x >zz/x", "mv deep/1/2 deep/1/0",
            "rm a/1; mkdir a/1; echo x >a/1/1",
            "mkdir -p a/x/$(seq -s / 1 40)", "mv deep/1 a/d/1; mkdir deep/1",
        ]
    )
    func changed(script: String) throws {
        let scratch = try TemporaryDirectory()
        try Command.shell(Self.start, directory: scratch.path).output()
        var known = try tree(scratch.path).known(Self.trust)
        // Again, and there may be nothing to change.
        for isFirst in [true, false] {
            rest()
            try Command.shell("( \(script) ) 2>/dev/null; true", directory: scratch.path).output()
            let tree = try tree(scratch.path, known)
            let (found, there) = (lines(tree), lines(try self.tree(scratch.path)))
            #expect(found == there)
            let isKnown = tree.isKnown
            #expect(!(isFirst && isKnown))
            known = tree.known(Self.trust)
            let isKnownThen = try self.tree(scratch.path, known).isKnown
            #expect(isKnownThen)
        }
    }

    @Test("rules of an ignore file apply to what is known, too, and another file's to the same")
    func ignoring() throws {
        let scratch = try TemporaryDirectory()
        try Command.shell(Self.start, directory: scratch.path).output()
        var known = try tree(scratch.path, ignoring: "a/b").known(Self.trust)
        for rules in ["", "e", "a/*\n!a/b", "**/2", "deep/1"] {
            let tree = try tree(scratch.path, known, ignoring: rules)
            let (found, there) = (lines(tree), lines(try self.tree(scratch.path, ignoring: rules)))
            #expect(found == there, "\(rules)")
            known = tree.known(Self.trust)
        }
    }

    @Test("what is younger than two seconds is read again")
    func young() throws {
        let scratch = try TemporaryDirectory()
        try Command.shell(Self.start, directory: scratch.path).output()
        let known = try tree(scratch.path).known(StampTrust(startedAt: Int64(time(nil))))
        let isKnown = try tree(scratch.path, known).isKnown
        #expect(!isKnown)
        let isKnownWithoutTime = try tree(scratch.path, tree(scratch.path).known(.none)).isKnown
        #expect(!isKnownWithoutTime)
    }

    @Test("paths that are longer than the kernel takes are read each time")
    func long() throws {
        let scratch = try TemporaryDirectory()
        let name = String(repeating: "n", count: 200)
        let script = "import os\nfor _ in range(30): os.mkdir('\(name)'); os.chdir('\(name)'); open('x', 'w').close()"
        try Command("python3", ["-c", script], directory: scratch.path).output()
        let first = try tree(scratch.path)
        let problems = first.listings.compactMap { $0.problem?.summary }
        #expect(problems == [])
        let (before, after) = (lines(first), lines(try tree(scratch.path, first.known(Self.trust))))
        // 22 of the 30 levels are read: nothing that is deeper can be in an image.
        #expect(before.count == 65)
        #expect(after == before)
    }

    @Test("a damaged record leads to no crash, no loop, and no file that is not there")
    func damaged() throws {
        let scratch = try TemporaryDirectory()
        try Command.shell(Self.start, directory: scratch.path).output()
        let bytes = try tree(scratch.path).known(Self.trust).bytes
        var generator = Pseudorandom(seed: 11)
        #expect(KnownListings(bytes: []) == nil)
        for round in 0..<400 {
            var damaged = bytes
            if round.isMultiple(of: 4) { damaged.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
            for _ in 0..<(damaged.isEmpty ? 0 : round % 5) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(
                    in: 0...255,
                    using: &generator
                )
            }
            guard let known = KnownListings(bytes: damaged) else { continue }
            let tree = try tree(scratch.path, known)
            for listing in tree.listings {
                for child in listing.children {
                    let path = FilePath(scratch.path).appending(name: listing.name(of: child))
                    #expect((try? FileStatus(at: path)) != nil)
                }
            }
        }
    }
}
