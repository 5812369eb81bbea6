import Diagnostics
import Layers
import OCI
import ByteIO
@testable import Plan
import Request
import TestSupport
import Testing

@Suite("Planning")
struct PlannerTests {
    private func plan(_ request: BuildRequest) throws(DiagnosticList) -> BuildPlan { try Planner.plan(request) }

    // MARK: One program

    @Test("one program is an image of one layer that starts it")
    func program() throws {
        let scratch = try TemporaryDirectory()
        let path = try scratch.file("server", staticProgram(), mode: 0o755)
        let plan = try plan(request(path))
        #expect(
            plan.layers.map { $0.blueprint.entries.map(\.line) } == [
                ["dir 755 0:0 @0 /app", "file 755 0:0 @0 /app/server"]
            ]
        )
        let image = try #require(plan.images.first)
        #expect(plan.images.count == 1)
        #expect(image.platform == Platform(os: "linux", architecture: "amd64"))
        #expect(image.config.config.entrypoint == ["/app/server"])
        #expect(image.config.config.workingDir == "/")
        #expect(plan.output == .layout("server.oci"))
        #expect(plan.created.secondsSince1970 == 0)
        #expect(plan.notes.isEmpty)
    }

    @Test("the default image has a runtime layer below the program, at a level of its own, whatever level was chosen")
    func runtime() throws {
        let scratch = try TemporaryDirectory()
        var request = BuildRequest(paths: [FilePath(try scratch.file("server", staticProgram(), mode: 0o755))])
        request.compressionLevel = 9
        let plan = try plan(request)
        #expect(plan.layers.map(\.compression.level) == [LayerCompression.shared.level, 9])
        #expect(plan.images.first?.config.config.env.last?.hasPrefix("SSL_CERT_FILE=/etc/ssl/certs/") == true)
        #expect(plan.layers.first?.blueprint.entries.contains { $0.path.description == "/etc/passwd" } == true)
    }

    @Test("what coracle itself brings is not compressed to say how large it is")
    func knownSizes() throws {
        let scratch = try TemporaryDirectory()
        let plan = try plan(BuildRequest(paths: [FilePath(try scratch.file("server", staticProgram(), mode: 0o755))]))
        let runtime = try #require(plan.images.first?.runtime)
        #expect(runtime.unknownSizes.isEmpty, "these lines belong in `RuntimeReport.Weight.shipped`")
    }

    @Test("a program without execute permission gets it, with a note")
    func notExecutable() throws {
        let scratch = try TemporaryDirectory()
        let plan = try plan(request(try scratch.file("server", staticProgram(), mode: 0o600)))
        #expect(plan.layers.first?.blueprint.entries.last?.mode == 0o755)
        #expect(codes(plan.notes) == ["program.mode"])
    }

    @Test(
        "a file that is not a program is refused, with its kind",
        arguments: [
            ([], "program.not-elf"), (Array("#!/bin/sh\necho".utf8), "program.not-elf"),
            ([0xCF, 0xFA, 0xED, 0xFE, 7, 0, 0, 1], "program.not-elf"),
            ([0x4D, 0x5A, 0x90, 0], "program.not-elf"), (Array("hello".utf8), "program.not-elf"),
            (Array(staticProgram()[..<30]), "elf."), (Array(staticProgram()[..<64]), "elf."),
        ] as [([UInt8], String)]
    )
    func notAProgram(bytes: [UInt8], code: String) throws {
        let scratch = try TemporaryDirectory()
        let problems = planProblems(request(try scratch.file("x", bytes, mode: 0o755)))
        #expect(problems.count == 1)
        #expect(problems.first?.code.rawValue.hasPrefix(code) == true)
        #expect(problems.first?.code.category == .input)
    }

    @Test(
        "paths that do not make an application are refused",
        .timeLimit(.minutes(1)),
        arguments: [
            (":", "program.unreadable"), (#"mkfifo "$1""#, "program.unreadable"),
            (#"mkdir "$1""#, "plan.empty-directory"),
            (#"ln -s nowhere "$1""#, "program.unreadable"),
            (#"mkdir "$1"; echo x > "$1/.dockerignore""#, "plan.empty-directory"),
            (#"mkdir "$1"; : > "$1/a"; echo '*' > "$1/.coracleignore""#, "plan.empty-directory"),
        ]
    )
    func noApplication(script: String, code: String) throws {
        let scratch = try TemporaryDirectory()
        try Command.shell(script, [scratch("x")]).output()
        #expect(codes(planProblems(request(scratch("x")))) == [code])
    }

    @Test("no path, a directory beside a program, and two directories without a platform are refused")
    func paths() throws {
        let scratch = try TemporaryDirectory()
        let (program, directory) = (try scratch.file("p", staticProgram(), mode: 0o755), try scratch.directory("d"))
        #expect(codes(planProblems(request())) == ["plan.no-path"])
        #expect(codes(planProblems(request(program, directory))) == ["plan.mixed-paths"])
        #expect(codes(planProblems(request(directory, directory))) == ["plan.no-platform"])
    }

    // MARK: Several platforms

    @Test(
        "programs for several platforms have one name, where they differ in the platform only",
        arguments: [
            ("server-linux-amd64", "server-linux-arm64", "/app/server", "/app/server"),
            ("server_amd64", "server_arm64", "/app/server", "/app/server"),
            ("my-app.x86_64", "my-app.aarch64", "/app/my-app", "/app/my-app"),
            ("a/server", "b/server", "/app/server", "/app/server"),
            ("server", "other", "/app/server", "/app/other"), ("amd64/app", "arm64/app", "/app/app", "/app/app"),
            ("x-unknown-linux-musl-amd64", "x-arm64", "/app/x", "/app/x"),
        ]
    )
    func names(first: String, second: String, firstPlace: String, secondPlace: String) throws {
        let scratch = try TemporaryDirectory()
        let plan = try plan(
            request(
                try scratch.file(first, staticProgram(.amd64), mode: 0o755),
                try scratch.file(second, staticProgram(.arm64), mode: 0o755)
            )
        )
        #expect(plan.images.map { $0.config.config.entrypoint } == [[firstPlace], [secondPlace]])
        #expect(plan.images.map(\.platform.architecture) == ["amd64", "arm64"])
        #expect(plan.images.map(\.layers) == [[0], [1]])
    }

    @Test("a single program keeps its whole name")
    func singleName() throws {
        let scratch = try TemporaryDirectory()
        let plan = try plan(request(try scratch.file("server-linux-amd64", staticProgram(), mode: 0o755)))
        #expect(plan.images.first?.config.config.entrypoint == ["/app/server-linux-amd64"])
    }

    @Test("two programs for one platform are refused")
    func samePlatform() throws {
        let scratch = try TemporaryDirectory()
        let (a, b) = (
            try scratch.file("a", staticProgram(), mode: 0o755), try scratch.file("b", staticProgram(), mode: 0o755)
        )
        let problems = planProblems(request(a, b))
        #expect(codes(problems) == ["plan.same-platform"])
        #expect(problems.first?.reason?.contains("`\(a)`") == true)
        #expect(problems.first?.reason?.contains("`\(b)`") == true)
    }

    @Test(
        "platforms that are asked for are those that the programs have",
        arguments: [
            (["linux/amd64", "linux/arm64"], 0), (["linux/arm64/v8", "linux/amd64"], 0), (["linux/amd64"], 1),
            (["linux/riscv64"], 2),
            (["linux/amd64", "linux/arm64", "linux/riscv64"], 1), (["linux/amd64", "linux/riscv64"], 2),
        ]
    )
    func asserted(platforms: [String], problems: Int) throws {
        let scratch = try TemporaryDirectory()
        let (a, b) = (
            try scratch.file("a", staticProgram(.amd64), mode: 0o755),
            try scratch.file("b", staticProgram(.arm64), mode: 0o755)
        )
        let found = try planProblems(request(a, b) { $0.platforms = try platforms.map { try Platform(parsing: $0) } })
        #expect(codes(found) == [String](repeating: "plan.platform-mismatch", count: problems))
    }

    // MARK: A directory

    @Test(
        "the program of a directory is the only one at its top or in bin/, or the one that is named",
        arguments: [
            (["server"], nil, "/app/server"), (["bin/server"], nil, "/app/bin/server"),
            (["server", "lib/deep/tool"], nil, "/app/server"),
            (["server", "bin/x/tool"], nil, "/app/server"), (["a", "b"], "/app/b", "/app/b"),
            (["lib/tool"], "/app/lib/tool", "/app/lib/tool"),
            (["a", "bin/b"], "./bin/b", "./bin/b"), (["a", "bin/b"], "bin/b", "bin/b"),
            (["a"], "/app/../app//a", "/app/../app//a"),
        ] as [([String], String?, String)]
    )
    func chosen(programs: [String], entrypoint: String?, started: String) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("tree/data.txt", "x", mode: 0o755)
        for program in programs { try scratch.file("tree/\(program)", staticProgram(), mode: 0o755) }
        let plan = try plan(request(scratch("tree")) { $0.configuration.entrypoint = entrypoint.map { [$0, "arg"] } })
        #expect(plan.images.first?.config.config.entrypoint == (entrypoint == nil ? [started] : [started, "arg"]))
        #expect(plan.images.first?.config.config.workingDir == "/app")
    }

    @Test(
        "an entry point that could not start is refused",
        arguments: [
            (nil, "plan.which-program"), ("", "plan.entrypoint"), ("/app/none", "plan.entrypoint-missing"),
            ("none", "plan.entrypoint-missing"),
            ("/app/bin", "plan.entrypoint-missing"), ("/app/plain", "plan.entrypoint-mode"),
            ("/app/script", "run.interpreter-missing"),
            ("/app/garbage", "program.not-elf"), ("/app/truncated", "elf.truncated"),
            ("/etc/passwd", "plan.entrypoint-missing"),
        ] as [(String?, String)]
    )
    func cannotStart(entrypoint: String?, code: String) throws {
        let scratch = try TemporaryDirectory()
        for name in ["a", "bin/b"] { try scratch.file("tree/\(name)", staticProgram(), mode: 0o755) }
        try scratch.file("tree/plain", staticProgram(), mode: 0o644)
        try scratch.file("tree/script", "#!/bin/sh\n", mode: 0o755)
        try scratch.file("tree/garbage", "garbage", mode: 0o755)
        try scratch.file("tree/truncated", Array(staticProgram()[..<20]), mode: 0o755)
        let problems = try planProblems(
            request(scratch("tree")) {
                $0.platforms = [try Platform(parsing: "linux/amd64")]
                $0.configuration.entrypoint = entrypoint.map { [$0] }
            }
        )
        #expect(codes(problems) == [code])
    }

    @Test("candidates are listed where there are several programs")
    func candidates() throws {
        let scratch = try TemporaryDirectory()
        for name in ["a", "bin/b"] { try scratch.file("tree/\(name)", staticProgram(), mode: 0o755) }
        #expect(
            planProblems(request(scratch("tree"))).first?.hint == "name one with `--entrypoint`: `/app/a`, `/app/bin/b`"
        )
    }

    @Test("a script may be the entry point if the image has its interpreter, whose platform is the image's")
    func script() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("tree/run", "#!/app/sh -e\n", mode: 0o755)
        try scratch.file("tree/sh", staticProgram(.riscv64), mode: 0o755)
        for platforms in [[], ["linux/riscv64"]] {
            let plan = try plan(
                request(scratch("tree")) {
                    $0.configuration.entrypoint = ["/app/run"]
                    $0.platforms = try platforms.map { try Platform(parsing: $0) }
                }
            )
            #expect(plan.images.map(\.platform.description) == ["linux/riscv64"])
        }
    }

    @Test("the ignore file is honoured and stays out", arguments: [".coracleignore", ".dockerignore"])
    func ignoreFile(name: String) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("tree/server", staticProgram(), mode: 0o755)
        try scratch.file("tree/secret.key", "x")
        try scratch.file("tree/logs/a.log", "x")
        try scratch.file("tree/logs/keep.log", "x")
        try scratch.file("tree/\(name)", "*.key\nlogs/*\n!logs/keep.log\n")
        let entries = try plan(request(scratch("tree"))).layers.first?.blueprint.entries
        #expect(entries?.map(\.path.description) == ["/app", "/app/logs", "/app/logs/keep.log", "/app/server"])
    }

    @Test("if there are two ignore files, coracle's own counts, and neither is in the image")
    func twoIgnoreFiles() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("tree/server", staticProgram(), mode: 0o755)
        try scratch.file("tree/.coracleignore", "a\n")
        try scratch.file("tree/.dockerignore", "b\n")
        for name in ["a", "b"] { try scratch.file("tree/\(name)", "x") }
        let entries = try plan(request(scratch("tree"))).layers.first?.blueprint.entries
        #expect(entries?.map(\.path.description) == ["/app", "/app/b", "/app/server"])
    }

    @Test("the output does not belong to the application that it is inside", arguments: [true, false])
    func outputInside(isArchive: Bool) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("tree/server", staticProgram(), mode: 0o755)
        try scratch.file(isArchive ? "tree/out" : "tree/out/blobs/sha256/x", "large")
        let path = FilePath(scratch("tree/out"))
        let entries = try plan(request(scratch("tree")) { $0.output = isArchive ? .archive(path) : .layout(path) })
            .layers.first?.blueprint.entries
        #expect(entries?.map(\.path.description) == ["/app", "/app/server"])
    }

    @Test("a symlink to nothing is kept, with a note")
    func danglingNote() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("tree/server", staticProgram(), mode: 0o755)
        try Command.shell(#"ln -s nowhere "$1/a"; ln -s /etc/none "$1/b""#, [scratch("tree")]).output()
        let plan = try plan(request(scratch("tree")))
        #expect(codes(plan.notes) == ["plan.dangling-symlink"])
        #expect(plan.notes.first?.summary.hasSuffix("`/app/a`, and 1 more") == true)
        #expect(plan.layers.first?.blueprint.entries.count == 4)
    }

    // MARK: Additions and destinations

    @Test("additions are a layer below the application, with the modes they were given or have")
    func additions() throws {
        let scratch = try TemporaryDirectory()
        let server = try scratch.file("server", staticProgram(), mode: 0o755)
        try scratch.file("conf/a.yaml", "x", mode: 0o600)
        try scratch.file("conf/run.sh", "x", mode: 0o700)
        let plan = try plan(
            request(server) {
                $0.additions = [
                    Addition(source: FilePath(scratch("conf")), destination: "/etc/app"),
                    Addition(
                        source: FilePath(scratch("conf/a.yaml")),
                        destination: "/b.yaml",
                        mode: 0o4640,
                        uid: 1,
                        gid: 2
                    ),
                    Addition(source: FilePath(scratch("conf/run.sh")), destination: "/run.sh"),
                ]
                $0.configuration.user = "1:2"
                $0.modified = Timestamp(secondsSince1970: 99)
            }
        )
        #expect(
            plan.layers.map { $0.blueprint.entries.map(\.line) } == [
                [
                    "file 4640 1:2 @99 /b.yaml", "dir 755 0:0 @99 /etc", "dir 755 0:0 @99 /etc/app",
                    "file 644 0:0 @99 /etc/app/a.yaml",
                    "file 755 0:0 @99 /etc/app/run.sh", "file 755 0:0 @99 /run.sh",
                ],
                ["dir 755 0:0 @99 /app", "file 755 0:0 @99 /app/server"],
            ]
        )
    }

    @Test("a destination is an absolute path", arguments: ["", "app", "/a/../b", "/a//b", "./x", "/a/."])
    func destinations(destination: String) throws {
        let scratch = try TemporaryDirectory()
        let server = try scratch.file("server", staticProgram(), mode: 0o755)
        #expect(codes(planProblems(request(server) { $0.destination = destination })) == ["entry.path-malformed"])
        let problems = planProblems(
            request(server) { $0.additions = [Addition(source: FilePath(server), destination: destination)] }
        )
        #expect(codes(problems) == ["entry.path-malformed"])
    }

    @Test("two things in one place are refused, and both are named")
    func conflict() throws {
        let scratch = try TemporaryDirectory()
        let (a, b) = (try scratch.file("a", staticProgram(), mode: 0o755), try scratch.file("b", "x"))
        let twice = [
            Addition(source: FilePath(a), destination: "/x"), Addition(source: FilePath(b), destination: "/x"),
        ]
        let problems = planProblems(request(a) { $0.additions = twice })
        #expect(codes(problems) == ["plan.duplicate-destination"])
        #expect(problems.first?.reason == "`\(a)` and `\(b)`")
        let overProgram = planProblems(
            request(a) { $0.additions = [Addition(source: FilePath(b), destination: "/app/a")] }
        )
        #expect(codes(overProgram).contains("plan.duplicate-destination"))
    }

    // MARK: Names, time, problems

    @Test("a name is kept once, and one with a digest is refused")
    func imageNames() throws {
        let scratch = try TemporaryDirectory()
        let server = try scratch.file("server", staticProgram(), mode: 0o755)
        let plan = try plan(
            try request(server) {
                $0.names = try ["app:1", "docker.io/library/app:1", "app:2"].map { try Reference(parsing: $0) }
            }
        )
        #expect(plan.names.map(\.text) == ["app:1", "app:2"])
        let digest = "sha256:" + String(repeating: "a", count: 64)
        #expect(
            codes(try planProblems(request(server) { $0.names = [try Reference(parsing: "app@\(digest)")] })) == [
                "plan.name-with-digest"
            ]
        )
    }

    @Test("the image's date is the one that was said, else the newest commit of a program, else 1970")
    func created() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("go/main.go", "package main\nfunc main() {}\n")
        try scratch.file("go/go.mod", "module example.com/x\n\ngo 1.18\n")
        try Command.shell(
            """
            set -e; git init -q .; git add .; git -c user.name=x -c user.email=x@example.com commit -q -m x
            go build -buildvcs=true -ldflags='-s -w' -o ../program .
            """,
            environment: [
                "GIT_COMMITTER_DATE": "2001-02-03T04:05:06Z", "GIT_AUTHOR_DATE": "2001-02-03T04:05:06Z",
                "CGO_ENABLED": "0", "GOFLAGS": "",
                "GOOS": "linux", "GOARCH": "amd64", "GOWORK": "off", "GOTOOLCHAIN": "local",
            ],
            directory: scratch("go"),
            timeLimit: 300
        ).output()
        let other = try scratch.file("other", staticProgram(.arm64), mode: 0o755)
        let committed = try plan(request(other, scratch("program")))
        #expect(committed.created.description == "2001-02-03T04:05:06Z")
        #expect(committed.createdSource == "the commit time in `\(scratch("program"))`, vcs.time")
        #expect(committed.images.allSatisfy { $0.config.created == "2001-02-03T04:05:06Z" })
        let said = try plan(
            request(scratch("program")) { $0.created = .at(Timestamp(secondsSince1970: 7), source: "--created") }
        )
        #expect(said.created.secondsSince1970 == 7)
        #expect(said.createdSource == "--created")
        let silent = try plan(request(other))
        #expect(silent.created.secondsSince1970 == 0)
    }

    @Test("a level that the compressor does not have is refused", arguments: [-1, 0, 13])
    func compressionLevel(level: Int) throws {
        let scratch = try TemporaryDirectory()
        let server = try scratch.file("server", staticProgram(), mode: 0o755)
        #expect(codes(planProblems(request(server) { $0.compressionLevel = level })) == ["configuration.malformed"])
    }

    @Test("all mistakes are reported at once")
    func several() throws {
        let scratch = try TemporaryDirectory()
        let problems = planProblems(
            try request(scratch("none"), try scratch.file("script", "#!/bin/sh\n", mode: 0o755)) {
                $0.configuration.user = "a b"
                $0.configuration.ports = ["0"]
                $0.names = [try Reference(parsing: "a@sha256:" + String(repeating: "a", count: 64))]
                $0.additions = [
                    Addition(source: FilePath(scratch("missing")), destination: "/x"),
                    Addition(source: FilePath(scratch("script")), destination: "x"),
                ]
            }
        )
        #expect(
            codes(problems) == [
                "plan.name-with-digest", "configuration.malformed", "configuration.malformed", "plan.unreadable",
                "entry.path-malformed",
                "program.unreadable", "program.not-elf",
            ]
        )
    }

    @Test("planning twice gives the same plan, and a file's time plays no part")
    func stable() throws {
        let scratch = try TemporaryDirectory()
        for name in ["server", "lib/a", "lib/b"] {
            try scratch.file("tree/\(name)", staticProgram(), mode: name == "server" ? 0o755 : 0o644)
        }
        let first = try plan(request(scratch("tree")))
        try Command.shell(#"find "$1" -exec touch -d @12345 {} +"#, [scratch("tree")]).output()
        let second = try plan(request(scratch("tree")))
        #expect(
            first.layers.map { $0.blueprint.entries.map(\.line) }
                == second.layers.map { $0.blueprint.entries.map(\.line) }
        )
        #expect(first.images.map(\.config) == second.images.map(\.config))
    }
}
