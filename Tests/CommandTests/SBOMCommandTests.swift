import Glibc
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

    @Test(
        "a build's document is that of the finished image: from nothing, with layers of an earlier build, without a cache",
        arguments: [["--no-cache"], [], ["--compression-level", "1"]]
    )
    func sameAsFinished(options: [String]) throws {
        let place = try Sample.program()
        let script = """
            mkdir -p app/node_modules; cp hello app/; echo '{"name":"own","version":"1.0.0"}' >app/package.json; echo 1 >app/index.js
            for i in $(seq 40); do
                mkdir -p "app/node_modules/p$i"
                echo '{"name":"p'$i'","version":"1.0.0","dependencies":{"p1":"1"}}' >"app/node_modules/p$i/package.json"
                seq "$i" $((i * 100)) >"app/node_modules/p$i/index.js"
            done
            seq 2000000 >app/large.txt; ln -s index.js app/link; ln app/large.txt app/other.txt
            """
        try Command.shell(script, directory: place.path).output()
        let environment = ["CORACLE_CACHE": place("cache")]
        func coracle(_ arguments: [String]) throws -> String {
            try Built.coracle(arguments, environment: environment, directory: place.path).output()
        }
        for change in [
            "true", "echo 2 >app/index.js", "seq 9 >app/node_modules/p7/index.js", "rm -r app/node_modules/p9",
        ] {
            try Command.shell(change, directory: place.path).output()
            let build = ["build", "app", "--base", "scratch", "--no-check", "-o", "app.oci"] + options
            _ = try coracle(
                build + ["--entrypoint", "/app/hello", "--sbom-output", "app.json"]
            )
            #expect(
                try coracle(["sbom", "app.oci"]) == String(decoding: readFile(place("app.json")), as: UTF8.self),
                "\(change)"
            )
        }
    }

    @Test("a document that is there already stays as it is; one that was changed is written again")
    func inPlace() throws {
        let place = try Sample.program()
        let environment = ["CORACLE_CACHE": place("cache")]
        func build() throws -> String {
            let line = ["build", "hello", "-o", "hello.oci", "--sbom-output", "hello.json"]
            try Built.coracle(line, environment: environment, directory: place.path).output()
            return try Command.shell("stat -c '%i %Y' hello.json", directory: place.path).output()
        }
        _ = try build()
        let text = try readFile(place("hello.json"))
        // A file has to be older than the clocks of file systems tick.
        sleep(3)
        let settled = try build()
        #expect(try build() == settled && build() == settled)
        try Command.shell("sed -i s/SPDX-2.3/SPDX-9.9/ hello.json", directory: place.path).output()
        _ = try build()
        #expect(try readFile(place("hello.json")) == text)
    }

    @Test("what SwiftPM has resolved beside a program's folder `.build` is added, and nothing else is asked for")
    func swiftCheckout() throws {
        let place = try Sample.program()
        try Command.shell("mkdir -p c/.build/release && cp hello c/.build/release/", directory: place.path).output()
        try writeFile(
            place("c/Package.resolved"),
            #"{"pins":[{"location":"https://git.example/a/b.git","state":{"version":"1.2.3"}}],"version":3}"#
        )
        for command in [["sbom", "write", "c/.build/release/hello"], ["build", "c/.build/release/hello", "-o", "o"]] {
            let output = command[0] == "build" ? ["--sbom-output", "x.json"] : ["-o", "x.json"]
            try Built.coracle(command + output, directory: place.path).output()
            let text = String(decoding: try readFile(place("x.json")), as: UTF8.self)
            #expect(text.contains("pkg:swift/git.example/a/b@1.2.3"), "\(command)")
        }
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
