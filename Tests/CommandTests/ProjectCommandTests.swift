import TestSupport
import Testing

@Suite("A project that `coracle.yaml` describes")
struct ProjectCommandTests {
    private func project(_ text: String, _ others: [String: String] = [:]) throws -> TemporaryDirectory {
        let place = try BatchCommandTests.project(["one", "two", "three"], "images: {one: {path: bin/one}}\n")
        try place.file("coracle.yaml", text)
        for (name, text) in others { try place.file(name, text) }
        return place
    }

    private func run(_ place: TemporaryDirectory, _ words: String, _ environment: [String: String?] = [:]) throws
        -> Outcome
    {
        let arguments = words.split(separator: " ").map(String.init)
        return try Built.coracle(arguments, environment: environment, directory: place.path).run()
    }

    // MARK: One image

    @Test(
        "keys at the top make the image that the same options make",
        arguments: ["build", "build .", "build -f coracle.yaml"]
    )
    func single(words: String) throws {
        let place = try project("path: bin/one\ntag: 'x/{name}:1'\nenv: {A: b}\nuser: 7\n")
        let expected = try run(place, "build bin/one -t x/one:1 -e A=b --user 7 -o other.oci")
        let outcome = try run(place, words)
        #expect(outcome.output == expected.output, "\(outcome.errors)")
        #expect(try names(in: place.path) == ["bin", "coracle.yaml", "images.yaml", "one.oci", "other.oci"])
    }

    @Test("what is typed wins, a name names the image, and the file's directory is where it stands")
    func typed() throws {
        let place = try project(
            "lint: {}\n",
            ["sub/coracle.yaml": "path: ../bin/{name}\nname: two\nenv: {A: b}\nuser: 7\n"]
        )
        let outcome = try run(place, "build -f sub/coracle.yaml --user 8")
        #expect(outcome.errors.contains(", user 8:8\n"), "\(outcome.errors)")
        #expect(try names(in: place("sub")) == ["coracle.yaml", "two.oci"])
    }

    @Test("without a path the image is of the file's directory, as `build .` makes it without a file")
    func directory() throws {
        let place = try TemporaryDirectory()
        try place.file("site/index.html", "<h1>hello</h1>")
        let expected = try run(place, "build site --user 9 -o ../site.oci")
        try place.file("site/coracle.yaml", "user: 9\n")
        let outcome = try Built.coracle(["build", "."], directory: place("site")).run()
        #expect(outcome.end == expected.end, "\(outcome.errors)\(expected.errors)")
        #expect(outcome.output == expected.output)
    }

    @Test("a path means itself, and the file is not read", arguments: ["build bin/one", "plan bin/two"])
    func path(words: String) throws {
        let place = try project("nonsense: [\n")
        #expect(try run(place, words).end == .exited(0))
        #expect(try run(place, "build .").errors.contains("error[yaml.malformed]"))
    }

