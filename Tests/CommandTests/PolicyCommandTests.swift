import TestSupport
import Testing

@Suite("What is refused, and what is reported") struct PolicyCommandTests {
    /// A directory with the program `hello` and one more file.
    private static func application(_ path: String, _ content: String) throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try Command.shell(#"mkdir -p "$(dirname "$1")""#, [place("app/\(path)")]).output()
        try writeFile(place("app/\(path)"), content)
        try writeFile(place("app/hello"), try Sample.hello, mode: 0o755)
        return place
    }

    @Test(
        "a secret is refused with 9, and passes where it is allowed or ignored",
        arguments: [
            (".env", "PASSWORD=x\n", "secret.dotenv"), (".git/config", "[core]\n", "junk.git"),
            ("id_rsa", "x", "secret.private-key"),
        ]
    )
    func secret(path: String, content: String, code: String) throws {
        let place = try Self.application(path, content)
        let refused = try Built.coracle(["build", "app"], directory: place.path).run()
        #expect(refused.end == .exited(9))
        #expect(refused.errors.contains("error[\(code)]"), "\(refused.errors)")
        #expect(try names(in: place.path) == ["app"])
        try Built.coracle(["build", "app", "--allow", code], directory: place.path).output()
        let inspection = try Built.coracle(["inspect", "app.oci"], directory: place.path).output()
        #expect(inspection.contains("annotation   dev.coracle.gate.excused=\(code) /app/"), "\(inspection)")
        try writeFile(place("app/.coracleignore"), "\(path)\n.git\n")
        try Built.coracle(["build", "app"], directory: place.path).output()
    }

    @Test("an image over its budget is refused with 9, and nothing is written")
    func budget() throws {
        let place = try Sample.program()
        let refused = try Built.coracle(["build", "hello", "--max-size", "100kB"], directory: place.path).run()
        #expect(refused.end == .exited(9))
        #expect(refused.errors.contains("error[size.over-budget]: the image has "), "\(refused.errors)")
        #expect(refused.errors.contains("the biggest files, unpacked: `/app/hello` "))
        #expect(try names(in: place.path) == ["hello"])
        try Built.coracle(["build", "hello", "--max-size", "20MiB"], directory: place.path).output()
    }

