import Glibc
import TestSupport
import Testing

/// Builds that follow others, with a cache.
@Suite("Building again")
struct RebuildTests {
    /// An application directory whose files look as if they had been there for long, and a cache.
    struct Place {
        let directory: TemporaryDirectory

        init() throws {
            directory = try TemporaryDirectory()
            var generator = Pseudorandom(seed: 5)
            try directory.file("app/hello", Sample.hello, mode: 0o755)
            for index in 0..<300 {
                let bytes = (0..<(generator.next() % 9000)).map { UInt8(truncatingIfNeeded: $0 &* ($0 >> 3)) }
                try directory.file("app/dir-\(index % 7)/file-\(index)", bytes)
            }
        }

        /// Runs `coracle build app`, with its clock a minute on: what is in the directory is old for it then.
        func build(_ options: [String] = [], output: String = "out", clock: String = "+60s") throws -> Outcome {
            try Command(
                "faketime",
                ["-f", clock, Built.dynamic, "build", "app", "-o", output] + options,
                environment: ["CORACLE_CACHE": directory("cache"), "HOME": nil, "NO_FAKE_STAT": "1"],
                directory: directory.path,
                timeLimit: 120
            ).run()
        }

        /// The digest of a build without a cache.
        func clean() throws -> String { try build(["--no-cache"], output: "clean").result }

        /// The files of the cache below `folder`, sorted.
        func cached(_ folder: String) throws -> [String] {
            try Command.shell(#"find "$1" -type f | sort"#, [directory("cache/\(folder)")]).output()
                .split(separator: "\n").map(String.init)
        }
    }

    /// The calls that open files of the application, or its directories.
    private static func opened(
        _ place: Place,
        _ options: [String] = [],
        naming mark: String = "/file-"
    ) throws -> Int {
        try Command(
            "faketime",
            ["-f", "+60s", "strace", "-f", "-qq", "-o", place.directory("trace"), "-e", "trace=openat", Built.dynamic]
                + ["build", "app", "-o", "out"] + options,
            environment: ["CORACLE_CACHE": place.directory("cache"), "HOME": nil, "NO_FAKE_STAT": "1"],
            directory: place.directory.path,
            timeLimit: 120
        ).output()
        return try String(decoding: readFile(place.directory("trace")), as: UTF8.self)
            .split(separator: "\n").count { $0.contains(mark) }
    }

    @Test("an unchanged directory is not read, and the second build prints what the first did")
    func unchanged() throws {
        let place = try Place()
        let first = try place.build()
        #expect(first.end == .exited(0), "\(first.errors)")
        #expect(try Self.opened(place) == 0)
        #expect(try Self.opened(place, naming: "app/dir-") == 0)
        let second = try place.build()
        #expect(second.output == first.output)
        #expect(second.errors == first.errors)
        #expect(try place.clean() == first.result)
        // Elsewhere, and where the output is gone.
        #expect(try place.build(output: "other").result == first.result)
        try Command("rm", ["-r", place.directory("out")]).output()
        #expect(try place.build().result == first.result)
        #expect(try LayoutState(of: place.directory("out")).strays == [])
        #expect(try LayoutState(of: place.directory("other")).strays == [])
    }

    @Test(
        "the document of an unchanged build is the first one's, but for what was reused, and nothing is planned for it"
    )
    func document() throws {
        let place = try Place()
        try place.directory.file("images.yaml", "images:\n  one: {path: app, output: many}\n")
        func same(_ first: Outcome, _ second: Outcome) {
            let reuse = #/"reuse": \{[^}]*\}/#
            #expect(first.end == .exited(0), "\(first.errors)")
            #expect(second.output.replacing(reuse, with: "") == first.output.replacing(reuse, with: ""))
            #expect(first.output.contains(#""reused": false"#) && !second.output.contains(#""reused": false"#))
        }
        let options = ["--json", "--label", "a=b", "--minimal", "--volume", "/data"]
        let first = try place.build(options)
        #expect(try Self.opened(place, options, naming: "app/hello") == 0)
        let second = try place.build(options)
        same(first, second)
        #expect(second.errors == first.errors)
        // A build without a document keeps what one with a document prints.
        #expect(try place.build(["--label", "b=c"]).end == .exited(0))
        #expect(try Self.opened(place, ["--label", "b=c", "--json"], naming: "app/hello") == 0)
        // The same holds for many images.
        func many() throws -> Outcome {
            try Command(
                "faketime",
                ["-f", "+60s", Built.dynamic, "build", "--file", "images.yaml", "--json"],
                environment: ["CORACLE_CACHE": place.directory("many-cache"), "HOME": nil, "NO_FAKE_STAT": "1"],
                directory: place.directory.path,
                timeLimit: 120
            ).run()
        }
        let firstOfMany = try many()
        let secondOfMany = try many()
        same(firstOfMany, secondOfMany)
        #expect(secondOfMany.errors.contains("built one: unchanged"), "\(secondOfMany.errors)")
    }

