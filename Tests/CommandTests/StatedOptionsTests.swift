import TestSupport
import Testing

@Suite("Words of the command line that are done or refused")
struct StatedOptionsTests {
    @Test("`-o -` writes an archive to standard output, and nothing stays behind")
    func standardOutput() throws {
        let place = try Sample.program()
        try place.directory("tmp")
        let outcome = try Command.shell(
            #"TMPDIR=tmp "$1" build hello -t a:1 -o - >image.tar"#,
            [Built.coracle],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("a:1@sha256:"))
        #expect(outcome.errors.contains("wrote an archive to standard output\n"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("tmp/"), "\(outcome.errors)")
        try Built.coracle(["validate", "image.tar"], directory: place.path).output()
        #expect(try names(in: place("tmp")).isEmpty)
    }

    @Test(
        "an output that coracle does not write is refused with what to write instead",
        arguments: [
            ("x.tar.gz", "-o x.tar"), ("x.tgz", "-o x.tar"), ("type=registry", "--push"),
            ("type=local,dest=x", "-o DIR"),
            ("type=oci", "dest=FILE.tar"), ("oci:x", "-o DIR"), ("docker-archive:x.tar", "-o FILE.tar"),
        ]
    )
    func refusedOutput(output: String, way: String) throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build", "hello", "-o", output], directory: place.path).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains("error[usage.malformed]: `--output \(output)` is not understood"))
        #expect(outcome.errors.contains(way), "\(outcome.errors)")
        #expect(try names(in: place.path) == ["hello"])
    }

    @Test(
        "docker's words for an output are understood",
        arguments: [("type=oci,dest=x.tar", "x.tar"), ("type=docker,dest=y", "y"), ("type=oci,dest=z,tar=false", "z")]
    )
    func described(output: String, file: String) throws {
        let place = try Sample.program()
        try Built.coracle(["build", "hello", "-t", "a:1", "-o", output], directory: place.path).output()
        try Built.coracle(["validate", file], directory: place.path).output()
    }

    @Test("the layer for the image's user repeats nothing of the runtime layer's report")
    func userLayer() throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build", "hello", "--user", "1000", "-o", "a"], directory: place.path).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("coracle: for user 1000:1000"))
        #expect(outcome.errors.split(separator: "+ zoneinfo").count == 2, "\(outcome.errors)")
    }

    @Test(
        "ports are taken as other programs write them",
        arguments: [
            ("8080,9090/udp", ["8080/tcp", "9090/udp"]), ("8000-8002", ["8000/tcp", "8001/tcp", "8002/tcp"]),
            ("8000-8001/udp,1", ["1/tcp", "8000/udp", "8001/udp"]),
        ]
    )
    func ports(text: String, expected: [String]) throws {
        let place = try Sample.program()
        let plan = try Built.coracle(["plan", "hello", "--expose", text], directory: place.path).output()
        for port in expected { #expect(plan.contains("    port         \(port)\n"), "\(plan)") }
    }

    @Test("ports that are not are refused", arguments: ["0", "8000-7000", "1-2-3", "1-2000", "80,", "80/icmp"])
    func noPorts(text: String) throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["plan", "hello", "--expose", text], directory: place.path).run()
        #expect(outcome.end == .exited(2))
    }

    @Test("a value that names a variable of the image is written as it is, and the value is named that may be meant")
    func literalValue() throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(
            ["build", "hello", "-o", "a", "--env", "PATH=/opt:${PATH}", "--env", "PRICE=$5"],
            directory: place.path
        ).run()
        let path = "/opt:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        #expect(outcome.errors.contains("write `--env 'PATH=\(path)'`"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("PRICE"))
    }

    @Test(
        "words that contradict, or mean nothing, are refused",
        arguments: [
            (["--mkdir", "/a:0755", "--mkdir", "/a:0700"], "`/a` is to be two different things"),
            (["--mkdir", "/a", "--symlink", "/a/:/b"], "`/a/` is to be two different things"),
            (["--bare"], "`--bare` means nothing without a repository"),
            (["--label", "a"], "because: it is not NAME=VALUE\n"),
            (["-t", "repo:1.0+build"], "write it like `repo:1.0-build`"),
            (["-t", "Repo/App:1"], "write it like `repo/app:1`"),
            (["--add", "*.txt:/x"], "`*` is not expanded"),
        ]
    )
    func refused(options: [String], message: String) throws {
        let place = try Sample.program()
        let environment: [String: String?] = ["CORACLE_REPO": nil, "KO_DOCKER_REPO": nil]
        let outcome = try Built.coracle(
            ["build", "hello", "-o", "a"] + options,
            environment: environment,
            directory: place.path
        ).run()
        #expect(outcome.end != .exited(0))
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }

    @Test("a line of words for `--cmd` is refused with the array that is meant")
    func sentence() throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build", "hello", "--cmd", "serve --addr :80"], directory: place.path).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains(#"`--cmd '["serve", "--addr", ":80"]'`"#), "\(outcome.errors)")
        try Built.coracle(["build", "hello", "--cmd", #"["serve", "--addr", ":80"]"#], directory: place.path).output()
        try Built.coracle(["build", "hello", "--cmd", #"["one word"]"#], directory: place.path).output()
    }

    @Test("authorities may come from a pipe")
    func authorities() throws {
        let place = try Sample.program()
        let script = #"""
            openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out ca.pem -days 30 -subj /CN=mine \
              -addext basicConstraints=critical,CA:TRUE 2>/dev/null && cat ca.pem | "$1" build hello --ca /dev/stdin
            """#
        let outcome = try Command.shell(script, [Built.coracle], directory: place.path).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("trusts `CN = mine`"))
    }

    @Test("a CI system's commit becomes a label, and does not if it is not wanted")
    func labels() throws {
        let place = try Sample.program()
        let environment: [String: String?] = ["GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567"]
        try Built.coracle(["build", "hello", "-o", "a"], environment: environment, directory: place.path).output()
        let label = "org.opencontainers.image.revision=0123456789abcdef0123456789abcdef01234567"
        #expect(try Built.coracle(["inspect", "a"], directory: place.path).output().contains(label))
        try Built.coracle(
            ["build", "hello", "-o", "b", "--no-vcs-labels"],
            environment: environment,
            directory: place.path
        )
        .output()
        #expect(try !Built.coracle(["inspect", "b"], directory: place.path).output().contains(label))
    }
}