    @Test(
        "`--kubernetes` prints YAML with the image's digest in the place of the reference",
        arguments: ["build", "plan", "check"]
    )
    func kubernetes(command: String) throws {
        let place = try Sample.program()
        var options = ["-t", "localhost/hello:1", "--volume", "/data"]
        if command == "check" {
            try Built.coracle(["build", "hello"] + options, directory: place.path).output()
            options = []
        }
        let subject = command == "check" ? "hello.oci" : "hello"
        let yaml = try Built.coracle([command, subject, "--kubernetes"] + options, directory: place.path).output()
        let script = """
            import sys, yaml
            spec = yaml.safe_load(sys.argv[1])
            container, = spec["containers"]
            image = container["image"]
            print(image.split("@")[0], container["securityContext"]["runAsUser"])
            print([m["mountPath"] for m in container["volumeMounts"]], "@sha256:" in image)
            """
        #expect(
            try Tool.python(script, [yaml]) == """
                localhost/hello:1 65532
                ['/tmp', '/data'] \(command == "plan" ? "False" : "True")

                """
        )
    }

    @Test("a debug twin without a name is a mistake of usage")
    func namelessTwin() throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build", "hello", "--debug-twin"], directory: place.path).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains("error[plan.twin-without-name]"))
    }

    // MARK: lint

    private static func built(_ options: [String] = []) throws -> TemporaryDirectory {
        let place = try Sample.program()
        try Built.coracle(["build", "hello", "-t", "localhost/hello", "-o", "image"] + options, directory: place.path)
            .output()
        return place
    }

    @Test("lint exits with 0 for a warning, and with 9 for what was made an error")
    func lint() throws {
        let place = try Self.built()
        let printed = try Built.coracle(["lint", "image"], directory: place.path).run()
        #expect(printed.end == .exited(0))
        #expect(
            printed.output.contains("warning[lint.latest-only]: the image has no tag but `latest`"),
            "\(printed.output)"
        )
        #expect(printed.output.hasSuffix("image linux/amd64: 2 warnings\n"), "\(printed.output)")
        let refused = try Built.coracle(
            ["lint", "image", "--rule", "lint.latest-only=error", "--rule", "lint.label-missing=off"],
            directory: place.path
        ).run()
        #expect(refused.end == .exited(9))
        #expect(refused.output.hasSuffix("image linux/amd64: 1 error\n"), "\(refused.output)")
    }

    @Test("coracle.yaml switches rules, names labels, and its errors have a place")
    func settings() throws {
        let place = try Self.built()
        try writeFile(
            place("coracle.yaml"),
            "lint:\n  rules: {lint.latest-only: off}\n  labels: [team]\n  max-age: 30d\n"
        )
        let printed = try Built.coracle(["lint", "image"], directory: place.path).output()
        #expect(
            printed
                == "warning[lint.label-missing]: a label is missing\n  because: `team`\n  hint: add each with `--label`, such as `--label team=…`\nimage linux/amd64: 1 warning\n"
        )
        for (text, words) in [
            ("lint:\n  rulez: {}\n", "coracle.yaml:2"), ("lint:\n  rulez: {}\n", "did you mean `rules`?"),
            ("lint:\n  rules: {lint.shel: off}\n", "did you mean `lint.shell`?"),
            ("lint: {rules: {lint.shell: maybe}}\n", "is not one of `off`, `warning`, `error`"),
            ("lint: {max-age: 30}\n", "is not an age"),
            ("lint: {warn-before: soon}\n", "`soon` is not a length of time"), ("lint: [", "yaml.malformed"),
            ("", "yaml.malformed"),
        ] {
            try writeFile(place("coracle.yaml"), text)
            let outcome = try Built.coracle(["lint", "image"], directory: place.path).run()
            #expect(outcome.end == .exited(3), "\(outcome.errors)")
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
        }
    }

    @Test("an old base is an error, counted from SOURCE_DATE_EPOCH", arguments: [("1000", 0), ("10000000", 9)])
    func age(now: String, code: Int32) throws {
        let place = try Self.built(["--created", "1970-01-01T00:00:00Z"])
        // An image of another program, with a layer of 2020.
        try Command.shell(
            #"cd "$1" && umoci init --layout foreign && umoci new --image foreign:1 && mkdir root && echo x > root/x && umoci insert --image foreign:1 --history.created 2020-01-01T00:00:00Z root /root"#,
            [place.path]
        ).output()
        let outcome = try Built.coracle(
            ["lint", "foreign", "--max-age", "30d", "--rule", "lint.label-missing=off"],
            environment: ["SOURCE_DATE_EPOCH": String(1_577_836_800 + (Int(now) ?? 0))],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(code), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("lint.base-old") == (code == 9))
    }

    // MARK: doctor

    @Test("doctor names the reason, the facts about the image and a hint")
    func doctor() throws {
        let place = try Self.built(["--no-runtime"])
        let printed = try Built.coracle(
            ["doctor", "image", "--says", "x509: certificate signed by unknown authority"],
            directory: place.path
        ).output()
        #expect(
            printed == """
                image linux/amd64
                  because: the program has no certificate authority that it could trust the server by
                  here: the image has no bundle of certificate authorities, such as `/etc/ssl/certs/ca-certificates.crt`
                  hint: build without `--no-ca`; add an authority of your own with `--ca FILE`

                """
        )
    }

    @Test("a text of which nothing is known is 7, with a list of what is known")
    func unknownText() throws {
        let place = try Self.built()
        let outcome = try Built.coracle(["doctor", "image", "--says", "segmentation fault"], directory: place.path)
            .run()
        #expect(outcome.end == .exited(7))
        #expect(outcome.errors.contains("`exec /app/server: exec format error`"), "\(outcome.errors)")
    }
}
