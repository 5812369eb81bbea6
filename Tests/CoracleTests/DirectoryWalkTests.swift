import ByteIO
import Diagnostics
import Glibc
import Layers
@testable import SourceTree
import TestSupport
import Testing

@Suite("Walking an application directory")
struct DirectoryWalkTests {
    /// A directory made by a shell script that runs in it.
    private func tree(_ script: String) throws -> TemporaryDirectory {
        let scratch = try TemporaryDirectory()
        try scratch.directory("tree")
        try Command.shell("set -e\n\(script)", directory: scratch("tree")).output()
        return scratch
    }

    @Test("entries are sorted, modes and owners are set, links are kept")
    func entries() throws {
        let scratch = try tree(
            """
            umask 077
            mkdir -p bin lib/a empty; printf x > bin/run; chmod 700 bin/run; printf y > lib/a/z; printf '' > b
            ln -s ../lib/a bin/up; ln -s /etc/passwd absolute; ln -s nowhere dangling; ln -s loop2 loop1; ln -s loop1 loop2; ln -s . self
            ln bin/run lib/run; chown 1000:1000 b
            """
        )
        let (walk, problems) = try walk(scratch("tree"))
        #expect(problems.isEmpty)
        #expect(
            walk.entries.map(\.line) == [
                "dir 755 0:0 @0 /app", "symlink(/etc/passwd) 777 0:0 @0 /app/absolute", "file 644 0:0 @0 /app/b",
                "dir 755 0:0 @0 /app/bin",
                "file 755 0:0 @0 /app/bin/run", "symlink(../lib/a) 777 0:0 @0 /app/bin/up",
                "symlink(nowhere) 777 0:0 @0 /app/dangling",
                "dir 755 0:0 @0 /app/empty", "dir 755 0:0 @0 /app/lib", "dir 755 0:0 @0 /app/lib/a",
                "file 644 0:0 @0 /app/lib/a/z",
                "hardlink(/app/bin/run) 755 0:0 @0 /app/lib/run", "symlink(loop2) 777 0:0 @0 /app/loop1",
                "symlink(loop1) 777 0:0 @0 /app/loop2",
                "symlink(.) 777 0:0 @0 /app/self",
            ]
        )
        #expect(walk.executables.map { String(printing: $0.name) } == ["bin/run", "lib/run"])
        #expect(walk.notes.isEmpty)
    }

    @Test("a umask, times, owners and the order of making change nothing")
    func independent() throws {
        let first = try tree("umask 022; mkdir -p a/b; echo 1 > a/b/c; echo 2 > a/d; chmod 755 a/d; ln -s d a/e")
        let second = try tree(
            "umask 077; mkdir a; ln -s d a/e; echo 2 > a/d; chmod 700 a/d; mkdir a/b; echo 1 > a/b/c; touch -d @1 a/b/c a; chown -R 12:13 a"
        )
        #expect(try walk(first("tree")).walk.entries.map(\.line) == walk(second("tree")).walk.entries.map(\.line))
    }

    @Test("owner, mode and time are those asked for")
    func options() throws {
        let scratch = try tree("printf x > a; chmod 4755 a; mkdir d; ln -s a l")
        let (walk, problems) = try walk(scratch("tree"), to: "/") {
            ($0.mode, $0.uid, $0.gid, $0.modified) = (0o640, 7, 8, 9)
        }
        #expect(problems.isEmpty)
        #expect(
            walk.entries.map(\.line) == [
                "dir 750 7:8 @9 /", "file 750 7:8 @9 /a", "dir 750 7:8 @9 /d", "symlink(a) 777 7:8 @9 /l",
            ]
        )
    }

    @Test(
        "what cannot be in an image is refused with what it is",
        .timeLimit(.minutes(1)),
        arguments: [
            ("mkfifo x", "tree.special-file", "it is a named pipe (FIFO)"),
            ("mknod x c 1 3", "tree.special-file", "it is a device"),
            ("mknod x b 7 0", "tree.special-file", "it is a device"),
            (
                "\(Tool.python) -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"x\")'", "tree.special-file",
                "it is a socket"
            ),
            ("printf x > x; chmod 4755 x", "tree.setuid", "it has the setuid or setgid bit (mode 4755)"),
            ("printf x > x; chmod 2755 x", "tree.setuid", "it has the setuid or setgid bit (mode 2755)"),
            ("truncate -s 1T x", "tree.file-too-large", "1099511627776 bytes; the limit is 1000"),
            (
                "ln -s ../../etc/passwd x", "tree.escaping-symlink",
                "its target is `../../etc/passwd`; it would point to something else in the image"
            ),
        ]
    )
    func refused(script: String, code: String, reason: String) throws {
        let scratch = try tree(script + "; printf '' > ok")
        let (walk, problems) = try walk(scratch("tree")) { $0.largestFile = 1000 }
        #expect(codes(problems) == [code])
        #expect(problems.first?.subject == .file(path: scratch("tree/x")))
        #expect(problems.first?.reason == reason)
        #expect(problems.first?.hint != nil)
        // The others are looked at all the same.
        #expect(walk.entries.map(\.path.description) == ["/app", "/app/ok"])
    }

    @Test(
        "names that would delete files of layers below are refused",
        arguments: [".wh.foo", ".wh..wh..opq", ".wh.", "d/.wh.x"]
    )
    func whiteouts(name: String) throws {
        let scratch = try tree("mkdir d; : > '\(name)'")
        #expect(codes(try walk(scratch("tree")).problems) == ["tree.whiteout-name"])
    }

    @Test("names that only look special are ordinary")
    func ordinary() throws {
        let scratch = try tree(
            ": > oci-layout; : > ..data; : > ./-rf; : > '*'; : > .wh; : > 'a b'; : > .hidden; : > CASE; : > case"
        )
        let (walk, problems) = try walk(scratch("tree"))
        #expect(problems.isEmpty)
        #expect(
            walk.entries.dropFirst().map(\.path.description)
                == ["*", "-rf", "..data", ".hidden", ".wh", "CASE", "a b", "case", "oci-layout"].map { "/app/\($0)" }
        )
    }

    @Test("names are bytes and need no encoding")
    func bytes() throws {
        let scratch = try tree(
            #": > "$(printf 'bad\377')"; : > "$(printf 'new\nline')"; : > "$(printf 'esc\033[31m')""#
        )
        let (walk, problems) = try walk(scratch("tree"))
        #expect(problems.isEmpty)
        #expect(
            walk.entries.dropFirst().map { Array($0.path.name) }
                == [Array("bad".utf8) + [0xFF], Array("esc\u{1B}[31m".utf8), Array("new\nline".utf8)]
        )
    }

    @Test("one name in two compositions is two entries and a note")
    func lookalikes() throws {
        let scratch = try tree(#": > "$(printf 'caf\303\251')"; : > "$(printf 'cafe\314\201')""#)
        let (walk, problems) = try walk(scratch("tree"))
        #expect(problems.isEmpty)
        #expect(walk.entries.count == 3)
        #expect(codes(walk.notes) == ["tree.lookalike"])
    }

    @Test("long names and long targets are kept", arguments: [99, 100, 101, 254, 255])
    func longNames(length: Int) throws {
        let name = String(repeating: "n", count: length)
        let scratch = try tree(
            ": > \(name); mkdir -p d/\(name)/\(name); ln -s \(String(repeating: "t/", count: 1500)) link"
        )
        let (walk, problems) = try walk(scratch("tree"))
        #expect(problems.isEmpty)
        #expect(walk.entries.map(\.path.description).contains("/app/d/\(name)/\(name)"))
        #expect(
            walk.entries.contains { $0.content == .symlink(target: Array(String(repeating: "t/", count: 1500).utf8)) }
        )
    }

    @Test("of hard links the first by name is the file, whatever was made first")
    func hardlinks() throws {
        let scratch = try tree(
            "mkdir z; printf x > z/a; ln z/a m; ln z/a b; printf y > ../outside; ln ../outside alone"
        )
        let lines = try walk(scratch("tree")).walk.entries.map(\.line)
        #expect(
            lines == [
                "dir 755 0:0 @0 /app", "file 644 0:0 @0 /app/alone", "file 644 0:0 @0 /app/b",
                "hardlink(/app/b) 644 0:0 @0 /app/m",
                "dir 755 0:0 @0 /app/z", "hardlink(/app/b) 644 0:0 @0 /app/z/a",
            ]
        )
    }

    @Test(
        "a relative target is followed on paper: it escapes if it ever climbs above the top",
        arguments: [
            ("a", "..", true), ("a", ".", false), ("a", "./b/..", false), ("a", "b/../..", true), ("d/a", "..", false),
            ("d/a", "../..", true),
            ("d/a", "../../tree/a", true), ("d/a", "../d/../x", false), ("a", "/../../etc", false),
            ("a", "b//..//../x", true), ("d/e/a", "../../..", true),
            ("d/e/a", "../../x", false), ("a", "...", false),
        ]
    )
    func escaping(name: String, target: String, escapes: Bool) throws {
        let scratch = try tree("mkdir -p d/e; ln -s '\(target)' \(name)")
        #expect(codes(try walk(scratch("tree")).problems) == (escapes ? ["tree.escaping-symlink"] : []))
        let allowed = try walk(scratch("tree")) { $0.allowsEscapingSymlinks = true }
        #expect(allowed.problems.isEmpty)
        #expect(allowed.walk.entries.contains { $0.content == .symlink(target: Array(target.utf8)) })
    }

    @Test("the directory may be named through a symlink, and only it is followed")
    func symlinkedRoot() throws {
        let scratch = try tree(": > file; mkdir ../other; : > ../other/secret; ln -s /../other link")
        try Command("ln", ["-s", "tree", scratch("alias")]).output()
        let entries = try walk(scratch("alias")).walk.entries
        #expect(entries.map(\.path.description) == ["/app", "/app/file", "/app/link"])
    }

    @Test("a directory that cannot be read is an error, not an empty directory", arguments: ["000", "200", "444"])
    func unreadableDirectory(mode: String) throws {
        let scratch = try tree("mkdir d; : > d/x; chmod \(mode) d; chmod 755 ../ .")
        let problems = try withoutRootsRights { try walk(scratch("tree")).problems }
        #expect(codes(problems) == ["tree.unreadable"])
        #expect(problems.first?.subject == .file(path: scratch("tree/d")))
        try Command("chmod", ["755", scratch("tree/d")]).output()
    }

    @Test("file capabilities are noted, for they stay behind")
    func capabilities() throws {
        let scratch = try tree(
            "printf x > run; chmod 755 run; \(Tool.python) -c 'import os; os.setxattr(\"run\", \"security.capability\", bytes.fromhex(\"0100000200040000000000000000000000000000\"))'"
        )
        let (walk, problems) = try walk(scratch("tree"))
        #expect(problems.isEmpty)
        #expect(codes(walk.notes) == ["tree.capabilities"])
        #expect(walk.notes.first?.reason == "its `security.capability` attribute has `NET_BIND_SERVICE`")
    }

    @Test("twenty thousand files are walked in linear time", .timeLimit(.minutes(1)))
    func many() throws {
        let scratch = try tree("\(Tool.python) -c 'for i in range(20000): open(\"file%05d\" % i, \"w\").close()'")
        let (walk, problems) = try walk(scratch("tree"))
        #expect(problems.isEmpty)
        #expect(walk.entries.count == 20_001)
        #expect(walk.entries.last?.path.description == "/app/file19999")
    }

    private func levels(_ count: Int, named name: String) throws -> TemporaryDirectory {
        try tree(
            "\(Tool.python) -c 'import os\nfor i in range(\(count)):\n os.mkdir(\"\(name)\"); os.chdir(\"\(name)\")\nopen(\"file\", \"w\").write(\"bottom\")'"
        )
    }

    @Test("a thousand levels are walked and read", .timeLimit(.minutes(1)))
    func deep() throws {
        let scratch = try levels(1000, named: "dir")
        let (walk, problems) = try walk(scratch("tree"))
        #expect(problems.isEmpty)
        #expect(walk.entries.count == 1002)
        let file = try #require(walk.entries.last)
        #expect(file.path.bytes.count == 3 + 1000 * 4 + 5)
        let layout = LayerLayout(try LayerBlueprint(.application, createdBy: "x", entries: [file]))
        let bytes = try layout.render(from: 0, count: Int(layout.size))
        #expect(bytes.dropLast(1024 + 512 - 6).suffix(6) == ArraySlice("bottom".utf8))
    }

    @Test(
        "a path that is longer than any in an image can be is one problem, however deep it goes on",
        arguments: [3000, 8000]
    )
    func tooDeep(count: Int) throws {
        let scratch = try levels(count, named: "d")
        let start = ContinuousClock.now
        let (walk, problems) = try walk(scratch("tree"))
        #expect(codes(problems) == ["tree.path-too-long"])
        #expect(problems.first?.reason == "it would have 4097 bytes there; Linux allows 4096")
        // `/app`, and as many levels as there is room for.
        #expect(walk.entries.count == 1 + 2046)
        #expect(walk.entries.last?.path.bytes.count == 4095)
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test("ten thousand problems are reported as twenty and a number")
    func manyProblems() throws {
        let scratch = try tree("for i in $(seq 100); do ln -s ../x l$i; done")
        let problems = try walk(scratch("tree")).problems
        #expect(problems.count == 21)
        #expect(problems.last?.summary == "80 more problems like these")
    }

    @Test("ignored entries are not read; entries that a rule brings back are")
    func ignoring() throws {
        let scratch = try tree(
            "mkdir -p node_modules/keep/x secret; : > node_modules/a; : > node_modules/keep/b; mkfifo secret/pipe; : > c.log; : > d"
        )
        let rules = try IgnoreRules(
            parsing: Array("node_modules\n!node_modules/keep\nsecret\n*.log\n".utf8),
            named: ".coracleignore"
        )
        let (walk, problems) = try walk(scratch("tree")) { $0.ignoring = rules }
        #expect(problems.isEmpty)
        #expect(
            walk.entries.map(\.path.description) == [
                "/app", "/app/d", "/app/node_modules/keep", "/app/node_modules/keep/b", "/app/node_modules/keep/x",
            ]
        )
        #expect(walk.ignoredCount == 3)
    }
}
