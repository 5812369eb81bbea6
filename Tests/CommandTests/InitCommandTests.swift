import TestSupport
import Testing

@Suite("`coracle init`")
struct InitCommandTests {
    private static let dockerfile = """
        FROM scratch
        COPY hello /hello
        RUN frobnicate
        USER 7:7
        ENTRYPOINT ["/hello"]
        HEALTHCHECK --retries=3 CMD ["/hello", "ping"]

        """

    @Test("a file is written that `build` takes, with what has no translation on standard error, and listed in it")
    func written() throws {
        let place = try Sample.program()
        try place.file("Dockerfile", Self.dockerfile)
        let outcome = try Built.coracle(["init", "--name", "shop"], directory: place.path).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(
            outcome.errors == """
                wrote coracle.yaml: 1 image, from Dockerfile
                note: not translated: line 3: `frobnicate`: run it before, or choose a base that has what it makes
                  at: Dockerfile

                """,
            "\(outcome.errors)"
        )
        let text = String(decoding: try readFile(place("coracle.yaml")), as: UTF8.self)
        #expect(text.contains("\n# Not translated:\n#   line 3: `frobnicate`: run it before"), "\(text)")
        let built = try Built.coracle(["build"], directory: place.path).run()
        #expect(built.end == .exited(0), "\(built.errors)")
        let config = try Built.coracle(["inspect", "shop.oci", "--json"], directory: place.path).output()
        #expect(config.contains(#""User": "7:7""#), "\(config)")
        let files = try Built.coracle(["files", "shop.oci"], directory: place.path).output()
        #expect(files.contains("/hello") && !files.contains("/etc"), "\(files)")
    }

    @Test("a file that is there is not replaced, and `-o -` and `--force` are what the error says")
    func replacing() throws {
        let place = try Sample.program()
        try place.file("Dockerfile", Self.dockerfile)
        try place.file("coracle.yaml", "mine\n")
        let refused = try Built.coracle(["init"], directory: place.path).run()
        #expect(refused.end == .exited(2))
        #expect(refused.errors.hasPrefix("error[init.exists]: `coracle.yaml` is there already\n"), "\(refused.errors)")
        #expect(try readFile(place("coracle.yaml")) == Array("mine\n".utf8))
        let printed = try Built.coracle(["init", "--from", "Dockerfile", "-o", "-"], directory: place.path).output()
        #expect(try readFile(place("coracle.yaml")) == Array("mine\n".utf8))
        try Built.coracle(["init", "--force", "--from", "Dockerfile"], directory: place.path).output()
        #expect(try readFile(place("coracle.yaml")) == Array(printed.utf8))
    }

    @Test("a project without a Dockerfile is looked at")
    func project() throws {
        let place = try Sample.program()
        let made = try Built.coracle(["init", "-o", "-", "--name", "x"], directory: place.path).output()
        #expect(made.hasSuffix("images:\n  hello:\n    # a program\n    path: hello\n"), "\(made)")
        let empty = try TemporaryDirectory()
        let refused = try Built.coracle(["init"], directory: empty.path).run()
        #expect(refused.end == .exited(3))
        #expect(refused.errors.hasPrefix("error[init.nothing-found]: "), "\(refused.errors)")
        #expect(try names(in: empty.path).isEmpty)
    }

    @Test(
        "what cannot be translated is refused, with the line, and nothing is written",
        arguments: [
            ("FROM a\nCOPPY x y\n", ["--from", "Dockerfile"], 3, "error[dockerfile.malformed]", "at: Dockerfile:2"),
            ("FROM a\n", ["--target", "x"], 2, "error[init.unknown-file]", "leave `--target` out"),
            ("FROM a\n", ["--from", "gone"], 3, "error[init.unreadable]", "there is no such file"),
            ("FROM a\n", ["--from", "hello"], 2, "error[init.unknown-file]", "`hello`"),
            ("FROM a AS b\n", ["--target", "c"], 2, "error[init.unknown-file]", "its stages are b"),
        ] as [(String, [String], Int32, String, String)]
    )
    func refused(text: String, options: [String], status: Int32, error: String, words: String) throws {
        let place = try Sample.program()
        try place.file("Dockerfile", text)
        let outcome = try Built.coracle(["init"] + options, directory: place.path).run()
        #expect(outcome.end == .exited(status), "\(outcome.errors)")
        #expect(outcome.errors.hasPrefix(error) && outcome.errors.contains(words), "\(outcome.errors)")
        #expect(try names(in: place.path) == ["Dockerfile", "hello"])
    }