    @Test(
        "options that mean nothing are refused",
        arguments: [
            ("build --only one", "`--only` is about many images, and one was named"),
            ("plan --shard 1/2", "`--shard` is about many images, and one was named"),
            ("build bin/one --profile x", "`--profile` is about a file, and a path was named"),
            ("build --profile x", "no profile is called `x`"), ("config --image x", "no image is called `x`"),
            ("config --profile relaese", "did you mean `release`?"),
        ]
    )
    func misuse(words: String, problem: String) throws {
        let place = try project("path: bin/one\nprofiles: {release: }\n")
        let outcome = try run(place, words)
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains(problem), "\(outcome.errors)")
    }

    // MARK: What it means

    private static let whole = """
        extends: team/base.yaml
        tag: "ghcr.io/me/{name}:${VERSION:-dev}"
        env: {A: "1", TOKEN: "${TOKEN}", "B C": " x: # y", DOLLAR: "$${HOME} $5"}
        images:
          one: {path: bin/one, entrypoint: ["/app/one", "--a b", "null", "-x: y"]}
          two: {path: bin/two, env: {A: "2", EMPTY: ""}, base: {image: one}, minimal: false, compression-level: 3, go: {tags: a}}
        profiles:
          release: {push: false, label: ["x=y"], images: {two: {user: 77}}}
        """
    private static let team = "label: {team: a=b}\nadd: motd:/etc/motd\nenv: {A: '0', Z: 'null'}\n"

    @Test("the result of `config` describes the same images", arguments: ["", " --profile release"])
    func sameMeaning(profile: String) throws {
        let place = try project(Self.whole, ["team/base.yaml": Self.team, "team/motd": "hello"])
        let environment = ["TOKEN": "hunter2hunter2", "VERSION": "1.0"]
        let printed = try run(place, "config\(profile)", environment)
        #expect(printed.end == .exited(0), "\(printed.errors)")
        try place.file("flat.yaml", printed.output)
        let expected = try run(place, "build\(profile)", environment)
        #expect(expected.end == .exited(0), "\(expected.errors)")
        #expect(try run(place, "build -f flat.yaml", environment).output == expected.output)
        // Only the places are others.
        func values(_ text: String) -> [Substring] {
            text.split(separator: "\n").map { $0.split(separator: "  # ", maxSplits: 1)[0] }
        }
        #expect(try values(run(place, "config flat.yaml", environment).output) == values(printed.output))
    }

    @Test("what the environment holds is never printed", arguments: ["", " --json", " --json --image one"])
    func secrets(options: String) throws {
        let place = try project(Self.whole, ["team/base.yaml": Self.team])
        let outcome = try run(place, "config\(options)", ["TOKEN": "hunter2hunter2"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.output.contains("${TOKEN}") && outcome.output.contains("environment"))
        #expect(!(outcome.output + outcome.errors).contains("hunter2"))
        let wrong = try project("path: x\npush: '${TOKEN}'\ncompression-level: '${TOKEN}'\n")
        let problems = try run(wrong, "config\(options)", ["TOKEN": "hunter2hunter2"])
        #expect(problems.end == .exited(3) && !problems.errors.contains("hunter2"), "\(problems.errors)")
    }

    @Test("each value has the place where it is written")
    func places() throws {
        let place = try project(Self.whole, ["team/base.yaml": Self.team])
        let output = try run(place, "config --profile release --image two", ["TOKEN": "x"]).output
        let expected = """
            images:
              two:
                path: [bin/two]  # coracle.yaml:6:15
                tag: ["ghcr.io/me/two:dev"]  # coracle.yaml:2:6, for all images, default of VERSION
                push: false  # coracle.yaml:8:19, profile release, for all images
                base: {image: one}  # coracle.yaml:6:64
                add: ["team/motd:/etc/motd"]  # team/base.yaml:2:6, extended by coracle.yaml, for all images
                minimal: false  # coracle.yaml:6:79
                env:
                  A: 2  # coracle.yaml:6:33
                  Z: "null"  # team/base.yaml:3:18, extended by coracle.yaml, for all images
                  TOKEN: "${TOKEN}"  # coracle.yaml:3:22, for all images, environment TOKEN
                  "B C": " x: # y"  # coracle.yaml:3:41, for all images
                  DOLLAR: "$${HOME} $5"  # coracle.yaml:3:60, for all images
                  EMPTY: ""  # coracle.yaml:6:45
                label:
                  team: a=b  # team/base.yaml:1:15, extended by coracle.yaml, for all images
                  x: y  # coracle.yaml:8:34, profile release, for all images
                user: 77  # coracle.yaml:8:63, profile release
                compression-level: 3  # coracle.yaml:6:105
                go:
                  tags: [a]  # coracle.yaml:6:119

            """
        #expect(output == expected)
    }

    // MARK: Groups

    /// An option with a value that it takes, in each group.
    private static let grouped = """
        source: {no-build: true}
        base: {from: "oci:base.oci"}
        output: {path: x.oci, tag: "x/one:1"}
        files: {add: "notes:/etc/notes", mkdir: /data}
        config: {env: {A: b}, labels: {c: d}, ports: [80, 81], volumes: [/data], user: 7, cmd: [serve], created: "2", mtime: "1"}
        layers: {compression-level: 3}
        policy: {max-size: 20MiB, allow: run.library-missing}
        sign: {provenance-output: p.json}
        sbom: {format: cyclonedx, output: x.cdx.json}
        """
    private static let typed =
        "build bin/one --no-build --base oci:base.oci -o y.oci -t x/one:1 --add notes:/etc/notes --mkdir /data"
        + " --mtime 1 -e A=b -l c=d --expose 80 --expose 81 --volume /data --user 7 --cmd serve --created 2"
        + " --compression-level 3 --max-size 20MiB --allow run.library-missing --provenance-output p.json"
        + " --sbom cyclonedx --sbom-output x.cdx.json"

    @Test("an image that is written in groups is the one that the same options make")
    func groups() throws {
        let grouped = try project("path: bin/one\n" + Self.grouped, ["notes": "hello"])
        #expect(try run(grouped, "build bin/two -o base.oci").end == .exited(0))
        let expected = try run(grouped, Self.typed)
        let document = try readFile(grouped("x.cdx.json"))
        let outcome = try run(grouped, "build")
        #expect(outcome.end == .exited(0) && outcome.output == expected.output, "\(outcome.errors)\(expected.errors)")
        #expect(try readFile(grouped("x.oci/index.json")) == readFile(grouped("y.oci/index.json")))
        #expect(try readFile(grouped("x.cdx.json")) == document)
        // What `config` prints is the same image again, without groups.
        let flat = try run(grouped, "config")
        #expect(flat.output.contains("\nenv:\n  A: b  # coracle.yaml:6:"), "\(flat.output)")
        try grouped.file("flat.yaml", flat.output)
        #expect(try run(grouped, "build -f flat.yaml").output == expected.output)
    }

    @Test("each key of an image but `path` stands in a group, by its own name as well")
    func groupOfEach() throws {
        let place = try project("")
        let script = """
            import json, sys
            schema = json.load(open(sys.argv[1]))
            image = schema['$defs']['image']['properties']
            groups = {name: definition['properties'] for name, definition in schema['$defs'].items()
                      if name.startswith('below-')}
            tools = ['go', 'cargo', 'swift', 'maven', 'gradle', 'python', 'node']
            keys = [key for key in image if 'below-' + key not in groups or 'anyOf' in image[key]]
            print([key for key in keys if key not in ('path', 'source')
                   and not any(key in group for group in groups.values())])
            print(all(tool in groups['below-source'] for tool in tools))
            print(sorted(name[6:] for name in groups if name[6:] not in tools))
            """
        try place.file("schema.json", run(place, "config --schema").output)
        #expect(
            try Tool.python(script, [place("schema.json")]) == """
                []
                True
                ['base', 'config', 'files', 'kubernetes', 'layers', 'output', 'policy', 'sbom', 'sign', 'source']

                """
        )
    }

    @Test("`kubernetes` in a group prints what a pod needs")
    func kubernetes() throws {
        let place = try project("path: bin/one\nkubernetes: {print: true}\nconfig: {user: 7}\n")
        let outcome = try run(place, "build")
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(try outcome.output == run(place, "build bin/one --kubernetes --user 7 -o one.oci").output)
        #expect(outcome.output.contains("runAsUser: 7"), "\(outcome.output)")
    }

    // MARK: Lint

    @Test("`lint` reads what a profile says over the files, and a profile that is not there is refused")
    func lintProfile() throws {
        let place = try project(
            """
            extends: team.yaml
            path: bin/one
            tag: x
            lint: {rules: {lint.latest-only: warning}}
            profiles:
              release: {lint: {rules: {lint.label-missing: off}}}
              empty:
              wrong: {lint: {rules: {lint.latestonly: off}}}
            """,
            ["team.yaml": "profiles: {release: {lint: {rules: {lint.latest-only: error}}}}\n"]
        )
        #expect(try run(place, "build --profile release").end == .exited(0))
        let plain = try run(place, "lint one.oci --profile empty")
        #expect(plain.end == .exited(0), "\(plain.output)\(plain.errors)")
        #expect(plain.output.contains("warning[lint.latest-only]") && plain.output.contains("[lint.label-missing]"))
        let release = try run(place, "lint one.oci --profile release")
        #expect(release.end == .exited(9), "\(release.output)\(release.errors)")
        #expect(release.output.contains("error[lint.latest-only]") && !release.output.contains("lint.label-missing"))
        let wrong = try run(place, "lint one.oci --profile wrong")
        #expect(wrong.end == .exited(3) && wrong.errors.contains("did you mean `lint.latest-only`?"), "\(wrong.errors)")
        let unknown = try run(place, "lint one.oci --profile relaese")
        #expect(unknown.end == .exited(2) && unknown.errors.contains("did you mean `release`?"), "\(unknown.errors)")
    }

    @Test("`lint` reads what a team says first")
    func lint() throws {
        let place = try project(
            "extends: team.yaml\npath: bin/one\ntag: x\nlint: {rules: {lint.label-missing: off}}\n",
            ["team.yaml": "lint: {rules: {lint.label-missing: error, lint.latest-only: error}, labels: [a.b]}\n"]
        )
        #expect(try run(place, "build").end == .exited(0))
        let codes = ["lint.label-missing", "lint.latest-only"]
        let found = try run(place, "lint one.oci").output
        #expect(codes.map { found.contains("error[\($0)]") } == [false, true], "\(found)")
        let team = try run(place, "lint one.oci --config team.yaml").output
        #expect(codes.map { team.contains("error[\($0)]") } == [true, true], "\(team)")
    }

    // MARK: Images on images

    private static let stack = """
        tag: "x/{name}:1"
        output: images.oci
        images:
          top: {path: bin/three, base: {image: middle}}
          middle: {path: bin/two, base: {image: bottom}, env: {A: b}}
          bottom: {path: bin/one}
        """

    @Test("images stand on the digests of those that were built before them, in the order of the file")
    func stack() throws {
        let place = try project(Self.stack)
        let outcome = try run(place, "build --json")
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let single = try [
            "one -t x/bottom:1", "two -t x/middle:1 -e A=b --base oci:s.oci:x/bottom:1",
            "three -t x/top:1 --base oci:s.oci:x/middle:1",
        ].map { try run(place, "build bin/\($0) -o s.oci") }
        #expect(single.allSatisfy { $0.end == .exited(0) }, "\(single.map(\.errors))")
        try Command("diff", ["-r", place("s.oci"), place("images.oci")]).output()
        let script = "import json,sys;d=json.load(open(sys.argv[1]));print([i['name'] for i in d['images']])"
        try place.file("out.json", outcome.output)
        #expect(try Tool.python(script, [place("out.json")]) == "['top', 'middle', 'bottom']\n")
        let again = try run(place, "build")
        #expect(again.output.split(separator: "\n").map { $0.prefix(5) } == ["x/top", "x/mid", "x/bot"])
    }

    @Test("a part of the file brings what it stands on")
    func part() throws {
        let place = try project(Self.stack)
        let all = try run(place, "build -o all.oci").output.split(separator: "\n")
        #expect(try run(place, "build --only middle").output.split(separator: "\n") == Array(all[1...]))
        #expect(try run(place, "build --only bottom").output.split(separator: "\n") == Array(all[2...]))
        let shares = try (1...3).map { try run(place, "build --shard \($0)/3 -o s.oci").output.split(separator: "\n") }
        #expect(Set(shares.joined()) == Set(all))
    }

    @Test("`plan` plans all of them, writes nothing, and leaves nothing")
    func plan() throws {
        let place = try project(Self.stack)
        let temporary = try TemporaryDirectory()
        let outcome = try run(place, "plan", ["TMPDIR": temporary.path])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.output.contains("base middle: "), "\(outcome.output)")
        #expect(try names(in: temporary.path) == [])
        #expect(try names(in: place.path) == ["bin", "coracle.yaml", "images.yaml"])
    }

    @Test("with `--keep-going` what stands on a failed image fails with it, and the others are built")
    func failing() throws {
        let place = try project(Self.stack.replacing("A: b}", with: "A: b}, max-size: 1kB"))
        let outcome = try run(place, "build -k")
        #expect(outcome.end == .exited(3) || outcome.end == .exited(9), "\(outcome.errors)")
        #expect(outcome.output.split(separator: "\n").map { $0.prefix(8) } == ["x/bottom"])
        #expect(outcome.errors.contains("error[size.over-budget]: image `middle`: "), "\(outcome.errors)")
        #expect(
            outcome.errors.contains(
                "error[batch.base-failed]: image `top`: it stands on image `middle`, which was not built"
            ),
            "\(outcome.errors)"
        )
        let stopped = try run(place, "build -o other.oci")
        #expect(stopped.end == .exited(9) && stopped.output == "", "\(stopped.errors)")
    }

    @Test("images that are only pushed are bases where they were pushed to")
    func pushed() throws {
        let registry = try RegistryServer()
        let place = try project(
            """
            tag: "127.0.0.1:\(registry.port)/{name}:1"
            push: true
            sbom: none
            images:
              bottom: {path: bin/one}
              top: {path: bin/two, base: {image: bottom}}
            """
        )
        let outcome = try run(place, "build")
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let digests = outcome.output.split(separator: "\n").map { $0.split(separator: "@")[1] }
        let top = try run(place, "inspect 127.0.0.1:\(registry.port)/top:1 --json").output
        #expect(top.contains(digests[0]), "\(top)")
    }
}
