import TestSupport
import Testing

@Suite("podman gets images")
struct PodmanLoadTests {
    /// A `podman` for PATH that keeps everything in `place`.
    static func own(_ place: TemporaryDirectory) throws -> String {
        let podman = try Tool.path(of: "podman")
        let words = [
            "--root", place("storage"), "--runroot", place("run"), "--storage-driver", "vfs", "--cgroup-manager",
            "cgroupfs",
        ]
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        try place.file(
            "programs/podman",
            "#!/bin/sh\nPATH='\(Environment.current["PATH"] ?? "")' exec '\(podman)' \(quoted) \"$@\"\n",
            mode: 0o755
        )
        return place("programs/podman")
    }

    static func facts(_ podman: String, _ name: String) throws -> String {
        try Command(podman, ["image", "inspect", "--format", "{{.Digest}} {{.NamesHistory}}", name]).output()
    }

    @Test("a layout by its program, with all its names, and the digest stays")
    func load() throws {
        let place = try TemporaryDirectory()
        try Command.shell("mkdir programs", directory: place.path).output()
        let podman = try Self.own(place)
        try Sample.image(in: place, ["-t", "example.com/hello:1"])
        let outcome = try Built.coracle(
            ["load", "hello.oci", "--name", "example.com/a:1", "--name", "example.com/b:2"],
            environment: Sample.alone(place),
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let digest = try Sample.digest(outcome.output)
        #expect(outcome.output == "example.com/a:1@\(digest)\nexample.com/b:2@\(digest)\n")
        #expect(outcome.errors.contains("into podman: its program \(podman) is there"), "\(outcome.errors)")
        for name in ["example.com/a:1", "example.com/b:2"] {
            #expect(try Self.facts(podman, name).hasPrefix(digest))
        }
    }

    @Test("an image without a name is called after its file, and that is said")
    func named() throws {
        let place = try TemporaryDirectory()
        try Command.shell("mkdir programs", directory: place.path).output()
        let podman = try Self.own(place)
        try Sample.image(in: place, [])
        let outcome = try Built.coracle(
            ["load", "hello.oci", "--to", "podman"],
            environment: Sample.alone(place),
            directory: place.path
        ).run()
        #expect(
            outcome.errors.contains("note: the image has no name, and is called `hello:latest`"),
            "\(outcome.errors)"
        )
        let digest = try Sample.digest(outcome.output)
        #expect(try Self.facts(podman, "docker.io/library/hello:latest").hasPrefix(digest))
    }

    @Test("`build --load` leaves nothing here, twice as once; archives on standard output are taken, too")
    func build() throws {
        let place = try TemporaryDirectory()
        try Command.shell("mkdir programs work", directory: place.path).output()
        let podman = try Self.own(place)
        let program = try FixtureProgram.go("hello").path()
        let environment = Sample.alone(place, ["CORACLE_CACHE": place("cache")])
        for _ in 0..<2 {
            let outcome = try Built.coracle(
                ["build", program, "--load", "-t", "example.com/built:1"],
                environment: environment,
                directory: place("work")
            ).run()
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
            #expect(outcome.errors.contains("loaded example.com/built:1 into podman"), "\(outcome.errors)")
            #expect(try Self.facts(podman, "example.com/built:1").hasPrefix(Sample.digest(outcome.output)))
        }
        #expect(try names(in: place("work")) == [])
        let plan = try Built.coracle(
            ["plan", program, "--load-to", "podman"],
            environment: environment,
            directory: place("work")
        ).output()
        #expect(plan.contains("would load as hello:latest into an engine of this machine"), "\(plan)")
        let script = #"""
            set -e; "$1" build "$2" -t example.com/p:1 -o - | "$3" load -q
            "$1" build "$2" -t example.com/p:2 -o here.oci >/dev/null
            "$1" copy oci:here.oci - | "$3" load -q
            "$1" load here.oci --name example.com/p:3 -o - | "$3" load -q
            """#
        let said = try Command.shell(
            script,
            [Built.coracle, program, podman],
            environment: ["HOME": nil, "CORACLE_CACHE": nil, "XDG_CACHE_HOME": nil],
            directory: place("work")
        ).output()
        #expect(
            said
                == "Loaded image: example.com/p:1\nLoaded image: example.com/p:2\nLoaded image: example.com/p:3\n"
        )
    }

    @Test("one platform of two, and `--platform` for another one than this machine's")
    func platforms() throws {
        let place = try TemporaryDirectory()
        try Command.shell("mkdir programs", directory: place.path).output()
        let podman = try Self.own(place)
        try Sample.index(in: place)
        for (options, expected) in [([], "amd64"), (["--platform", "linux/arm64"], "arm64")] {
            try Built.coracle(
                ["load", "both.oci"] + options,
                environment: Sample.alone(place),
                directory: place.path
            ).output()
            let found = try Command(
                podman,
                ["image", "inspect", "--format", "{{.Architecture}}", "example.com/both:1"]
            ).output()
            #expect(found == "\(expected)\n")
        }
        let none = try Built.coracle(
            ["load", "both.oci", "--platform", "linux/s390x"],
            environment: Sample.alone(place),
            directory: place.path
        ).run()
        #expect(none.end == .exited(7), "\(none.errors)")
        #expect(none.errors.contains("error[image.platform-missing]"))
    }

    @Test("a program that fails, or dies in the middle, or reads nothing, is an error that says what it said")
    func failing() throws {
        let place = try TemporaryDirectory()
        // What a pipe holds is written before a program that reads nothing has ended: the archive is larger.
        try Command.shell("mkdir programs; head -c 4000000 /dev/urandom >large", directory: place.path).output()
        try Sample.image(in: place, ["-t", "example.com/hello:1", "--add", "large:/large"])
        for (script, expected) in [
            ("cat >/dev/null; echo 'Error: no space left' >&2; exit 125", "and says: Error: no space left"),
            ("read x; kill -9 $$", "it was ended by signal 9"),
            ("exit 0", "it ended without reading the whole archive"),
            ("exec <&-; exit 3", "it ended with status 3"),
            ("cat >/dev/null; echo 'open x: permission denied' >&2; exit 1", "error[engine.denied]"),
        ] {
            try place.file("programs/podman", "#!/bin/sh\nPATH=/usr/bin:/bin\n\(script)\n", mode: 0o755)
            let outcome = try Built.coracle(
                ["load", "hello.oci"],
                environment: Sample.alone(place),
                directory: place.path
            ).run()
            #expect(outcome.end == .exited(8), "\(script): \(outcome.errors)")
            #expect(outcome.errors.contains(expected), "\(script): \(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }
    }
}
