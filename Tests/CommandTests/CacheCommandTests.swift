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

    @Test("without a home there is no cache, and that is said")
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
        "`cache prune` deletes what it is told to",
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
        "`cache prune` that is told nothing, or nonsense, deletes nothing",
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

    @Test("a cache that others may write to is refused")
    func exposed() throws {
        let place = try Self.cache()
        try Command("chmod", ["777", place("cache")]).output()
        let outcome = try Built.coracle(["cache", "list", "--cache-dir", place("cache")]).run()
        #expect(outcome.end == .exited(8))
        #expect(outcome.errors.contains("error[cache.unusable]"))
    }
}
