import TestSupport
import Testing

@Suite("The cache's commands")
struct CacheCommandTests {
    /// A cache that has one blob of 6 bytes.
    private static func cache() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        let digest = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
        try place.directory("cache")
        try Command("chmod", ["700", place("cache")]).output()
        // `cache path` makes what a cache has beside its blobs.
        try Built.coracle(["cache", "path", "--cache-dir", place("cache")]).output()
        try place.file("cache/blobs/sha256/\(digest)", "hello\n")
        return place
    }

    @Test("`cache path` says where it is: the option, CORACLE_CACHE, XDG_CACHE_HOME, HOME")
    func path() throws {
        let place = try TemporaryDirectory()
        var environment: [String: String?] = ["HOME": place("home"), "CORACLE_CACHE": nil, "XDG_CACHE_HOME": nil]
        func path(_ arguments: [String] = []) throws -> String {
            try Built.coracle(["cache", "path"] + arguments, environment: environment).output()
        }
        try place.directory("home")
        #expect(try path() == place("home/.cache/coracle") + "\n")
        environment["XDG_CACHE_HOME"] = place("x")
        #expect(try path() == place("x/coracle") + "\n")
        environment["CORACLE_CACHE"] = place("c")
        #expect(try path() == place("c") + "\n")
        #expect(try path(["--cache-dir", place("d")]) == place("d") + "\n")
    }

    @Test("without a home there is no cache, and a note says so")
    func homeless() throws {
        let environment: [String: String?] = ["HOME": nil, "XDG_CACHE_HOME": nil, "CORACLE_CACHE": nil]
        let outcome = try Built.coracle(["cache", "path"], environment: environment).run()
        #expect(outcome.end == .exited(8))
        #expect(outcome.errors.contains("error[cache.absent]"))
    }

    @Test("`cache list` has a line for each blob, and the sum")
    func list() throws {
        let place = try Self.cache()
        let outcome = try Built.coracle(["cache", "list", "--cache-dir", place("cache")]).run()
        #expect(outcome.errors == "1 file, 6 B\n")
        #expect(outcome.output.contains("sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\n"))
        let json = try Built.coracle(["cache", "list", "--json", "--cache-dir", place("cache")]).output()
        try place.file("out.json", json)
        let script = "import json,sys;d=json.load(open(sys.argv[1]));print(d['size'],[e['kind'] for e in d['entries']])"
        #expect(try Tool.python(script, [place("out.json")]) == "6 ['blob']\n")
    }

    @Test(
        "`cache prune` deletes what its options say",
        arguments: [
            (["--all"], true), (["--max-size", "5"], true), (["--max-size", "1kB"], false),
            (["--older-than", "1d"], false),
        ]
    )
    func prune(arguments: [String], deletes: Bool) throws {
        let place = try Self.cache()
        let outcome = try Built.coracle(["cache", "prune", "--cache-dir", place("cache")] + arguments).run()
        #expect(outcome.end == .exited(0))
        #expect(outcome.errors == (deletes ? "deleted 1 file, 6 B\n" : "deleted 0 files, 0 B\n"))
        #expect(try names(in: place("cache/blobs/sha256")).isEmpty == deletes)
    }

    @Test("what is old is what was not used for so long")
    func old() throws {
        let place = try Self.cache()
        try Command.shell(#"touch -d '2 days ago' "$1"/*"#, [place("cache/blobs/sha256")]).output()
        let prune = ["cache", "prune", "--cache-dir", place("cache"), "--older-than"]
        #expect(try Built.coracle(prune + ["3d"]).run().errors == "deleted 0 files, 0 B\n")
        #expect(try Built.coracle(prune + ["47h"]).run().errors == "deleted 1 file, 6 B\n")
    }

    @Test(
        "`cache prune` without options, or with nonsense, deletes nothing",
        arguments: [
            [], ["--all", "--max-size", "1"], ["--all", "--older-than", "1d"], ["--max-size", "much"],
            ["--older-than", "1"], ["--older-than", "-1d"], ["--older-than", "99999999999999999d"],
        ]
    )
    func misuse(arguments: [String]) throws {
        let place = try Self.cache()
        let outcome = try Built.coracle(["cache", "prune", "--cache-dir", place("cache")] + arguments).run()
        #expect(outcome.end == .exited(2), "\(outcome.errors)")
        #expect(try names(in: place("cache/blobs/sha256")).count == 1)
    }

    private static let digest = "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

    /// The same, and what was derived from the blob, sealed as the cache does it.
    private static func sealed() throws -> TemporaryDirectory {
        let place = try cache()
        let script = """
            import hashlib, os, sys
            digest = sys.argv[2]
            seal = hashlib.sha256(b"table-1\\n" + digest.encode() + b"\\ncontent").hexdigest()
            os.makedirs(sys.argv[1] + "/derived/table-1")
            open(sys.argv[1] + "/derived/table-1/" + digest[7:], "w").write(seal + "\\ncontent")
            """
        try Tool.python(script, [place("cache"), digest])
        return place
    }

    @Test("`cache show` sums up by kind, whatever kinds there are")
    func show() throws {
        let place = try Self.sealed()
        let lines = try Built.coracle(["cache", "show", "--cache-dir", place("cache")]).output().split(separator: "\n")
        #expect(
            lines.map { $0.split(separator: " ").prefix(5).joined(separator: " ") } == [
                "blob 1 file 6 B", "table-1 1 file 72 B",
            ]
        )
        let kind = try Built.coracle(["cache", "show", "table-1", "--cache-dir", place("cache")]).output()
        #expect(kind.hasPrefix("table-1 ") && kind.split(separator: "\n").count == 1, "\(kind)")
    }

    @Test(
        "`cache show` prints everything about an entry, by its digest or the beginning of it",
        arguments: [71, 20, 12]
    )
    func showEntry(length: Int) throws {
        let place = try Self.sealed()
        let words = ["cache", "show", String(Self.digest.prefix(length)), "--cache-dir", place("cache")]
        let output = try Built.coracle(words).output()
        for line in [
            "blob  \(Self.digest)", "table-1  \(Self.digest)", "  size       6 B", "  content    verifies",
            "  file       \(place("cache/blobs/sha256/"))\(Self.digest.dropFirst(7))",
        ] {
            #expect(output.contains(line + "\n"), "\(output)")
        }
        let json = try Built.coracle(words + ["--json"]).output()
        try place.file("out.json", json)
        let script = "import json,sys;d=json.load(open(sys.argv[1]));print([e['content'] for e in d['entries']])"
        #expect(try Tool.python(script, [place("out.json")]) == "['verifies', 'verifies']\n")
    }

    @Test("`cache show` of what is not there is 7", arguments: ["nonsense", "sha256:00", ""])
    func showNothing(selection: String) throws {
        let place = try Self.cache()
        let outcome = try Built.coracle(["cache", "show", selection, "--cache-dir", place("cache")]).run()
        #expect(outcome.end == .exited(7))
        #expect(outcome.errors.contains("error[cache.not-found]"))
    }

    @Test(
        "`cache verify` finds what is corrupt, deletes it, and exits with 4",
        arguments: [
            ("blobs/sha256", #"printf x >> "$1""#), ("blobs/sha256", #": > "$1""#),
            ("blobs/sha256", #"rm "$1"; ln -s /etc/passwd "$1""#), ("blobs/sha256", #"rm "$1"; mkfifo "$1""#),
            ("derived/table-1", #"printf x >> "$1""#), ("derived/table-1", #": > "$1""#),
            ("derived/table-1", #"truncate -s 40 "$1""#), ("derived/table-1", #"truncate -s 65 "$1""#),
            ("references", #"mkdir -p "$(dirname "$1")"; echo '{}' > "$1""#),
            ("references", #"mkdir -p "$(dirname "$1")"; truncate -s 10M "$1""#),
        ]
    )
    func verify(folder: String, script: String) throws {
        let place = try Self.sealed()
        let verify = ["cache", "verify", "--cache-dir", place("cache")]
        let whole = try Built.coracle(verify).run()
        #expect(whole.end == .exited(0))
        #expect(whole.errors == "2 files read, all whole\n")
        let path = place("cache/\(folder)/\(Self.digest.dropFirst(7))")
        try Command.shell(script, [path]).output()
        let outcome = try Built.coracle(verify).run()
        #expect(outcome.end == .exited(4), "\(outcome.errors)")
        #expect(outcome.errors.hasSuffix(" files read, 1 corrupt and deleted\n"), "\(outcome.errors)")
        #expect(outcome.output.contains(Self.digest), "\(outcome.output)")
        #expect(try names(in: place("cache/\(folder)")).isEmpty)
        #expect(try Built.coracle(verify).run().end == .exited(0))
        #expect(try readFile("/etc/passwd").count > 0)
    }

    @Test("`cache prune --verify` does the same, and keeps what is whole as old as it was")
    func pruneVerify() throws {
        let place = try Self.sealed()
        try Command.shell(#"touch -d '2 days ago' "$1"/*/*/*"#, [place("cache")]).output()
        try Command.shell(#"for file in "$1"/derived/table-1/*; do printf x >> "$file"; done"#, [place("cache")])
            .output()
        let prune = ["cache", "prune", "--verify", "--cache-dir", place("cache")]
        let outcome = try Built.coracle(prune).run()
        #expect(outcome.end == .exited(4), "\(outcome.errors)")
        #expect(outcome.errors.hasPrefix("2 files read, 1 corrupt and deleted\n"), "\(outcome.errors)")
        #expect(try names(in: place("cache/blobs/sha256")).count == 1)
        let old = try Built.coracle(prune + ["--older-than", "1d"]).run()
        #expect(old.errors == "1 file read, all whole\ndeleted 1 file, 6 B\n")
    }

    @Test("a cache that others may write to is refused")
    func exposed() throws {
        let place = try Self.cache()
        try Command("chmod", ["777", place("cache")]).output()
        let outcome = try Built.coracle(["cache", "list", "--cache-dir", place("cache")]).run()
        #expect(outcome.end == .exited(8))
        #expect(outcome.errors.contains("error[cache.unusable]"))
    }

    @Test("builds beside `cache prune` never fail, and what they write is whole")
    func pruneBesideBuilds() throws {
        let place = try TemporaryDirectory()
        let hello = try Sample.hello
        let environment: [String: String?] = ["CORACLE_CACHE": place("cache")]
        let pruning = try Command.shell(
            #"until [ -e done ]; do "$1" cache prune --all || exit 1; done"#,
            [Built.coracle],
            environment: Built.withoutCache.merging(environment) { $1 },
            directory: place.path,
            timeLimit: 120
        ).start()
        defer { pruning.send(9) }
        try place.file("same", hello, mode: 0o755)
        for round in 0..<4 {
            let builds = try (0..<8).map { number in
                // Half of them are the same build, which finds what another has made.
                let name = number.isMultiple(of: 2) ? "same" : "hello-\(round)-\(number)"
                if name != "same" { try place.file(name, hello + Array(name.utf8), mode: 0o755) }
                return try Built.coracle(
                    ["build", name, "-o", "out", "-t", "app:n\(round)-\(number)"],
                    environment: environment,
                    directory: place.path
                ).start()
            }
            for build in builds {
                let outcome = try build.wait()
                #expect(outcome.end == .exited(0), "\(outcome.errors)")
            }
        }
        try place.file("done", "")
        #expect(try pruning.wait().end == .exited(0))
        let tags = (0..<4).flatMap { round in (0..<8).map { "n\(round)-\($0)" } }
        #expect(try LayoutState(of: place("out")) == LayoutState(tags: tags.sorted()))
    }
}
