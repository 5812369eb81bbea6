import TestSupport
import Testing

@Suite("Directories for several platforms are one image")
struct DirectoriesCommandTests {
    private let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    private func coracle(_ arguments: [String]) -> Command { Built.coracle(arguments, directory: place.path) }

    private func program(_ directory: String, _ architecture: String) throws {
        let path = try FixtureProgram("hello", .go(architecture: architecture)).path()
        try place.file("\(directory)/server", readFile(path), mode: 0o755)
        try place.file("\(directory)/config.yaml", architecture)
    }

    private func platforms(_ image: String) throws -> [String] {
        let json = try coracle(["inspect", image, "--json"]).output()
        try place.file("out.json", json)
        return try Tool.python(
            """
            import json, re, sys
            print(' '.join(sorted(set(re.findall(r'"architecture": "([a-z0-9]+)"', open(sys.argv[1]).read())))))
            """,
            [place("out.json")]
        ).trimmed.split(separator: " ").map(String.init)
    }

    @Test(
        "the platforms are those of the programs, whatever the directories are called",
        arguments: [
            ("dist/linux-amd64", "dist/linux-arm64", "server.oci"),
            ("dist/server_linux_amd64_v1", "dist/server_linux_arm64_v8.0", nil), ("amd64/app", "arm64/app", "app.oci"),
            ("one", "two", "one.oci"), ("srv-x86_64", "srv-aarch64", "srv.oci"),
        ] as [(String, String, String?)]
    )
    func programs(first: String, second: String, output: String?) throws {
        try program(first, "amd64")
        try program(second, "arm64")
        try coracle(["build", first, second]).output()
        let images = try names(in: place.path).filter { $0.hasSuffix(".oci") }
        if let output { #expect(images == [output]) }
        let image = try #require(images.first)
        #expect(try platforms(image) == ["amd64", "arm64"])
        try coracle(["validate", image]).output()
        // The order of the directories is that of the index, as for programs.
        let again = try coracle(["build", first, second, "-o", "again.oci", "--no-cache"]).output()
        #expect(try coracle(["digest", image]).output() == again)
    }

    @Test("directories without compiled files are distinguished by their names")
    func named() throws {
        for name in ["web-linux-amd64", "web-linux-arm64"] {
            try place.file("\(name)/server.js", "require('http')\n")
            try place.file("\(name)/package.json", #"{"name":"web","main":"server.js"}"#)
        }
        let plan = try coracle([
            "plan", "web-linux-amd64", "web-linux-arm64", "--base", "scratch", "--entrypoint", "/app/server.js",
            "--no-check",
        ]).run()
        // The script may not be executed, which is found for both platforms after they were distinguished.
        #expect(!plan.errors.contains("for which platform"), "\(plan.errors)")
        #expect(!plan.errors.contains("plan.mixed-paths"), "\(plan.errors)")
    }

    @Test(
        "a name that contradicts the files, two for one platform, and one for none are refused with what they are called"
    )
    func refused() throws {
        try program("app-amd64", "amd64")
        try program("app-arm64", "amd64")
        try program("more", "amd64")
        try program("arm", "arm64")
        try place.file("data/x", "x")
        let cases: [([String], String, String)] = [
            (
                ["app-amd64", "app-arm64"], "error[plan.platform-mismatch]",
                "`app-arm64` is named for linux/arm64, and its files are for linux/amd64"
            ),
            (["app-amd64", "more"], "error[plan.same-platform]", "`app-amd64` is for it, and `more` is, too"),
            (["app-amd64", "data"], "error[plan.no-platform]", "for which platform is `data`?"),
            (["app-amd64", "app-amd64/server"], "error[plan.mixed-paths]", "not both"),
            (
                ["app-amd64", "arm", "--platform", "linux/amd64"], "error[plan.platform-mismatch]",
                "`arm` is for linux/arm64/v8"
            ),
        ]
        for (arguments, code, text) in cases {
            let outcome = try coracle(["build"] + arguments + ["-o", "x"]).run()
            #expect(outcome.errors.contains(code), "\(outcome.errors)")
            #expect(outcome.errors.contains(text), "\(outcome.errors)")
            #expect(!exists(place("x")))
        }
    }
}
