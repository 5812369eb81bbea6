import Glibc
import TestSupport
import Testing

@Suite("Many images by one command")
struct BatchCommandTests {
    /// A directory with programs `bin/NAME`, distinct, and `images.yaml`, which lists them.
    static func project(_ names: [String], _ text: String) throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        // Bytes after the end of an ELF file change the layer and not the program.
        for name in names { try place.file("bin/\(name)", Sample.hello + Array(name.utf8), mode: 0o755) }
        try place.file("images.yaml", text)
        return place
    }

    private static let three = """
        defaults: {path: "bin/{name}", output: images.oci, tag: "ghcr.io/me/{name}:1.0"}
        images: {one: , two: {env: {X: y}}, three: }
        """

    private func build(_ place: TemporaryDirectory, _ arguments: [String]) throws -> Outcome {
        try Built.coracle(["build", "--file", "images.yaml"] + arguments, directory: place.path).run()
    }

    /// What `jq`-like Python says about a JSON document.
    private func ask(_ json: String, _ expression: String) throws -> String {
        let place = try TemporaryDirectory()
        try place.file("out.json", json)
        let script = "import json,sys;d=json.load(open(sys.argv[1]));print(\(expression))"
        return try Tool.python(script, [place("out.json")])
    }

    @Test("one reference each, in the order of the file, and the images that single builds make")
    func references() throws {
        let place = try Self.project(["one", "two", "three"], Self.three)
        let outcome = try build(place, [])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let single = try ["one", "two", "three"].map { name in
            let environment = name == "two" ? ["-e", "X=y"] : []
            return try Built.coracle(
                ["build", "bin/\(name)", "-t", "ghcr.io/me/\(name):1.0", "-o", "single.oci"] + environment,
                directory: place.path
            ).output()
        }
        #expect(outcome.output == single.joined())
        #expect(outcome.errors.contains("wrote images.oci: 3 images\n3 images, 4 layers, "), "\(outcome.errors)")
        try Command("diff", ["-r", place("single.oci"), place("images.oci")]).output()
        #expect(try LayoutState(of: place("images.oci")).unreferenced == [])
        #expect(try names(in: place.path) == ["bin", "images.oci", "images.yaml", "single.oci"])
    }

    @Test("building again changes no byte")
    func again() throws {
        let place = try Self.project(["one", "two", "three"], Self.three)
        let first = try build(place, [])
        try Command("cp", ["-r", place("images.oci"), place("before")]).output()
        #expect(try build(place, ["-j", "1"]).output == first.output)
        try Command("diff", ["-r", place("before"), place("images.oci")]).output()
    }

    @Test("images that were built before are recalled, and those that changed are built")
    func recalled() throws {
        let place = try Self.project(["one", "two", "three"], Self.three)
        try place.directory("cache")
        try Command.shell(#"chmod 700 "$1"/cache; touch -d '1 minute ago' "$1"/bin/*"#, [place.path]).output()
        // Times of change cannot be set: what is younger than two seconds is not believed.
        sleep(3)
        func build() throws -> Outcome {
            let environment = ["CORACLE_CACHE": place("cache")]
            return try Built.coracle(
                ["build", "-f", "images.yaml"],
                environment: environment,
                directory: place.path
            ).run()
        }
        let first = try build()
        #expect(first.errors.contains("built two: linux/amd64"), "\(first.errors)")
        let second = try build()
        #expect(second.output == first.output)
        for name in ["one", "two", "three"] {
            #expect(second.errors.contains("built \(name): unchanged"), "\(second.errors)")
        }
        try place.file("bin/two", Sample.hello + Array("changed".utf8), mode: 0o755)
        try Command("rm", ["-r", place("images.oci")]).output()
        let third = try build()
        #expect(third.errors.contains("built one: unchanged") && third.errors.contains("built two: linux/amd64"))
        let (before, after) = (first.output.split(separator: "\n"), third.output.split(separator: "\n"))
        #expect(before[0] == after[0] && before[1] != after[1] && before[2] == after[2])
        #expect(try LayoutState(of: place("images.oci")).unreferenced == [])
        // What the cache lost is made again.
        try Command.shell(#"rm "$1"/cache/blobs/sha256/*"#, [place.path]).output()
        #expect(try build().output == third.output)
        #expect(try LayoutState(of: place("images.oci")).unreferenced == [])
    }

    @Test("`coracle.yaml` is meant where nothing is named, beside what `lint` reads in it")
    func usualFile() throws {
        let place = try Self.project(["one", "two", "three"], Self.three)
        let named = try build(place, []).output
        try place.file("coracle.yaml", "lint: {rules: {lint.shell: off}}\n" + Self.three)
        #expect(try Built.coracle(["build"], directory: place.path).output() == named)
        #expect(try Built.coracle(["plan"], directory: place.path).output().hasPrefix("one:\n  would write images.oci"))
        let lint = try Built.coracle(["lint", "oci:images.oci:ghcr.io/me/one:1.0"], directory: place.path).run()
        #expect(!lint.errors.contains("yaml."), "\(lint.errors)")
        try place.file("coracle.yaml", "lint: {rules: {lint.shell: off}}\n")
        let none = try Built.coracle(["build"], directory: place.path).run()
        #expect(none.end == .exited(2))
        #expect(none.errors.contains("error[plan.no-path]"), "\(none.errors)")
    }

    @Test("`--json` is one document with all images, and what they have")
    func json() throws {
        let place = try Self.project(["one", "two", "three"], Self.three)
        let output = try build(place, ["--json"]).output
        #expect(try ask(output, "[i['name'] for i in d['images']]") == "['one', 'two', 'three']\n")
        #expect(try ask(output, "len({i['images'][0]['layers'][0]['digest'] for i in d['images']})") == "1\n")
        let plan = try Built.coracle(["plan", "-f", "images.yaml", "--json"], directory: place.path).output()
        #expect(try ask(plan, "[i['names'] for i in d['images']][1]") == "['ghcr.io/me/two:1.0']\n")
    }

    @Test("paths are relative to the file, options on the command line to where the command runs, and these win")
    func paths() throws {
        let text = """
            defaults: {path: "bin/{name}", add: "etc:/etc/app", env: {A: "1", B: "1"}, tag: file}
            images: {one: , two: }
            """
        let place = try Self.project(["one", "two"], text)
        try place.file("etc/x", "x")
        try place.directory("else:where")
        try Command.shell(#"mv "$1"/bin "$1"/etc "$1"/images.yaml "$1/else:where""#, [place.path]).output()
        let arguments = ["build", "-f", "else:where/images.yaml"]
        let outcome = try Built.coracle(arguments, directory: place.path).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(try names(in: place("else:where")) == ["bin", "etc", "images.yaml", "one.oci", "two.oci"])
        #expect(outcome.output.hasPrefix("file@sha256:"))
        let typed = ["-o", "here.oci", "-e", "B=2", "-t", "typed", "--only", "one", "--json"]
        let json = try Built.coracle(arguments + typed, directory: place.path).output()
        #expect(try ask(json, "[i['names'] for i in d['images']]") == "[['typed']]\n")
        let config = try Built.coracle(["inspect", "here.oci", "--json"], directory: place.path).output()
        let named = try Built.coracle(arguments + ["-t", "me/{name}:2", "-o", "x.oci"], directory: place.path).output()
        #expect(named.split(separator: "\n").map { $0.prefix(9) } == ["me/one:2@", "me/two:2@"])
        #expect(config.contains(#""A=1""#) && config.contains(#""B=2""#) && !config.contains(#""B=1""#), "\(config)")
    }

    @Test("all problems of all images are reported at once, shared ones once, and nothing is written")
    func problems() throws {
        let text = """
            defaults: {path: "bin/{name}", output: images.oci, tag: "a/{name}:1"}
            images:
              one:
              gone:
              odd: {tag: BAD, env: [novalue]}
              two: {path: same, user: "-1"}
              three: {path: same}
            """
        let place = try Self.project(["one", "odd"], text)
        let outcome = try build(place, [])
        #expect(outcome.end == .exited(3), "\(outcome.errors)")
        let lines = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("error") || $0.hasPrefix("  also") }.map
        { line in
            line.replacing(#/`: `.*/#, with: "`")
        }
        #expect(
            lines == [
                "error[program.unreadable]: image `gone`", "  also: images `two`, `three`",
                "error[reference.malformed]: image `odd`", "error[usage.malformed]: image `odd`",
                "error[configuration.malformed]: image `two`",
            ]
        )
        #expect(outcome.output == "")
        #expect(try names(in: place.path) == ["bin", "images.yaml"])
    }

    @Test("`--keep-going` builds the others, lists the failures, and exits with the status of the first one")
    func keepGoing() throws {
        let text = """
            defaults: {path: "bin/{name}", output: images.oci, tag: "a/{name}:1"}
            images: {one: , bad: {max-size: 1kB}, gone: , two: }
            """
        let place = try Self.project(["one", "bad", "two"], text)
        let outcome = try build(place, ["--keep-going"])
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        #expect(outcome.output.split(separator: "\n").map { $0.prefix(7) } == ["a/one:1", "a/two:1"])
        #expect(outcome.errors.contains("error[size.over-budget]: image `bad`: "), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[program.unreadable]: image `gone`: "))
        #expect(outcome.errors.hasSuffix("; 2 images failed\n"))
        #expect(try LayoutState(of: place("images.oci")).tags.count == 2)
        #expect(try LayoutState(of: place("images.oci")).unreferenced == [])
        let json = try build(place, ["-k", "--json"]).output
        #expect(
            try ask(json, "[i.get('errors', [{}])[0].get('code') for i in d['images']]")
                == "[None, 'size.over-budget', 'program.unreadable', None]\n"
        )
    }

    @Test("without it the first failure ends the build, and its layout is not there")
    func stopping() throws {
        let text = """
            defaults: {path: "bin/{name}", output: images.oci, tag: "a/{name}:1"}
            images: {one: , bad: {max-size: 1kB}, two: }
            """
        let place = try Self.project(["one", "bad", "two"], text)
        let outcome = try build(place, ["-j", "1"])
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[size.over-budget]: image `bad`: "), "\(outcome.errors)")
        #expect(outcome.output == "")
        #expect(try names(in: place.path) == ["bin", "images.yaml"])
    }

    @Test(
        "two images in one place are an error before anything is written",
        arguments: [
            ("a: {output: x.tar}, b: {output: ./x.tar}", "`./x.tar` is already image `a`'s"),
            ("a: {output: x.oci}, b: {output: bin/../x.oci}", "image `a` has no name in `bin/../x.oci` either"),
            ("a: {output: x, tag: n}, b: {output: x, tag: docker.io/library/n:latest}", "is already image `a`"),
            ("a: {output: x, tag: m:latest-debug}, b: {output: x, tag: m, debug-twin: true}", "is already image `a`"),
            (
                "a: {push: true, tag: localhost:1/n}, b: {push: true, tag: [o, localhost:1/n:latest]}",
                "is already image `a`"
            ),
        ]
    )
    func samePlace(images: String, problem: String) throws {
        let place = try Self.project(["hello"], "defaults: {path: bin/hello}\nimages: {\(images)}")
        let outcome = try build(place, ["--keep-going", "--shard", "2/2", "--offline"])
        #expect(outcome.end == .exited(2), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[batch.same-place]: image `b`: "), "\(outcome.errors)")
        #expect(outcome.errors.contains(problem), "\(outcome.errors)")
    }

    @Test("the shares of four machines are all images, none twice, and the same ones as by one machine")
    func shards() throws {
        let names = (1...10).map { "image-\($0)" }
        let text = """
            defaults: {path: "bin/{name}", tag: "a/{name}:1"}
            images: [\(names.map { "{name: \($0)}" }.joined(separator: ", "))]
            """
        let place = try Self.project(names, text)
        let all = try build(place, []).output.split(separator: "\n")
        var shares = [[Substring]]()
        for number in 1...4 {
            let output = try build(place, ["--shard", "\(number)/4", "-o", "share\(number).oci"]).output
            shares.append(output.split(separator: "\n"))
        }
        #expect(shares.flatMap(\.self).sorted() == all.sorted())
        #expect(Set(shares.map(\.count)) == [2, 3])
    }

    @Test(
        "`--only` chooses by name and pattern",
        arguments: [(["one"], 1), (["t*"], 2), (["*"], 3), (["one", "t??"], 2)]
    )
    func only(patterns: [String], count: Int) throws {
        let place = try Self.project(["one", "two", "three"], Self.three)
        let output = try build(place, patterns.flatMap { ["--only", $0] }).output
        #expect(output.split(separator: "\n").count == count)
    }

    @Test(
        "what contradicts itself is refused",
        arguments: [
            (["build", "bin/one", "--file", "images.yaml"], "usage.conflict"),
            (["build", "bin/one", "--shard", "1/2"], "usage.conflict"),
            (["build", "bin/one", "-k"], "usage.conflict"), (["build", "--only", "x"], "usage.conflict"),
            (["build", "-f", "images.yaml", "--only", "tree"], "usage.malformed"),
            (["build", "-f", "images.yaml", "--shard", "3"], "shard.malformed"),
        ]
    )
    func misuse(arguments: [String], code: String) throws {
        let place = try Self.project(["one", "two", "three"], Self.three)
        let outcome = try Built.coracle(arguments, directory: place.path).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains("error[\(code)]"), "\(outcome.errors)")
        #expect(try names(in: place.path) == ["bin", "images.yaml"])
    }

    @Test("a pipe is reported, and does not count as an empty file", arguments: ["build --file", "lint out --config"])
    func pipe(command: String) throws {
        let place = try TemporaryDirectory()
        let script = #"mkfifo pipe && exec "$1" \#(command) pipe"#
        let outcome = try Command.shell(script, [Built.coracle], directory: place.path).run()
        #expect(outcome.end != .exited(0))
        #expect(outcome.errors.contains("Invalid argument"), "\(outcome.errors)")
    }

    @Test("every option about one image can stand in the file, by its name")
    func keys() throws {
        let place = try TemporaryDirectory()
        let help = try Built.coracle(["help", "build"]).output()
        // What is said once for all images, or where else they come from.
        let others: Set<String> = [
            "load", "load-to", "file", "only", "shard", "keep-going", "profile", "jobs", "json", "version", "help",
            "progress",
            "oci-layout-path",
            "from", "reference-file", "image-refs", "metadata-file", "ci", "ci-dir",
            "image-label", "image-annotation", "image-user", "mirror", "snapshot", "bases", "squash-base", "cache-dir",
            "lock", "no-lock", "locked", "latest", "keyring",
            "no-cache",
            "verify-cache", "offline",
            "ca-cert", "insecure-registry", "min-rate", "verify-push",
        ]
        let names = Set(help.matches(of: #/(?m)^ {2}(?:-[a-zA-Z], )?--([a-z-]+)/#).map { String($0.1) }).union([
            "output"
        ])
        for name in names.subtracting(others) {
            try place.file("images.yaml", "images: {a: {\(name): {x: [y]}}}")
            let outcome = try Built.coracle(["plan", "-f", "images.yaml"], directory: place.path).run()
            #expect(outcome.errors.contains("yaml.unexpected"))
            #expect(
                !outcome.errors.contains("`images.a.\(name)` is not known"),
                "--\(name) is not a key of an images file"
            )
        }
        #expect(names.count > 30)
    }

    @Test("a signal leaves nothing behind", arguments: [SIGTERM, SIGINT, SIGKILL])
    func interrupted(signal: Int32) throws {
        let names = (1...30).map { "image-\($0)" }
        let text = """
            defaults: {path: "bin/{name}", output: images.oci, tag: "a/{name}:1"}
            images: [\(names.map { "{name: \($0)}" }.joined(separator: ", "))]
            """
        let place = try Self.project(names, text)
        try Built.coracle(["build", "bin/image-1", "-o", "images.oci", "-t", "keep:1"], directory: place.path).output()
        let before = try readFile(place("images.oci/index.json"))
        for moment in [200_000, 500_000, 900_000] as [UInt32] {
            let running = try Built.coracle(["build", "-f", "images.yaml"], directory: place.path).start()
            usleep(moment)
            running.send(signal)
            guard try running.wait().end != .exited(0) else { return }
            #expect(try readFile(place("images.oci/index.json")) == before)
            #expect(try signal == SIGKILL || LayoutState(of: place("images.oci")) == LayoutState(tags: ["1"]))
        }
        // The next build removes what a killed one left, but for blobs that it could not tell from those of others.
        try Built.coracle(["build", "bin/image-1", "-o", "images.oci", "-t", "keep:1"], directory: place.path).output()
        var state = try LayoutState(of: place("images.oci"))
        if signal == SIGKILL { state.unreferenced = [] }
        #expect(state == LayoutState(tags: ["1"]))
    }
}
