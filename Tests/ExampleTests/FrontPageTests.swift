import TestSupport
import Testing

/// What README.md and the pages of Documentation show, typed as it stands there.
@Suite("What the documentation shows is what coracle prints", .serialized)
struct FrontPageTests {
    private let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    struct Block: CustomTestStringConvertible, Sendable {
        /// Which part of the output a page shows.
        enum Part: Sendable { case everything, beginning, standardOutput }

        /// The command, as a page has it behind `$`.
        let command: String
        var part = Part.everything
        /// Makes what the command needs in the working directory: `server`, `app` and so on.
        let prepare: @Sendable (TemporaryDirectory) throws -> Void
        var testDescription: String { command }
    }

    static let blocks = [
        Block(command: "cd hello && coracle build . -t hello:1.0", part: .beginning) { place in
            try Command("cp", ["-R", "\(Example.repository)/Examples/go-scratch", place("hello")]).output()
        },
        Block(command: "cd relay && coracle build . -t relay:1.0", part: .standardOutput) { place in
            try place.file("relay/Cargo.toml", "[package]\nname = \"relay\"\nversion = \"0.1.0\"\nedition = \"2021\"\n")
            try place.file("relay/src/main.rs", "fn main() { println!(\"hello\"); }\n")
        },
        Block(command: "cd page && coracle build . -t page:1.0", part: .standardOutput) { place in
            try place.file("page/main.py", "import words\nprint(words.greeting)\n")
            try place.file("page/requirements.txt", "--no-index\n--find-links \(place("wheels"))\nwords==1.0\n")
            try Wheels.make(["words|1.0|py3-none-any|greeting = 'hello'"], in: place("wheels"))
        },
        Block(command: "coracle build site -t site:1.0 -o site.tar --stop-signal SIGKILL") { place in
            try Command.shell("mkdir site; echo '<h1>hello</h1>' >site/index.html", directory: place.path).output()
        },
        Block(command: "coracle advise hello-c", part: .beginning) { place in
            try place.file("hello-c", try readFile(FixtureProgram("hello-c", .dynamicC).path()), mode: 0o755)
        },
        Block(
            command: "coracle build server -t ghcr.io/me/server:1.0 --volume /data --expose 8080 --kubernetes",
            part: .standardOutput,
            prepare: hello
        ),
        Block(command: "coracle check server.oci --pod deployment.yaml") { place in
            try hello(place)
            try type("coracle build server -t ghcr.io/me/server:1.0", in: place)
            try place.file(
                "deployment.yaml",
                "kind: Deployment\nspec: {template: {spec: {containers: [{name: server, image: ghcr.io/me/server:1.0, "
                    + "livenessProbe: {exec: {command: [/bin/sh, -c, wget localhost]}}}]}}}\n"
            )
        },
        Block(command: "coracle build --file images.yaml", prepare: shop),
        Block(command: "coracle config --profile release") { place in
            let page = DocumentationPage(path: "Documentation/many-images.md")
            try place.file("coracle.yaml", try #require(try page.blocks(["yaml"]).last { $0.contains("\n  release:") }))
            try place.file("team.yaml", "label: {org.opencontainers.image.vendor: Example}\n")
        },
        Block(command: "coracle init --from Dockerfile --name shop", prepare: dockerfile),
        Block(command: "cat coracle.yaml") { place in
            try dockerfile(place)
            try type("coracle init --from Dockerfile --name shop", in: place)
        },
        Block(command: "coracle build") { place in
            try dockerfile(place)
            try type("coracle init --from Dockerfile --name shop", in: place)
        },
        Block(command: "coracle build server --base debian12/base -o server.oci", prepare: newer),
        Block(command: "coracle check server --base debian13/base", prepare: newer),
        Block(command: "coracle build ./server") { place in
            try place.file("server", try readFile(FixtureProgram("hello-c", .dynamicC).path()), mode: 0o755)
        },
        Block(command: "coracle build server --add server:/opt/server:0700 --entrypoint /opt/server", prepare: hello),
        Block(command: "coracle build app") { place in
            try hello(place)
            try Command.shell(
                "mkdir -p app/tls; cp server app; echo PASSWORD=x >app/.env; openssl genpkey -algorithm ed25519 >app/tls/server.key",
                directory: place.path
            ).output()
        },
        Block(command: "coracle build server -t ghcr.io/me/server:1.0 --debug-twin", prepare: hello),
        Block(command: "coracle lint server.oci --max-age 30d") { place in
            try hello(place)
            try type("coracle build server -t ghcr.io/me/server:latest", in: place)
        },
        Block(command: "coracle diff old.oci server.oci") { place in
            try hello(place)
            try place.file("motd", "Welcome.\n")
            try type("coracle build server -o old.oci --env LEVEL=info --no-zoneinfo", in: place)
            try type(
                "coracle build server -o server.oci --env LEVEL=warning --no-zoneinfo --add motd:/etc/motd",
                in: place
            )
        },
        Block(command: "coracle doctor server.oci --says 'panic: unknown time zone Europe/Berlin'") { place in
            try hello(place)
            try type("coracle build server --no-zoneinfo", in: place)
        },
    ]

    @Test("the block is what coracle prints, except for sizes and digests", arguments: blocks)
    func block(_ block: Block) throws {
        try Command("cp", ["-R", try FreshBases.locked(), place("Bases")]).output()
        try block.prepare(place)
        let printed = try Self.type(block.command, in: place, block.part == .standardOutput ? "" : "exec 2>&1\n")
        // Which packages are fetched depends on what the cache has, and what takes seconds on the machine.
        let lines = printed.split(separator: "\n").filter { line in
            !line.hasPrefix("pulled ") && !(line.hasPrefix("building ") && line.hasSuffix(" s"))
        }
        let shown = try #require(try DocumentationPage.shown(block.command), "no page shows it")
            .split(separator: "\n").filter { !$0.hasPrefix("pulled ") }
        let compared = block.part == .beginning ? Array(lines.prefix(shown.count)) : lines
        #expect(
            masked(compared.joined(separator: "\n")) == masked(shown.joined(separator: "\n")),
            "\(printed)"
        )
    }