    @Test("what is written to the blobs of a layout reaches neither the cache nor another layout")
    func shared() throws {
        let place = try Place()
        let first = try place.build()
        #expect(try place.build(output: "other").result == first.result)
        let linked = #"find "$1"/cache "$1"/out "$1"/other -type f -links +1"#
        #expect(try Command.shell(linked, [place.directory.path]).output() == "")
        try Command.shell(#"for f in "$1"/out/blobs/sha256/*; do echo more >>"$f"; done"#, [place.directory.path])
            .output()
        func validate(_ output: String) throws -> Outcome {
            try Built.coracle(["validate", place.directory(output)]).run()
        }
        #expect(try validate("out").end == .exited(4))
        #expect(try validate("other").end == .exited(0))
        // The cache is whole: nothing is read again, and the damaged layout is mended.
        #expect(try Self.opened(place, ["-o", "third"]) == 0)
        #expect(try place.build(output: "third").result == first.result)
        #expect(try validate("third").end == .exited(0))
        #expect(try place.build().result == first.result)
        #expect(try validate("out").end == .exited(0))
    }

    @Test("everything is read with --verify-cache, and after a clock that was set back")
    func readsAll() throws {
        let place = try Place()
        let first = try place.build()
        #expect(try Self.opened(place, ["--verify-cache"]) >= 300)
        #expect(try Self.opened(place, ["--verify-cache"], naming: "app/dir-") > 300)
        #expect(try place.build(clock: "-3600s").result == first.result)
    }

    @Test("files that are younger than two seconds are read again")
    func young() throws {
        let place = try Place()
        // The clock begins with the oldest file, and goes slowly: no machine takes two seconds of it.
        let oldest = try Command("stat", ["-c", "%y", place.directory("app/hello")]).output().split(separator: " ")
        let first = try place.build(clock: "@\(oldest[0]) \(oldest[1]) x0.1")
        #expect(try Self.opened(place) >= 300)
        #expect(try Self.opened(place) == 0)
        #expect(try place.build().result == first.result)
    }

    @Test(
        "a change is seen, whatever it is",
        arguments: [
            "echo more >>app/dir-3/file-3", "rm app/dir-3/file-3", "mv app/dir-3/file-3 app/dir-4/new",
            "echo new >app/dir-0/a", "chmod +x app/dir-3/file-3", "ln -s file-3 app/dir-3/link",
            "ln app/dir-3/file-3 app/dir-3/hard", "mkdir app/dir-9", "echo dir-3 >app/.coracleignore",
            // As large, and as old as far as it says itself.
            "touch -r app/dir-3/file-3 t; tr '\\0-\\377' x <app/dir-3/file-3 >n; cat n >app/dir-3/file-3; touch -r t app/dir-3/file-3",
            "rm app/dir-3/file-10; ln -s ../dir-4/file-11 app/dir-3/file-10",
        ]
    )
    func change(script: String) throws {
        let place = try Place()
        let first = try place.build()
        try Command.shell(script, directory: place.directory.path).output()
        let second = try place.build()
        #expect(second.end == .exited(0), "\(second.errors)")
        #expect(second.result != first.result)
        #expect(try second.result == place.clean())
        #expect(try place.build().result == second.result)
        #expect(try LayoutState(of: place.directory("out")).strays == [])
    }

    @Test(
        "another request is another build",
        arguments: [
            ["--user", "1000"], ["--env", "A=b"], ["--compression-level", "9"], ["--label", "a=b"], ["--dest", "/srv"],
        ]
    )
    func request(options: [String]) throws {
        let place = try Place()
        let first = try place.build()
        let other = try place.build(options)
        #expect(other.result != first.result)
        #expect(try other.result == place.build(options + ["--no-cache"], output: "clean").result)
        #expect(try place.build().result == first.result)
    }

    @Test("a build on a base is answered from the cache until the base's name stands for another image")
    func base() throws {
        let place = try Place()
        let options = ["--base", "oci:base"]
        func base(_ option: String) throws {
            #expect(try place.build(["--dest", option], output: "base").end == .exited(0))
        }
        try base("/first")
        let first = try place.build(options)
        #expect(first.end == .exited(0), "\(first.errors)")
        #expect(try Self.opened(place, options) == 0)
        let second = try place.build(options, output: "other")
        #expect(second.result == first.result)
        #expect(try place.build(options, output: "other").errors == second.errors)
        #expect(try LayoutState(of: place.directory("other")).strays == [])
        try Command("rm", ["-r", place.directory("out")]).output()
        #expect(try Self.opened(place, options) == 0)
        #expect(try LayoutState(of: place.directory("out")).strays == [])

        try base("/second")
        let third = try place.build(options)
        #expect(third.result != first.result)
        #expect(try third.result == place.build(options + ["--no-cache"], output: "clean").result)
        #expect(try Self.opened(place, options) == 0)

        try Command("rm", ["-r", place.directory("base")]).output()
        let gone = try place.build(options)
        #expect(gone.end == .exited(7), "\(gone.errors)")
    }

    @Test("a cache in the application directory does not belong to the application")
    func inside() throws {
        let place = try Place()
        let clean = try place.clean()
        for _ in 0..<3 {
            let outcome = try place.build(["--cache-dir", "app/.cache"])
            #expect(outcome.result == clean, "\(outcome.errors)")
        }
        #expect(try names(in: place.directory("app/.cache")).contains("blobs"))
    }

    @Test("one layer is kept for each lineage")
    func bounded() throws {
        let place = try Place()
        for index in 0..<4 {
            try place.directory.file("app/dir-1/changing", "\(index)")
            _ = try place.build()
        }
        #expect(try place.cached("blobs").count == 2)
        // What each layer was made of, the tree, what the build said, and its files.
        #expect(try place.cached("derived").count == 5)
    }

    // MARK: Damage

    enum Damage: String, CaseIterable, Sendable {
        case flippedBit =
            "python3 -c 'import sys; f=open(sys.argv[1],\"r+b\"); f.seek(100); b=f.read(1); f.seek(100); f.write(bytes([b[0]^4]))' \"$1\""
        case truncated = "truncate -s 50 \"$1\""
        case empty = "truncate -s 0 \"$1\""
        case gone = "rm \"$1\""
        case directory = "rm \"$1\"; mkdir \"$1\""
        case symlink = "mv \"$1\" \"$1.x\"; ln -s \"$1.x\" \"$1\""
        case pipe = "rm \"$1\"; mkfifo \"$1\""
    }

    @Test(
        "corrupt cache entries are found, deleted and made again",
        arguments: Damage.allCases,
        ["blobs", "derived"]
    )
    func damage(damage: Damage, folder: String) throws {
        let place = try Place()
        let first = try place.build()
        for isChanged in [false, true] {
            for file in try place.cached(folder) { try Command.shell(damage.rawValue, [file]).output() }
            try Command("rm", ["-rf", place.directory("out")]).output()
            if isChanged { try place.directory.file("app/dir-1/changed", "x") }
            let second = try place.build()
            #expect(second.end == .exited(0), "\(second.errors)")
            let expected = isChanged ? try place.clean() : first.result
            #expect(second.result == expected, "\(second.errors)")
            #expect(try LayoutState(of: place.directory("out")).strays == [])
            try Command("rm", ["-rf", place.directory("out")]).output()
            #expect(try place.build().result == second.result)
        }
        try Command.shell(
            #"cd "$1" && for f in blobs/sha256/*; do [ -f "$f" ] && echo "$(basename $f)  $f"; done | sha256sum -c --quiet"#,
            [place.directory("cache")]
        ).output()
    }

    @Test("a build that is killed at any moment leaves a cache that builds rightly")
    func killed() throws {
        let place = try Place()
        let clean = try place.clean()
        for delay in stride(from: 0.01, through: 0.6, by: 0.06) {
            try Command.shell(
                #"CORACLE_CACHE="$1/cache" timeout -s KILL "$2" "$3" build app -o "killed-$2" >/dev/null 2>&1; true"#,
                [place.directory.path, "\(delay)", Built.coracle],
                directory: place.directory.path
            ).output()
            #expect(try place.build().result == clean, "\(delay)")
        }
        #expect(try Sample.leftovers(in: place.directory("cache")) == [])
    }

    @Test("eight builds share a cache")
    func eight() throws {
        let place = try Place()
        let clean = try place.clean()
        let script = """
            export CORACLE_CACHE="$PWD/cache"
            for n in 1 2 3 4 5 6 7 8; do "$1" build app -o out-$n >result-$n 2>&1 & done; wait
            grep -h ^sha256 result-* | sort | uniq -c
            """
        for _ in 0..<2 {
            let results = try Command.shell(script, [Built.coracle], directory: place.directory.path, timeLimit: 120)
                .output()
            #expect(results.split(separator: " ").map(String.init) == ["8", "\(clean)\n"], "\(results)")
        }
    }

    @Test("a cache on a full disk does not stop a build")
    func full() throws {
        let place = try Place()
        let clean = try place.clean()
        try place.directory.directory("mnt")
        let script = """
            mount -t tmpfs -o size=64k tmpfs mnt || exit 99
            CORACLE_CACHE="$PWD/mnt/cache" "$1" build app -o full && CORACLE_CACHE="$PWD/mnt/cache" "$1" build app -o full
            """
        let outcome = try Command(
            "unshare",
            ["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh", Built.coracle],
            directory: place.directory.path
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.output == "\(clean)\n\(clean)\n")
    }

    @Test("a cache that is world-writable, or that another version made, is reported and not used")
    func unusable() throws {
        let place = try Place()
        let clean = try place.clean()
        _ = try place.build()
        for script in ["chmod 777 cache", "chmod 700 cache; echo 99 >cache/version"] {
            try Command.shell(script, directory: place.directory.path).output()
            let outcome = try place.build()
            #expect(outcome.result == clean)
            #expect(outcome.errors.contains("cannot be used as a cache"), "\(outcome.errors)")
        }
    }
}

extension Outcome {
    /// The digest that a build printed.
    fileprivate var result: String { String(output.dropLast()) }
}
