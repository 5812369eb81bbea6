import Glibc
import TestSupport
import Testing

@Suite("A disk that is full, read-only or failing")
struct FailingDiskTests {
    /// Runs `coracle build hello -o mnt/out` with a tmpfs mounted at `mnt`, in a mount namespace of its own; then lists
    /// what is in `mnt` on standard error.
    private func build(onTmpfs options: String) throws -> Outcome {
        let place = try Sample.program()
        try place.directory("mnt")
        let script = """
            mount -t tmpfs -o "$2" tmpfs mnt || exit 99
            "$1" build hello -o mnt/out
            code=$?
            ls -A mnt >&2
            exit $code
            """
        return try Command(
            "unshare",
            ["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", Built.coracle, options],
            directory: place.path
        ).run()
    }

    @Test("a full disk is 8, and nothing is left on it", arguments: ["8k", "100k", "400k", "800k"])
    func full(size: String) throws {
        let outcome = try build(onTmpfs: "size=\(size)")
        #expect(outcome.end == .exited(8), "\(outcome.errors)")
        #expect(outcome.errors.contains("No space left on device"))
        // The hint is the last line: what `ls` says after it would be a leftover.
        #expect(outcome.errors.hasSuffix("write to another place with `-o`\n"), "\(outcome.errors)")
    }

    @Test("no inodes are as bad as no space", arguments: [1, 2, 3, 4, 6, 8])
    func noInodes(count: Int) throws {
        let outcome = try build(onTmpfs: "nr_inodes=\(count)")
        #expect(outcome.end == .exited(8), "\(outcome.errors)")
        #expect(outcome.errors.hasSuffix("write to another place with `-o`\n"), "\(outcome.errors)")
    }

    @Test("a read-only place is 8")
    func readOnly() throws {
        let outcome = try build(onTmpfs: "ro")
        #expect(outcome.end == .exited(8))
        #expect(outcome.errors.contains("Read-only file system"))
    }

    @Test("an output in a directory that is not there is 8", arguments: ["no/such/out", "no/such/out.tar"])
    func missingParent(output: String) throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build", "hello", "-o", output], directory: place.path).run()
        #expect(outcome.end == .exited(8), "\(outcome.errors)")
        #expect(outcome.errors.contains("No such file or directory"))
        #expect(try names(in: place.path) == ["hello"])
    }

    @Test("a file-size limit is 8, not the end by a signal", arguments: [0, 1, 100, 500], ["out", "out.tar"])
    func fileSizeLimit(blocks: Int, output: String) throws {
        let place = try Sample.program()
        let outcome = try Command.shell(
            #"ulimit -f \#(blocks); exec "$@" 2>/dev/null"#,
            [Built.coracle, "build", "hello", "-o", output],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(8))
        #expect(try names(in: place.path) == ["hello"])
    }

    @Test("twenty descriptors are enough, for a very deep directory, too")
    func fewDescriptors() throws {
        let place = try Sample.program()
        let deep = (0..<60).map { "d\($0)" }.joined(separator: "/")
        try place.file("app/\(deep)/file", "x")
        try place.file("app/hello", Sample.hello, mode: 0o755)
        let outcome = try Command.shell(
            #"ulimit -n 20; exec "$@""#,
            [Built.coracle, "build", "app"],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
    }

    /// Below seven, libdispatch has no room for its own four beside the three standard ones, and traps.
    @Test("too few descriptors are 8, and nothing is left", arguments: [7, 8, 9])
    func tooFewDescriptors(count: Int) throws {
        let place = try Sample.program()
        let outcome = try Command.shell(
            #"ulimit -n \#(count); exec "$@""#,
            [Built.coracle, "build", "hello", "-o", "out"],
            directory: place.path
        ).run()
        guard outcome.end != .exited(0) else { return }
        #expect(outcome.end == .exited(8), "\(outcome.errors)")
        #expect(outcome.errors.contains("Too many open files"))
        #expect(try names(in: place.path) == ["hello"])
    }

    /// The system call, the error, and how many calls to let one fail of.
    @Test(
        "one failing system call is 8, and the layout is as it was",
        arguments: [
            ("write", "ENOSPC", 22), ("fsync", "EIO", 10), ("linkat", "ENOSPC", 8), ("rename", "EIO", 1),
            ("mkdir", "ENOSPC", 2),
        ]
    )
    func injected(call: String, error: String, count: Int) throws {
        let place = try Sample.program()
        try Built.coracle(["build", "hello", "-o", "out", "-t", "app:keep"], directory: place.path).output()
        try place.file("hello", try Sample.hello + [0], mode: 0o755)
        let before = try readFile(place("out/index.json"))
        var refused = 0
        for number in 1...count {
            let outcome = try Command(
                "strace",
                [
                    "-f", "-qq", "-o", place("trace"), "-e", "trace=\(call)", "-e",
                    "inject=\(call):error=\(error):when=\(number)",
                    Built.coracle, "build", "hello", "-o", "out", "-t", "app:new",
                ],
                // Whether something can be kept in a cache is not an error.
                environment: Built.withoutCache,
                directory: place.path
            ).run()
            let state = try LayoutState(of: place("out"))
            #expect(state.strays == [])
            #expect(try Sample.leftovers(in: place.path) == [])
            switch outcome.end {
            case .exited(8) where !["standard output", "has the image"].contains(where: outcome.errors.contains):
                refused += 1
                #expect(try readFile(place("out/index.json")) == before, "\(call) \(number)")
            case .exited(0), .exited(8):
                // What failed was a message to standard error, or nothing; or the image was there when its name could
                // not be printed.
                #expect(state.tags == ["keep", "new"], "\(call) \(number)")
                try writeFile(place("out/index.json"), before)
            default:
                Issue.record("\(call) \(number): \(outcome.end) \(outcome.errors)")
            }
        }
        #expect(refused > 0, "no injected error was met")
    }

    @Test("if the last synchronisation fails, the message says that the image is there")
    func lastSynchronisation() throws {
        let place = try Sample.program()
        // The directory above the layout is synchronised last.
        let outcome = try Command(
            "strace",
            [
                "-f", "-qq", "-o", place("trace"), "-P", place.path, "-e", "trace=fsync", "-e",
                "inject=fsync:error=EIO", Built.coracle, "build", "hello", "-o", "out",
            ],
            environment: Built.withoutCache,
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(8), "\(outcome.errors)")
        #expect(outcome.errors.contains("`out` has the image"), "\(outcome.errors)")
        #expect(try LayoutState(of: place("out")).unreferenced == [])
    }

    @Test("a layout that cannot be locked is not changed")
    func unlockable() throws {
        let place = try Sample.program()
        try Built.coracle(["build", "hello", "-o", "out", "-t", "app:keep"], directory: place.path).output()
        let before = try readFile(place("out/index.json"))
        // Every call: strace counts them by thread, and which thread publishes is unknown.
        let outcome = try Command(
            "strace",
            [
                "-f", "-qq", "-o", place("trace"), "-e", "trace=flock", "-e", "inject=flock:error=ENOLCK",
                Built.coracle, "build", "hello", "-o", "out", "-t", "app:new",
            ],
            environment: Built.withoutCache,
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(8), "\(outcome.errors)")
        #expect(outcome.errors.contains("cannot lock the layout"), "\(outcome.errors)")
        #expect(try readFile(place("out/index.json")) == before)
        #expect(try LayoutState(of: place("out")) == LayoutState(tags: ["keep"]))
    }
}
