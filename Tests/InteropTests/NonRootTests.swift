import Glibc
import TestSupport
import Testing

/// What the gate says of modes and owners, and what runc says when it starts the image.
@Suite("Permission denied", .enabled(if: geteuid() == 0, "only root starts containers of other users"))
struct NonRootTests {
    @Test(
        "a program that the gate refuses does not start, and one that it lets through does",
        arguments: [
            ("0755", true), ("0711", true), ("0700:65532:65532", true), ("0750:0:65532", true), ("0700", false),
            ("0750", false), ("0655:65532:65532", false), ("0705:0:65532", false),
        ]
    )
    func program(mode: String, starts: Bool) throws {
        let place = try TemporaryDirectory()
        let hello = try FixtureProgram.go("hello").path()
        let arguments = [
            "build", hello, "-t", "localhost/probe:1", "-o", "image", "--add", "\(hello):/opt/server:\(mode)",
            "--entrypoint", "/opt/server",
        ]
        let outcome = try Built.coracle(arguments, directory: place.path).run()
        #expect(outcome.end == .exited(starts ? 0 : 9), "\(outcome.errors)")
        if !starts {
            #expect(
                outcome.errors.contains("error[user.permission-denied]: user 65532:65532 may not execute `/opt/server`")
            )
            let allowed = arguments + ["--allow", "user.permission-denied"]
            try Built.coracle(allowed, directory: place.path).output()
        }
        try Command("umoci", ["unpack", "--image", "\(place("image")):1", place("bundle")]).output()
        let run = try RealBases.run(in: place)
        if starts {
            #expect(run.end == .exited(0), "\(run.errors)")
        } else {
            #expect(run.errors.contains("permission denied"), "\(run.errors)")
        }
    }

    @Test(
        "OpenShift's user writes where `lint.arbitrary-user` finds nothing, and fails where it finds something",
        arguments: [
            (["--user", "65532:0", "--chown", "65532:0", "--chmod", "g=u", "--env", "HOME=/tmp"], "/tmp", "ok\nok\n"),
            (["--user", "65532:0", "--chown", "65532:0", "--chmod", "g=u"], "/", "ok\n"), ([], "/", ""),
            (["--env", "HOME=/tmp"], "/tmp", "ok\n"), (["--env", "HOME=/home/nonroot"], "/home/nonroot", ""),
        ]
    )
    func openShift(options: [String], home: String, expected: String) throws {
        let place = try TemporaryDirectory()
        let program = try FixtureProgram.go("hello").path()
        let arguments = [
            "build", program, "-t", "localhost/hello:1", "-o", "image", "--debug-twin", "--volume", "/data", "--bases",
            try RealBases.locked(),
        ]
        let outcome = try RealBases.coracle(arguments + options, in: place).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let lint = ["lint", "oci:image:1", "--rule", "lint.arbitrary-user=error"]
        let linted = try Built.coracle(lint, directory: place.path).run()
        #expect(linted.end == .exited(expected == "ok\nok\n" ? 0 : 9), "\(linted.output)\(linted.errors)")
        try RealBases.unpack("image:1-debug", in: place)
        // umoci sets a HOME of its own; what engines make of the image's is given here.
        let run = try RealBases.run(
            in: place,
            as: (uid: 1_000_680_000, gid: 0),
            arguments: ["-c", #"for d in "$@"; do touch "$d/x" && echo ok; done"#, "sh", "/data", home]
        )
        #expect(run.output == expected, "\(run.errors)")
    }

    @Test("what is pushed is in the snippet by its digest, and a pod that another pushed is found by it")
    func pushedPod() throws {
        let registry = try RegistryUnderTest(.anonymous)
        let place = try TemporaryDirectory()
        let programs = try [FixtureProgram.go("probe"), FixtureProgram("probe", .go(architecture: "arm64"))].map {
            try $0.path()
        }
        let name = registry("me/probe:1")
        let yaml = try registry.coracle(
            ["build"] + programs + ["-t", name, "--push", "--kubernetes", "--sbom", "none"],
            in: place
        )
        let top = try registry.coracle(["digest", name], in: place).split(separator: "\n").first.map(String.init) ?? ""
        #expect(top.hasPrefix("sha256:"))
        // A name that begins with a number is in quotes.
        #expect(yaml.contains("    image: \"\(name)@\(top)\"\n"), "\(yaml)")
        #expect(!yaml.contains("# Not"))
        #expect(try registry.coracle(["check", name, "--kubernetes"], in: place) == yaml)
        try place.file("pod.yaml", yaml)
        let checked = try registry.coracle(["check", name, "--pod", "pod.yaml"], in: place)
        #expect(!checked.contains("[pod."), "\(checked)")
    }

    @Test("the debug twin has a shell in which the image's own user looks at the same files")
    func twin() throws {
        let place = try TemporaryDirectory()
        let hello = try FixtureProgram.go("hello").path()
        let arguments = [
            "build", hello, "-t", "localhost/hello:1", "-o", "image", "--debug-twin", "--bases", try RealBases.locked(),
        ]
        let outcome = try RealBases.coracle(arguments, in: place).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.output.split(separator: "\n").count == 1)
        #expect(outcome.errors.contains("kubectl debug -it POD --image=localhost/hello:1-debug --target=hello\n"))
        try RealBases.unpack("image:1-debug", in: place)
        let run = try RealBases.run(in: place, arguments: ["-c", "id -u; ls /app; echo $PATH; which vi"])
        #expect(
            run.output == """
                65532
                hello
                /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/busybox
                /busybox/vi

                """,
            "\(run.errors)"
        )
        // The image itself is what it would be without a twin.
        try Built.coracle(["build", hello, "-t", "localhost/hello:1", "-o", "alone"], directory: place.path).output()
        let digests = try ["image", "alone"].map { layout in
            try Command("skopeo", ["inspect", "--format", "{{.Digest}}", "oci:\(place(layout)):1"]).output()
        }
        #expect(digests[0] == digests[1])
        #expect(try Built.coracle(["validate", "image"], directory: place.path).output().hasPrefix("valid: 2 images"))
    }

    @Test("a twin goes into an archive and a registry beside its image")
    func published() throws {
        let registry = try RegistryUnderTest(.anonymous)
        let place = try TemporaryDirectory()
        let program = try FixtureProgram.go("hello").path()
        let bases = ["--debug-twin", "--bases", try RealBases.locked(), "--cache-dir", FreshBases.cache]
        try registry.coracle(
            ["build", program, "-t", registry("me/hello:1"), "--push", "--sbom", "none"] + bases,
            in: place
        )
        let tags = try registry.coracle(["tags", registry("me/hello")], in: place).split(separator: "\n")
        #expect(tags.sorted() == ["1", "1-debug"])
        try registry.skopeoCopy("docker://\(registry("me/hello:1-debug"))", "oci:\(place("twin")):1")
        let config = try Command("skopeo", ["inspect", "--config", "oci:\(place("twin")):1"]).output()
        #expect(config.contains("/busybox/sh"))
        try registry.coracle(["build", program, "-t", "localhost/hello", "-o", "hello.tar"] + bases, in: place)
        let listed = try Command("skopeo", ["list-tags", "docker-archive:\(place("hello.tar"))"]).output()
        #expect(listed.contains("\"localhost/hello:latest-debug\""))
    }
}
