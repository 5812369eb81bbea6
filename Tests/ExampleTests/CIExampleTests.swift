import TestSupport
import Testing

/// What the files in Examples/ci say, done by four machines that are processes.
@Suite("Many images, built by many machines", .serialized)
struct CIExampleTests {
    private static let folder = "\(Example.folder)/ci"
    private static let names = ["cart", "checkout", "mail", "search", "stock"]

    /// The shell commands of a file, and the variables that its runner sets for the share `number`.
    struct Runner: CustomTestStringConvertible, Sendable {
        let file: String
        /// Python, that finds the commands in the document `d`.
        let commands: String
        let variables: @Sendable (Int) -> [String: String]

        var testDescription: String { file }
    }

    static let runners = [
        Runner(file: "github-actions.yaml", commands: "d['jobs']['build']['steps'][-1]['run']") {
            ["SHARD": "\($0)", "SHARDS": "4"]
        },
        Runner(file: "gitlab-ci.yaml", commands: "'\\n'.join(d['images']['script'])") {
            ["CI_NODE_INDEX": "\($0)", "CI_NODE_TOTAL": "4"]
        },
        Runner(file: "tekton.yaml", commands: "d['spec']['steps'][0]['script']") {
            ["SHARD": "\($0)", "SHARDS": "4"]
        },
        Runner(file: "kubernetes-job.yaml", commands: "d['spec']['template']['spec']['containers'][0]['args'][0]") {
            ["JOB_COMPLETION_INDEX": "\($0 - 1)", "SHARDS": "4"]
        },
    ]

    @Test("four machines push all images, none twice, and find their own cache", arguments: runners)
    func shards(runner: Runner) throws {
        let registry = try RegistryServer()
        let place = try TemporaryDirectory()
        let hello = try readFile(FixtureProgram.go("hello").path())
        for name in Self.names { try place.file("bin/\(name)", hello + Array(name.utf8), mode: 0o755) }
        let images = String(decoding: try readFile("\(Self.folder)/images.yaml"), as: UTF8.self)
        let repository = "127.0.0.1:\(registry.port)/shop"
        try place.file("images.yaml", images.replacing("registry.example/shop", with: repository))
        let find = "import sys,yaml;d=yaml.safe_load(open(sys.argv[1]));print(\(runner.commands))"
        let commands = try Tool.python(find, ["\(Self.folder)/\(runner.file)"])
        var pushed = [String]()
        for number in 1...4 {
            var environment: [String: String?] = [
                "PATH": "\(Built.commandFolder):/usr/bin:/bin", "CACHE": "\(repository)/coracle-cache",
                "CORACLE_CACHE": place("cache\(number)"), "HOME": place.path,
            ]
            for (name, value) in runner.variables(number) { environment[name] = value }
            let outcome = try Command(
                "sh",
                ["-euc", commands],
                environment: environment,
                directory: place.path,
                timeLimit: 120
            ).run()
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
            pushed += outcome.output.split(separator: "\n").map { $0.split(separator: "@")[0] }.map(String.init)
        }
        #expect(pushed.sorted() == Self.names.map { "\(repository)/\($0):1.0" })
        for name in pushed { try Built.coracle(["digest", name]).output() }
    }

    @Test(
        "one image is built, signed, attested and verified",
        arguments: [
            ("signed-github.yaml", "'\\n'.join(s['run'] for s in d['jobs']['build']['steps'][-2:])"),
            ("signed-gitlab.yaml", "'\\n'.join(d['image']['script'])"),
        ]
    )
    func signed(file: String, commands: String) throws {
        let registry = try RegistryServer()
        let place = try TemporaryDirectory()
        try place.file("server", try readFile(FixtureProgram.go("hello").path()), mode: 0o755)
        try Built.coracle(["key", "generate"], environment: ["COSIGN_PASSWORD": "pw"], directory: place.path).output()
        let find = "import sys,yaml;d=yaml.safe_load(open(sys.argv[1]));print(\(commands))"
        let outcome = try Command(
            "sh",
            ["-euc", try Tool.python(find, ["\(Self.folder)/\(file)"])],
            environment: [
                "PATH": "\(Built.commandFolder):/usr/bin:/bin", "HOME": place.path, "CORACLE_CACHE": place("cache"),
                "IMAGE": "127.0.0.1:\(registry.port)/me/server:1", "COSIGN_PASSWORD": "pw",
                "COSIGN_KEY": String(decoding: try readFile(place("cosign.key")), as: UTF8.self),
            ],
            directory: place.path,
            timeLimit: 120
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.output.contains("  signature  by cosign.pub  at sha256"), "\(outcome.output)")
        let listed = try Built.coracle(["referrers", "127.0.0.1:\(registry.port)/me/server:1"]).output()
        for kind in [".sig", "application/vnd.dev.sigstore.bundle.v0.3+json"] { #expect(listed.contains(kind)) }
    }

    @Test(
        "a directory whose base has moved is updated, and the text is what a pull request needs",
        arguments: [
            ("update-github.yaml", "next(s['run'] for s in d['jobs']['update']['steps'] if s.get('name') == 'Update')"),
            ("update-gitlab.yaml", "d['update']['script'][0]"),
        ]
    )
    func updated(file: String, commands: String) throws {
        let registry = try RegistryServer()
        let place = try TemporaryDirectory()
        let name = "127.0.0.1:\(registry.port)/base:1"
        try place.file("server", try readFile(FixtureProgram.go("hello").path()), mode: 0o755)
        func push(_ options: [String]) throws -> String {
            let build = ["build", "server", "-t", name, "--push", "--sbom", "none"]
            let pushed = try Built.coracle(
                build + options,
                environment: ["CORACLE_CACHE": place("cache")],
                directory: place.path
            ).output()
            return String(pushed.split(separator: "\n")[0])
        }
        let (old, new) = (try push([]), try push(["--label", "a=b"]))
        try place.file("Dockerfile", "FROM \(old)\n")
        let find = "import sys,yaml;d=yaml.safe_load(open(sys.argv[1]));print(\(commands))"
        let outcome = try Command(
            "sh",
            ["-euc", try Tool.python(find, ["\(Self.folder)/\(file)"])],
            environment: [
                "PATH": "\(Built.commandFolder):/usr/bin:/bin", "HOME": place.path, "CORACLE_CACHE": place("cache"),
                "RUNNER_TEMP": place.path, "CI_BUILDS_DIR": place.path,
            ],
            directory: place.path,
            timeLimit: 120
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(String(decoding: try readFile(place("Dockerfile")), as: UTF8.self) == "FROM \(new)\n")
        let text = String(decoding: try readFile(place("update.md")), as: UTF8.self)
        #expect(text.hasPrefix("Update 1 image\n\n- **\(name)** in `Dockerfile:1`\n"), "\(text)")
        #expect(text.contains("the same files, another configuration"), "\(text)")
    }

    @Test("every file is YAML, and its options are those of `build`")
    func options() throws {
        let script = "import sys,yaml;[yaml.safe_load(open(path)) for path in sys.argv[1:]]"
        let files = Self.runners.map { "\(Self.folder)/\($0.file)" } + ["\(Self.folder)/images.yaml"]
        try Tool.python(script, files)
        let help = try Built.coracle(["help", "build"]).output()
        for file in files {
            let text = String(decoding: try readFile(file), as: UTF8.self)
            for option in text.matches(of: #/(?m)--(?:file|shard|push|keep-going|cache-[a-z]+)/#).map({ String($0.0) })
            {
                #expect(help.contains(option), "\(file): \(option)")
            }
        }
    }
}
