import TestSupport
import Testing

@Suite("coracle sbom") struct SBOMCommandTests {
    @Test(
        "the document of a Go program's image names its standard library, and what coracle added; that of the build is the same"
    )
    func program() throws {
        let place = try Sample.program()
        let build = ["build", "hello", "-o", "hello.oci", "--sbom-output", "hello.json"]
        try Built.coracle(build, directory: place.path).output()
        let text = try Built.coracle(["sbom", "hello.oci"], directory: place.path).output()
        #expect(text.contains(#"pkg:golang/stdlib@1."#), "\(text)")
        #expect(text.contains("pkg:generic/tzdata@") && text.contains("pkg:deb/debian/ca-certificates@"))
        #expect(text.contains(#""fileName":"./app/hello""#) && text.contains(#""algorithm":"SHA256""#))
        #expect(try Command.shell("cat hello.json", directory: place.path).output() == text)
        // The second build is an earlier one, and the document comes from the cache.
        let image = try Built.coracle(["digest", "hello.oci"], directory: place.path).output()
        try Command.shell("rm hello.json", directory: place.path).output()
        try Built.coracle(build, directory: place.path).output()
        #expect(try Command.shell("cat hello.json", directory: place.path).output() == text)
        #expect(try Built.coracle(["digest", "hello.oci"], directory: place.path).output() == image)
    }

    @Test("an application directory is described as it would be built, and what a build system knows is added")
    func directory() throws {
        let place = try TemporaryDirectory()
        try Command.shell("mkdir -p app/node_modules/left", directory: place.path).output()
        try writeFile(place("app/package.json"), #"{"name":"own","version":"1.0.0","main":"index.js"}"#)
        try writeFile(place("app/index.js"), "console.log(1)")
        try writeFile(place("app/node_modules/left/package.json"), #"{"name":"left","version":"2.0.0"}"#)
        try writeFile(
            place("Package.resolved"),
            #"{"pins":[{"location":"https://u:secret@git.example/a/b.git","state":{"version":"1.2.3"}}],"version":3}"#
        )
        let text = try Built.coracle(
            ["sbom", "write", "app", "--format", "cyclonedx", "--sbom-add", "Package.resolved"],
            environment: ["CORACLE_CACHE": FreshBases.cache],
            directory: place.path
        ).output()
        #expect(text.contains(#""purl":"pkg:npm/left@2.0.0""#), "\(text)")
        #expect(text.contains(#""purl":"pkg:swift/git.example/a/b@1.2.3""#) && !text.contains("secret"))
        #expect(try names(in: place.path) == ["Package.resolved", "app"])
    }

    @Test("what is in an image is attached to it, in a registry or a layout, and its digest does not change")
    func attached() throws {
        let place = try Sample.program()
        let home = try DockerConfiguration()
        let registry = try FaultyRegistry()
        func coracle(_ arguments: String...) throws -> String {
            try Built.coracle(arguments, environment: home.environment, directory: place.path).output()
        }
        let name = "\(registry.address)/me/hello:1"
        let plain = try coracle("build", "hello", "-o", "plain.oci")
        let pushed = try coracle("build", "hello", "-t", name, "--push", "--sbom", "spdx")
        #expect(pushed.hasSuffix("@\(plain)"), "\(pushed)")
        #expect(try coracle("referrers", name).contains("application/spdx+json"))
        // A second time nothing is added.
        let tree = try coracle("referrers", name)
        _ = try coracle("build", "hello", "-t", name, "--push", "--sbom", "spdx")
        #expect(try coracle("referrers", name) == tree)
        #expect(try coracle("build", "hello", "-o", "own.oci", "--sbom", "cyclonedx") == plain)
        #expect(try coracle("referrers", "own.oci").contains("application/vnd.cyclonedx+json"))
    }

    @Test(
        "what cannot be described is refused, and nothing is written",
        arguments: [
            (["sbom", "nothing.oci"], 7, "layout.not-found"),
            (["sbom", "hello", "--format", "xml"], 2, "usage.malformed"),
            (["sbom", "write", "hello", "--sbom-add", "hello"], 4, "json.malformed"),
            (["sbom", "write", "hello", "--sbom-add", "empty.json"], 3, "sbom.added-malformed"),
            (["build", "hello", "--sbom", "none", "--sbom-output", "x"], 2, "usage.conflict"),
        ] as [([String], Int32, String)]
    )
    func refused(arguments: [String], status: Int32, code: String) throws {
        let place = try Sample.program()
        try writeFile(place("empty.json"), "{}")
        let outcome = try Built.coracle(arguments, directory: place.path).run()
        #expect(outcome.end == .exited(status), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(code)]"), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(try names(in: place.path) == ["empty.json", "hello"])
    }
}
