import Glibc
import TestSupport
import Testing

@Suite("What the command prints")
struct OutputTests {
    @Test("standard output is the digest and nothing else; the summary goes to standard error")
    func oneLine() throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build", "hello"], directory: place.path).run()
        #expect(outcome.end == .exited(0))
        #expect(outcome.output.wholeMatch(of: #/sha256:[0-9a-f]{64}\n/#) != nil, "\(outcome.output)")
        #expect(outcome.errors.hasPrefix("wrote hello.oci\n"))
        #expect(try LayoutState(of: place("hello.oci")).tags == [""])
    }

    @Test("with a tag it is the tag as it was typed, and the digest")
    func tagAndDigest() throws {
        let place = try Sample.program()
        let output = try Built.coracle(["build", "hello", "-t", "ghcr.io/me/hello:1.0"], directory: place.path).output()
        #expect(output.wholeMatch(of: #/ghcr\.io/me/hello:1\.0@sha256:[0-9a-f]{64}\n/#) != nil, "\(output)")
    }

    @Test("`--json` prints one JSON document", arguments: ["build", "plan"])
    func json(command: String) throws {
        let place = try Sample.program()
        let outcome = try Built.coracle([command, "hello", "--json", "-t", "a/b:1"], directory: place.path).run()
        try place.file("out.json", outcome.outputBytes)
        let script = """
            import json, sys
            document = json.load(open(sys.argv[1]))
            print(list(document)[0], document["version"], document["names"], [image["platform"] for image in document["images"]])
            """
        #expect(try Tool.python(script, [place("out.json")]) == "version 1 ['a/b:1'] ['linux/amd64']\n")
    }

    @Test(
        "every JSON document begins with its version",
        arguments: [
            "build hello -o other.oci", "plan hello", "inspect hello.oci", "files hello.oci", "validate hello.oci",
            "digest oci:hello.oci", "check hello.oci", "lint hello.oci", "advise hello", "base list", "base show cc",
            "cache list", "cache show", "cache verify", "cache prune --all",
            "doctor hello.oci --says no_such_file_or_directory",
        ]
    )
    func version(command: String) throws {
        let place = try Sample.program()
        try Built.coracle(["build", "hello", "-t", "a/b:1"], directory: place.path).output()
        let words = command.split(separator: " ").map { String($0).replacing("_", with: " ") }
        let cache = ["CORACLE_CACHE": place("cache")]
        try place.directory("cache")
        let outcome = try Built.coracle(words + ["--json"], environment: cache, directory: place.path).run()
        #expect(outcome.output.hasPrefix("{\n  \"version\": 1"), "\(outcome.output.prefix(200))\(outcome.errors)")
    }

    @Test("`plan` writes nothing")
    func planWritesNothing() throws {
        let place = try Sample.program()
        try Built.coracle(["plan", "hello", "-t", "a/b:1"], directory: place.path).output()
        #expect(try names(in: place.path) == ["hello"])
    }

    @Test("a full standard output is a problem of this machine, and the image is written all the same")
    func fullOutput() throws {
        let place = try Sample.program()
        let outcome = try Command.shell(
            #"exec "$1" build hello -o out >/dev/full"#,
            [Built.coracle],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(8))
        #expect(outcome.errors.contains("cannot write to standard output: No space left on device"))
        #expect(outcome.errors.hasSuffix("\n  hint: the image is written all the same\n"), "\(outcome.errors)")
        #expect(try LayoutState(of: place("out")).unreferenced == [])
    }

    @Test("a standard error that takes nothing does not make a failure of a build")
    func fullErrors() throws {
        let place = try Sample.program()
        let outcome = try Command.shell(
            #"exec "$1" build hello -o out 2>/dev/full"#,
            [Built.coracle],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(0))
        #expect(outcome.output.hasPrefix("sha256:"))
    }

    @Test("an archive through a symlink is written to what it leads to, and a symlink to nothing is refused")
    func symlinkedArchive() throws {
        let place = try Sample.program()
        try place.file("real.tar", "")
        try Command.shell("ln -s real.tar link.tar; ln -s gone.tar dangling.tar", directory: place.path).output()
        try Built.coracle(["build", "hello", "-o", "link.tar"], directory: place.path).output()
        let kinds = try Command("stat", ["-c", "%F", place("link.tar"), place("real.tar")]).output()
        #expect(kinds == "symbolic link\nregular file\n")
        try Built.coracle(["validate", "real.tar"], directory: place.path).output()
        let outcome = try Built.coracle(["build", "hello", "-o", "dangling.tar"], directory: place.path).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains("it is a symlink to something that is not there"), "\(outcome.errors)")
        #expect(!exists(place("gone.tar")))
    }

    @Test("a closed pipe ends the command as SIGPIPE would", arguments: ["build hello", "plan hello", "--help"])
    func closedPipe(arguments: String) throws {
        let place = try Sample.program()
        // The reader is gone before the writer begins.
        let script = #"{ sleep 0.1; "$@"; echo $? >code; } | exec head -c0"#
        let words = arguments.split(separator: " ").map(String.init)
        try Command.shell(script, [Built.coracle] + words, directory: place.path).output()
        #expect(try String(decoding: readFile(place("code")), as: UTF8.self) == "141\n")
    }

    @Test("messages show control characters instead of sending them to the terminal")
    func escaping() throws {
        let place = try Sample.program()
        let hostile = "no\u{1B}[31m\u{7}pe\u{9B}x\r\n"
        for arguments in [
            ["build", hostile], ["build", "hello", "-t", hostile], ["build", "hello", "--created", hostile],
        ] {
            let outcome = try Built.coracle(arguments, directory: place.path).run()
            #expect([2, 3].contains(outcome.exitCode))
            let control = outcome.errors.unicodeScalars.filter {
                $0.properties.generalCategory == .control && $0 != "\n"
            }
            #expect(control.isEmpty, "\(outcome.errors.debugDescription)")
            #expect(outcome.errors.contains(#"\x1b[31m"#))
        }
    }

    @Test("several mistakes are reported together")
    func together() throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(
            ["build", "hello", "-t", "BAD", "--platform", "x", "--env", "novalue", "--jobs", "0"],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(2))
        let codes = outcome.errors.matches(of: #/error\[([a-z.-]+)\]/#).map { String($0.1) }
        #expect(codes.sorted() == ["platform.malformed", "reference.malformed", "usage.malformed", "usage.malformed"])
    }

    @Test("mistakes in several programs are reported together")
    func programsTogether() throws {
        let place = try Sample.program()
        try place.file("script", "#!/bin/sh\n", mode: 0o755)
        let outcome = try Built.coracle(["build", "missing", "script"], directory: place.path).run()
        #expect(outcome.end == .exited(3))
        let codes = outcome.errors.matches(of: #/error\[([a-z.-]+)\]/#).map { String($0.1) }
        #expect(codes == ["program.unreadable", "program.not-elf"])
    }
}
