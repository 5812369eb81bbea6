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
