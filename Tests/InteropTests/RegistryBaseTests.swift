import TestSupport
import Testing

@Suite("An image on a base from a registry")
struct RegistryBaseTests {
    /// As distroless has it: one layer for each package, `/lib` a symlink to `usr/lib`, and a C library.
    private static func base() throws -> HandmadeImage {
        let program = try FixtureProgram("hello-c", .dynamicC).path()
        let libraries = try Command.shell(
            #"ldd "$1" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/[^ ]*ld[^ ]*\) .*/\1/p'"#,
            [program]
        ).output().split(separator: "\n").map(String.init)
        let copies = libraries.map { path in
            // The loader is found through the symlink `/lib64`, the others where the loader looks.
            let folder = path.hasPrefix("/lib64/") ? "usr/lib64" : "usr/lib/x86_64-linux-gnu"
            return "mkdir -p \(folder); cp -L \(path) \(folder)/"
        }
        return try HandmadeImage(
            layers: [
                .init(
                    "mkdir -p usr/lib usr/lib64 usr/bin etc tmp; ln -s usr/lib lib; ln -s usr/lib64 lib64; ln -s usr/bin bin; chmod 1777 tmp"
                ),
                .init(
                    "mkdir etc; printf 'root:x:0:0:root:/root:/sbin/nologin\\nnonroot:x:65532:65532::/home/nonroot:/sbin/nologin\\n' >etc/passwd"
                ),
                .init(copies.joined(separator: "\n")),
            ],
            config: {
                $0.replacing(
                    #""Env":["PATH=/usr/bin"]"#,
                    with: #""Env":["PATH=/usr/bin","BASE=yes"],"User":"65532:65532""#
                )
            }
        )
    }

    @Test("a dynamic program runs on the base's C library; the base's layers are mounted")
    func runs() throws {
        let registry = try RegistryUnderTest(.anonymous)
        let place = try TemporaryDirectory()
        let base = try Self.base()
        // The image comes by skopeo, so that nothing of coracle has touched it.
        let memory = try FaultyRegistry()
        memory.hold(base, in: "base", tag: "1")
        try Skopeo.run([
            "copy", "-q", "--src-tls-verify=false", "docker://\(memory.address)/base:1", "oci:\(place("base")):1",
        ])
        try registry.skopeoCopy("oci:\(place("base")):1", "docker://\(registry("base:1"))")
        let program = try FixtureProgram("hello-c", .dynamicC).path()
        let before = try registry.requests.count
        let printed = try registry.coracle(
            ["build", program, "--base", registry("base:1"), "-t", registry("me/hello:1"), "--push"],
            in: place
        )
        let requests = try registry.requests.dropFirst(before)
        for layer in base.layers {
            let hex = layer.dropFirst("sha256:".count)
            let mount = requests.first { $0.target.contains("mount=") && $0.target.contains(hex) }
            #expect(mount?.status == 201, "\(requests)")
            #expect(
                !requests.contains { $0.method == "PUT" && $0.target.contains("/blobs/") && $0.target.contains(hex) }
            )
        }
        try registry.coracle(["pull", registry("me/hello:1"), "-o", "pulled"], in: place)
        #expect(try LayoutState(of: place("pulled")).unreferenced == [])
        let manifest = try readManifest(printed, in: place("pulled"))
        #expect(manifest.contains(#""org.opencontainers.image.base.digest":"\#(try base.digest)""#))
        #expect(manifest.contains(#""org.opencontainers.image.base.name":"\#(registry("base:1"))""#))
        try registry.skopeoCopy("docker://\(registry("me/hello:1"))", "oci:\(place("copy")):1")
        try Command("umoci", ["unpack", "--image", "\(place("copy")):1", place("bundle")]).output()
        let outcome = try run(place)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(try outcome.output == Command(program).output(), "\(outcome.errors)")
        let config = try Command("skopeo", ["inspect", "--config", "oci:\(place("copy")):1"]).output()
        #expect(config.contains(#""BASE=yes""#))
        #expect(config.contains(#""by":"hand""#) || config.contains(#""by": "hand""#))
    }

    @Test("the same build twice has the same digest, and with the cache needs no network", arguments: [true, false])
    func offline(isPinned: Bool) throws {
        let registry = try RegistryUnderTest(.anonymous)
        let place = try TemporaryDirectory()
        let memory = try FaultyRegistry()
        let base = try Self.base()
        memory.hold(base, in: "base", tag: "1")
        let name = "\(memory.address)/base" + (isPinned ? "@\(try base.digest)" : ":1")
        let program = try FixtureProgram("hello-c", .dynamicC).path()
        let arguments = ["build", program, "--base", name, "-t", "localhost/hello:1", "-o"]
        let first = try registry.coracle(arguments + ["one"], in: place)
        let layers = memory.count(.getBlob)
        let second = try registry.coracle(arguments + ["two"], in: place)
        #expect(first == second)
        #expect(memory.count(.getBlob) == layers)
        memory.stop()
        #expect(try registry.coracle(arguments + ["three", "--offline"], in: place) == first)
    }

    private func readManifest(_ reference: String, in layout: String) throws -> String {
        let hex = try Images.digest(reference).dropFirst("sha256:".count)
        return String(decoding: try readFile("\(layout)/blobs/sha256/\(hex)"), as: UTF8.self)
    }

    /// Runs the bundle's program by runc with a read-only root.
    private func run(_ place: TemporaryDirectory) throws -> Outcome {
        let script = """
            import json, sys
            path = sys.argv[1]
            config = json.load(open(path))
            config["process"]["terminal"] = False
            config["root"]["readonly"] = True
            assert config["process"]["user"]["uid"] == 65532, config["process"]["user"]
            json.dump(config, open(path, "w"))
            """
        try Tool.python(script, [place("bundle/config.json")])
        let name = place.path.split(separator: "/").last.map(String.init) ?? "coracle"
        return try Command("runc", ["--root", place("runc"), "run", "-b", place("bundle"), name]).run()
    }
}
