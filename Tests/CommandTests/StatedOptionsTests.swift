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

    @Test("`--xattrs security.capability` keeps what `setcap` has set, of programs, of what is added, and of a base")
    func fileCapabilities() throws {
        let place = try Sample.program()
        try place.directory("more")
        let programs = ["hello", "added", "more/program"].map { place($0) }
        try Tool.python(
            """
            import os, shutil, sys
            for name in sys.argv[3:]: shutil.copy(sys.argv[2], name)
            for name in sys.argv[2:]: os.setxattr(name, "security.capability", bytes.fromhex(sys.argv[1]))
            """,
            [Self.mayBindPorts] + programs
        )
        let words = ["build", "hello", "--add", "added:/bin/added", "--add", "more:/opt/more", "-o", "image"]
        let without = try Built.coracle(words, directory: place.path).run()
        #expect(
            without.errors.contains("file capabilities are not carried into the image (and 2 more)"),
            "\(without.errors)"
        )
        #expect(try capabilities(in: place("image")).isEmpty)
        let outcome = try Built.coracle(words + ["--xattrs", "security.capability"], directory: place.path).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(!outcome.errors.contains("capabilities"), "\(outcome.errors)")
        let expected = ["app/hello", "bin/added", "opt/more/program"].map { "\($0) \(Self.mayBindPorts)" }
        #expect(try capabilities(in: place("image")) == expected)
        let above = ["build", "hello", "--base", "oci:image", "--dest", "/other", "-o", "above"]
        try Built.coracle(above, directory: place.path).output()
        #expect(try capabilities(in: place("above")) == expected)
        let refused = try Built.coracle(words + ["--xattrs", "user.x"], directory: place.path).run()
        #expect(refused.end == .exited(2))
    }

    /// `cap_net_bind_service=ep`, as the file system has it.
    private static let mayBindPorts = "0100000200040000000000000000000000000000"

    /// The files of a layout's layers with capabilities, and these, as Python's tar reader finds them.
    private func capabilities(in layout: String) throws -> [String] {
        let text = try Tool.python(
            """
            import glob, sys, tarfile
            found = set()
            for path in glob.glob(sys.argv[1] + "/blobs/sha256/*"):
                try: archive = tarfile.open(path)
                except tarfile.ReadError: continue
                for member in archive:
                    value = member.pax_headers.get("SCHILY.xattr.security.capability")
                    if value: found.add(member.name + " " + value.encode("utf-8", "surrogateescape").hex())
            print("\\n".join(sorted(found)))
            """,
            [layout]
        )
        return text.split(separator: "\n").map(String.init)
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
            (["--add", "*.txt:/x"], "error[add.no-match]: `--add *.txt:/x` adds nothing"),
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

    @Test("a whole bundle of authorities is one note, and what has expired of it is one warning")
    func manyAuthorities() throws {
        let place = try Sample.program()
        let bundle = "\(FixtureProgram.sources)/../../Bases/ca-certificates.crt"
        let outcome = try Built.coracle(
            ["build", "hello", "--ca-only", bundle, "--created", "2200-01-01T00:00:00Z"],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let lines = outcome.errors.split(separator: "\n")
        #expect(lines.filter { $0.contains("certificate authorities") && $0.hasPrefix("note: trusts") }.count == 1)
        #expect(lines.filter { $0.hasPrefix("warning: ") && $0.hasSuffix("certificates have expired") }.count == 1)
    }

    @Test("what has expired by the user's clock is a warning, whatever the image's date is")
    func expiredToday() throws {
        let place = try Sample.program()
        let script = #"""
            openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out ca.pem -days 1 -subj /CN=mine \
              -addext basicConstraints=critical,CA:TRUE 2>/dev/null
            openssl x509 -in ca.pem -signkey k.pem -days -1 -out old.pem 2>/dev/null || exit 77
            "$1" build hello --ca old.pem --no-cache
            """#
        let outcome = try Command.shell(script, [Built.coracle], directory: place.path).run()
        try #require(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("warning: the certificate `CN = mine` has expired"), "\(outcome.errors)")
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