    @Test(
        "`build` does not pretend to read a Dockerfile",
        arguments: [["-f", "Dockerfile"], ["--file", "api.Dockerfile"], ["Dockerfile"]]
    )
    func build(options: [String]) throws {
        let place = try Sample.program()
        for name in ["Dockerfile", "api.Dockerfile"] { try place.file(name, Self.dockerfile) }
        for command in ["build", "plan"] {
            let outcome = try Built.coracle([command] + options, directory: place.path).run()
            #expect(outcome.end == .exited(2))
            #expect(outcome.errors.hasPrefix("error[build.dockerfile]: "), "\(outcome.errors)")
            #expect(outcome.errors.contains("`coracle init --from \(options.last ?? "")`; then `coracle build`\n"))
        }
        // A directory may have that name.
        try place.directory("x/Dockerfile")
        let other = try Built.coracle(["plan", "x/Dockerfile"], directory: place.path).run()
        #expect(!other.errors.contains("build.dockerfile"))
    }

    @Test("every key of the expected files is one that a project file has")
    func keys() throws {
        let tests = "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        let folder = "\(tests)/MigrationTests/Golden"
        let help = try HelpTests.help("build")
        let options = Set(help.matches(of: #/--([a-z][a-z-]+)/#).map { String($0.1) })
        let known = options.union(["path", "source", "go", "cargo"])
        for name in try names(in: folder) where name.hasSuffix(".yaml") {
            let text = String(decoding: try readFile("\(folder)/\(name)"), as: UTF8.self)
            let keys = text.matches(of: #/(?m)^ {4}([a-z-]+):/#).map { String($0.1) }
            #expect(!keys.isEmpty && Set(keys).subtracting(known) == [], "\(name)")
        }
    }

    @Test("`--healthcheck` is in the configuration as Docker writes it, and a base's stays")
    func healthcheck() throws {
        let place = try Sample.program()
        func config(_ arguments: [String], _ output: String = "a.oci") throws -> String {
            try Built.coracle(["build", "hello"] + arguments + ["-o", output], directory: place.path).output()
            let json = try Built.coracle(["inspect", output, "--json"], directory: place.path).output()
            try place.file("a.json", json)
            return try Tool.python(
                """
                import json, sys
                config = json.load(open(sys.argv[1]))["images"][0]["config"]["config"]
                print(json.dumps(config.get("Healthcheck"), sort_keys=True))
                """,
                [place("a.json")]
            )
        }
        #expect(try config([]) == "null\n")
        #expect(
            try config(["--healthcheck", #"interval=15s retries=4 CMD ["/app/hello", "ping"]"#])
                == #"{"Interval": 15000000000, "Retries": 4, "Test": ["CMD", "/app/hello", "ping"]}"# + "\n"
        )
        let text = try Built.coracle(["inspect", "a.oci"], directory: place.path).output()
        #expect(text.contains(#"interval=15000ms retries=4 CMD ["/app/hello","ping"]"#), "\(text)")
        #expect(try config(["--base", "oci:a.oci", "--dest", "/x"], "b.oci").contains("ping"))
        #expect(
            try config(["--base", "oci:a.oci", "--dest", "/x", "--healthcheck", "NONE"], "c.oci")
                == #"{"Test": ["NONE"]}"# + "\n"
        )
        let again = try Built.coracle(
            ["reproduce", "oci:a.oci", "--from", "hello"],
            directory: place.path
        ).run()
        #expect(again.end == .exited(0), "\(again.errors)\(again.output)")
    }

    @Test("a pattern adds what it matches, each file under its own name")
    func patterns() throws {
        let place = try Sample.program()
        for name in ["conf/a.conf", "conf/b.conf", "conf/.hidden.conf", "conf/c.txt", "more/x/1", "more/y/2", "a*b"] {
            try place.file(name, name)
        }
        func files(_ additions: String...) throws -> [String] {
            let options = additions.flatMap { ["--add", $0] }
            let words = ["build", "hello", "--no-runtime", "-o", "a.oci"] + options
            try Built.coracle(words, directory: place.path).output()
            let lines = try Built.coracle(["files", "a.oci"], directory: place.path).output()
            return lines.split(separator: "\n").compactMap { line in
                line.split(separator: " ").last.map(String.init).flatMap { $0.hasPrefix("/etc/") ? $0 : nil }
            }.sorted()
        }
        #expect(try files("conf/*.conf:/etc/x/") == ["/etc/x", "/etc/x/a.conf", "/etc/x/b.conf"])
        #expect(try files("conf/{a.conf,c.txt}:/etc/x") == ["/etc/x", "/etc/x/a.conf", "/etc/x/c.txt"])
        #expect(try files("more/?:/etc/x") == ["/etc/x", "/etc/x/1", "/etc/x/2"])
        #expect(try files("a*b:/etc/x") == ["/etc/x"])
        let none = try Built.coracle(["build", "hello", "--add", "conf/{d,e}:/etc/x"], directory: place.path).run()
        #expect(none.end == .exited(3))
        #expect(
            none.errors.hasPrefix("error[add.no-match]: `--add conf/{d,e}:/etc/x` adds nothing\n"),
            "\(none.errors)"
        )
        let bomb = String(repeating: "{a,b}", count: 40)
        let many = try Built.coracle(["build", "hello", "--add", "\(bomb):/etc/x"], directory: place.path).run()
        #expect(many.end == .exited(2))
        #expect(many.errors.contains("more than 10000 alternatives"), "\(many.errors)")
    }
}
