import Glibc
import TestSupport
import Testing

@Suite("What runs in an image")
struct RuntimeTests {
    @Test("umoci unpacks owners, modes and times as they are in the image")
    func unpacked() throws {
        let place = try TemporaryDirectory()
        try Images.probe(in: place)
        try unpack(place)
        let facts = try Command(
            "stat",
            [
                "-c", "%n %a %u:%g %Y", "app/probe", "tmp", "home/nonroot", "root", "etc/passwd",
                "etc/ssl/certs/ca-certificates.crt",
            ],
            directory: place("bundle/rootfs")
        ).output()
        #expect(
            facts == """
                app/probe 755 0:0 0
                tmp 1777 0:0 0
                home/nonroot 700 65532:65532 0
                root 700 0:0 0
                etc/passwd 644 0:0 0
                etc/ssl/certs/ca-certificates.crt 644 0:0 0

                """
        )
    }

    @Test("a program finds its user, home and time zones, on a read-only root")
    func probe() throws {
        let place = try TemporaryDirectory()
        try Images.probe(in: place)
        try unpack(place)
        let outcome = try run(place)
        #expect(
            outcome.output == """
                uid 65532
                gid 65532
                arch amd64
                cwd /
                user nonroot /home/nonroot
                summer 2021-07-01T14:00:00+02:00
                winter 2021-01-01T13:00:00+01:00
                tmp dtrwxrwxrwx not writable
                root drwxr-xr-x not writable

                """,
            "\(outcome.errors)"
        )
    }

    @Test("without a runtime layer it finds neither")
    func withoutRuntime() throws {
        let place = try TemporaryDirectory()
        try Images.probe(in: place, ["--no-runtime"])
        try unpack(place)
        let output = try run(place).output
        #expect(output.contains("user error: "), "\(output)")
        #expect(output.contains("time error: "), "\(output)")
    }

    @Test("a TLS server is trusted if its authority came in by `--ca`, and not without", arguments: [true, false])
    func authority(isTrusted: Bool) throws {
        let place = try TemporaryDirectory()
        let certificates = try TestCertificates.shared()
        let server = try SecureServer(certificates)
        defer { server.stop() }
        try Images.probe(in: place, isTrusted ? ["--ca", certificates.authority] : [])
        try unpack(place)
        let output = try run(place, arguments: [server.url]).output
        let last = try #require(output.split(separator: "\n").last)
        if isTrusted {
            #expect(last == "tls 200")
        } else {
            #expect(last.hasSuffix("certificate signed by unknown authority"), "\(last)")
        }
    }

    @Test("the arm64 half of an image runs on an arm64 machine, here an emulated one")
    func arm() throws {
        let place = try TemporaryDirectory()
        try Images.forTwoPlatforms(in: place)
        try Command(
            "skopeo",
            ["--override-arch", "arm64", "copy", "-q", "oci:\(place("image")):1", "oci:\(place("arm")):1"]
        ).output()
        try unpack(place, image: "arm")
        let output = try Command("qemu-aarch64", [place("bundle/rootfs/app/probe")]).output()
        #expect(output.contains("arch arm64\n"))
    }

    // MARK: Running

    private func unpack(_ place: TemporaryDirectory, image: String = "image") throws {
        try Command("umoci", ["unpack", "--image", "\(place(image)):1", place("bundle")]).output()
    }

    /// Runs the bundle's program by runc with a read-only root and this machine's network.
    private func run(_ place: TemporaryDirectory, arguments: [String] = []) throws -> Outcome {
        let script = """
            import json, sys
            path = sys.argv[1]
            config = json.load(open(path))
            config["process"]["terminal"] = False
            config["process"]["args"] += sys.argv[2:]
            config["root"]["readonly"] = True
            config["linux"]["namespaces"] = [n for n in config["linux"]["namespaces"] if n["type"] != "network"]
            json.dump(config, open(path, "w"))
            """
        try Tool.python(script, [place("bundle/config.json")] + arguments)
        // Containers are known to the whole machine by their names.
        let name = place.path.split(separator: "/").last.map(String.init) ?? "coracle"
        return try Command("runc", ["--root", place("runc"), "run", "-b", place("bundle"), name]).run()
    }
}