    /// The output of `command`, which runs in `place`, whatever its exit status is.
    @discardableResult
    private static func type(_ command: String, in place: TemporaryDirectory, _ before: String = "exec 2>&1\n") throws
        -> String
    {
        try Command(
            "bash",
            ["-c", before + command],
            environment: [
                "PATH": "\(Built.commandFolder):\(Environment.current["PATH"] ?? "/usr/bin:/bin")",
                "CORACLE_CACHE": FreshBases.cache,
            ],
            directory: place.path,
            timeLimit: 300
        ).run().output
    }

    /// The images file that the page of many images shows, and its programs.
    private static func shop(_ place: TemporaryDirectory) throws {
        let page = DocumentationPage(path: "Documentation/many-images.md")
        try place.file("images.yaml", try #require(try page.blocks(["yaml"]).first))
        for name in ["shop", "cart", "mail"] {
            try place.file("bin/\(name)", try readFile(FixtureProgram.go("hello").path()), mode: 0o755)
        }
        try Command.shell("mkdir templates; echo hello >templates/hello.txt", directory: place.path).output()
    }

    /// The Dockerfile that a page shows, and its program.
    private static func dockerfile(_ place: TemporaryDirectory) throws {
        try place.file("Dockerfile", try #require(try DocumentationPage.shown("cat Dockerfile")))
        try place.file("hello", try readFile(FixtureProgram.go("hello").path()), mode: 0o755)
    }

    private static func hello(_ place: TemporaryDirectory) throws {
        try place.file("server", try readFile(FixtureProgram.go("hello").path()), mode: 0o755)
    }

    /// A program of Debian 13 that needs nothing but its C library.
    private static func newer(_ place: TemporaryDirectory) throws {
        let folder = "\(Built.folder)/coracle-packages"
        try Command("\(FixtureProgram.sources)/fetch_packages.sh", [folder, "amd64", "gzip"], timeLimit: 120).output()
        try place.file("server", try readFile("\(folder)/amd64/files/gzip/usr/bin/gzip"), mode: 0o755)
    }
}
