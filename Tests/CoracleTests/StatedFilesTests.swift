import ByteIO
import Diagnostics
@testable import ELF
@testable import Images
import Layers
import Needs
@testable import OCI
@testable import Plan
@testable import SourceTree
import Request
import TestSupport
import Testing

@Suite("What is stated of files and users is done")
struct StatedFilesTests {
    @Test(
        "a mode that is stated for a directory holds for all in it, as chmod with X would set it",
        arguments: [
            (0o750, "750", "750", "640"), (0o640, "750", "750", "640"), (0o700, "700", "700", "600"),
            (0o644, "755", "755", "644"), (0o1777, "1777", "777", "666"), (0o2775, "2775", "775", "664"),
            (0o4755, "755", "4755", "644"),
        ]
    )
    func modes(stated: UInt16, directory: String, program: String, plain: String) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("d/run", "#!/bin/sh\n", mode: 0o755)
        try scratch.file("d/sub/conf", "")
        var request = BuildRequest(paths: [])
        request.additions = [Addition(source: FilePath(scratch("d")), destination: "/d", mode: stated, uid: 1, gid: 2)]
        #expect(
            AdditionReader.read(request).value.map(\.line) == [
                "dir \(directory) 1:2 @0 /d", "file \(program) 1:2 @0 /d/run", "dir \(directory) 1:2 @0 /d/sub",
                "file \(plain) 1:2 @0 /d/sub/conf",
            ]
        )
    }

    @Test("the application has the owner and mode that are stated for it", arguments: ["app", "tool"])
    func application(path: String) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("app/bin/server", try readFile("/bin/true"), mode: 0o755)
        try scratch.file("app/conf", "")
        try scratch.file("tool", try readFile("/bin/true"), mode: 0o755)
        var request = BuildRequest(paths: [FilePath(scratch(path))])
        request.owner = UserID(uid: 65532, gid: 0)
        request.mode = 0o770
        let variant = try #require(ApplicationReader.read(request, on: .catalogue).value?.variants.first)
        let lines =
            path == "tool"
            ? ["file 770 65532:0 @0 /app/tool"]
            : [
                "dir 770 65532:0 @0 /app", "dir 770 65532:0 @0 /app/bin", "file 770 65532:0 @0 /app/bin/server",
                "file 660 65532:0 @0 /app/conf",
            ]
        #expect(variant.entries.map(\.line) == lines)
    }

    @Test("directories and symlinks are made without a file of this machine")
    func made() throws {
        var request = BuildRequest(paths: [])
        request.made = [
            try MadeEntry(directory: "/var/x:1777"), try MadeEntry(directory: "/srv/y:0700:5:6"),
            try MadeEntry(directory: "/z"), try MadeEntry(symlink: "/usr/bin/a:/app/a:b"),
        ]
        #expect(
            AdditionReader.read(request).value.map(\.line) == [
                "dir 700 5:6 @0 /srv/y", "symlink(/app/a:b) 777 0:0 @0 /usr/bin/a", "dir 1777 0:0 @0 /var/x",
                "dir 755 0:0 @0 /z",
            ]
        )
    }

    @Test(
        "a directory or symlink that is not understood is refused",
        arguments: ["", "x", "/", "/x:", "/x:888", "/x:+7", "/x:0755:1", "/x:0755:a:b", "/x:755:1:2:3"]
    )
    func malformed(text: String) {
        #expect(throws: Diagnostic.self) { try MadeEntry(directory: text) }
    }

    @Test(
        "a text becomes a file, with the mode and the owner that are stated",
        arguments: [
            ("/a=", "file 644 0:0 @0 /a", "", "/a"), ("/a=b=c:d\n", "file 644 0:0 @0 /a", "b=c:d\n", "/a"),
            ("/a:0755=x", "file 755 0:0 @0 /a", "x", "/a:0755"),
            ("/a::5:6=x", "file 644 5:6 @0 /a", "x", "/a:0644:5:6"),
            ("/a:640:5:6=x", "file 640 5:6 @0 /a", "x", "/a:0640:5:6"),
            ("/a\\=b\\:c\\d=é", "file 644 0:0 @0 /a=b:c\\d", "é", "/a=b:c\\d"),
        ]
    )
    func text(written: String, line: String, text: String, addition: String) throws {
        var request = BuildRequest(paths: [])
        request.made = [try MadeEntry(file: written)]
        let entry = try #require(AdditionReader.read(request).value.first)
        #expect(entry.line == line)
        guard case .bytes(let bytes) = entry.content else {
            Issue.record("it is not a text")
            return
        }
        #expect(bytes == Array(text.utf8))
        #expect(request.made[0].addition == addition)
    }

    @Test(
        "a text without a place for it is refused",
        arguments: ["", "/x", "=x", "x=y", "/=x", "/x/=y", "/x:=y", "/x:888=y", "/x:1:2=y", "/x:0644:a:b=y", "/x\\=y"]
    )
    func malformedText(text: String) {
        #expect(throws: Diagnostic.self) { try MadeEntry(file: text) }
    }

    @Test("a symlink needs a place and a target", arguments: ["", "/x", "x:/y", "/x:"])
    func malformedSymlink(text: String) {
        #expect(throws: Diagnostic.self) { try MadeEntry(symlink: text) }
    }

    // MARK: Users

    private func entries(_ configure: (inout BuildRequest) throws -> Void) throws -> [String] {
        let scratch = try TemporaryDirectory()
        try scratch.file("server", try readFile(FixtureProgram.go("hello").path()), mode: 0o755)
        var request = BuildRequest(paths: [FilePath(scratch("server"))])
        request.gate = nil
        try configure(&request)
        let plan = try Planner.plan(request)
        return plan.layers.map(\.blueprint).filter { $0.createdBy.hasPrefix("coracle: for user") }.flatMap(\.entries)
            .map(\.line)
    }

    @Test("a user without an account gets one, with a home that it may write")
    func account() throws {
        let lines = try entries { $0.configuration.user = "1000" }
        #expect(
            lines == ["file 644 0:0 @0 /etc/group", "file 644 0:0 @0 /etc/passwd", "dir 700 1000:1000 @0 /home/user"]
        )
        // OpenShift starts programs as any user, in root's group.
        let open = try entries { $0.configuration.user = "1000:0" }
        #expect(open == ["file 644 0:0 @0 /etc/passwd", "dir 770 1000:0 @0 /home/user"])
    }

    @Test("users with an account, and images without accounts, stay as they are", arguments: ["0", "65532", "65534"])
    func noAccount(user: String) throws {
        #expect(try entries { $0.configuration.user = user } == [])
        #expect(try entries { ($0.configuration.user, $0.runtime) = ("1000", nil) } == [])
    }

    @Test("the directories of `--workdir` and `--volume` are made for the user, if they are not there")
    func directories() throws {
        let lines = try entries {
            $0.configuration.volumes = ["/data", "/tmp", "/app"]
            $0.configuration.workingDirectory = "/srv/here"
        }
        #expect(lines == ["dir 755 65532:65532 @0 /data", "dir 755 0:0 @0 /srv", "dir 755 65532:65532 @0 /srv/here"])
        #expect(try entries { ($0.configuration.volumes, $0.configuration.user) = (["/data"], "root") } == [])
    }

    @Test(
        "a user and the base's user are looked up in the same files",
        arguments: [
            ("1001", nil, "1001:2002"), ("svc", nil, "1001:2002"), ("svc:staff", nil, "1001:50"),
            ("1001:7", nil, "1001:7"), ("4", nil, "4:4"), (nil, "svc", "1001:2002"), (nil, "svc:staff", "1001:50"),
            (nil, "1001", "1001"), (nil, "root", "65532:65532"), (nil, "gone", "65532:65532"),
        ] as [(String?, String?, String)]
    )
    func resolution(wanted: String?, base: String?, expected: String) throws {
        var problems = Problems()
        var request = BuildRequest.Configuration()
        request.user = wanted
        let plan = ConfigurationPlan(request, isOnBase: true, &problems)
        var accounts = ImageAccounts()
        accounts.passwd = ParsedAccountFile(Array("root:x:0:0::/root:/bin/sh\nsvc:x:1001:2002::/srv:/bin/sh\n".utf8))
        accounts.group = ParsedAccountFile(Array("staff:x:50:\n".utf8))
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.config.user = base
        let result = try plan.config(
            ConfigurationPlan.Surroundings(
                start: .words(["/a"]),
                workingDirectory: nil,
                hasCertificates: false,
                platform: config.platform,
                created: Timestamp(secondsSince1970: 0),
                base: config,
                accounts: accounts
            )
        )
        #expect(result.config.user == expected)
    }

    // MARK: Labels

    @Test(
        "what a CI system says of its checkout is read from its variables",
        arguments: [
            (
                [
                    "GITHUB_SHA": "0123456789abcdef", "GITHUB_SERVER_URL": "https://github.com",
                    "GITHUB_REPOSITORY": "me/x",
                    "GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1",
                ],
                ["0123456789abcdef", "https://github.com/me/x", "v1"]
            ),
            (
                ["CI_COMMIT_SHA": "0123456789abcdef", "CI_PROJECT_URL": "https://gitlab.com/me/x"],
                ["0123456789abcdef", "https://gitlab.com/me/x", nil]
            ),
            (
                ["CI_COMMIT_SHA": "0123456789abcdef", "CI_PROJECT_URL": "https://me:secret@x/y"],
                ["0123456789abcdef", nil, nil]
            ),
            (["CI_PROJECT_URL": "https://gitlab.com/me/x"], [nil, nil, nil]), (["GITHUB_SHA": "no"], [nil, nil, nil]),
        ] as [([String: String], [String?])]
    )
    func variables(variables: [String: String], expected: [String?]) {
        let state = SourceState { variables[$0] }
        #expect([state.revision, state.source, state.version] == expected)
    }

    @Test(
        "what Go noted in the program is stronger than the CI system, unless the source was changed",
        arguments: [("false", "fedcba98", "https://github.com/me/shop", "v1.2.0"), ("true", "01234567", nil, nil)]
            as [(String, String, String?, String?)]
    )
    func stamp(modified: String, revision: String, source: String?, version: String?) {
        let lines = [
            "path\tgithub.com/me/shop/cmd", "mod\tgithub.com/me/shop\tv1.2.0\th1:x", "build\tvcs=git",
            "build\tvcs.revision=fedcba98", "build\tvcs.modified=\(modified)",
        ]
        let info = GoBuildInfo(version: "go1.22", moduleInformation: lines.joined(separator: "\n") + "\n")
        var state = SourceState()
        state.revision = "01234567"
        let created = CreationTime(.at(Timestamp(secondsSince1970: 0), source: "x"), of: nil)
        let labels = SourceLabels.labels(state, .go(info), created: created)
        #expect(labels["org.opencontainers.image.revision"] == revision)
        #expect(labels["org.opencontainers.image.source"] == source)
        #expect(labels["org.opencontainers.image.version"] == version)
        #expect(SourceLabels.labels(nil, .go(info), created: created) == [:])
    }

    @Test("without a commit, or if they are not wanted, there are no labels of the source")
    func noLabels() {
        let created = CreationTime(.at(Timestamp(secondsSince1970: 0), source: "x"), of: nil)
        #expect(SourceLabels.labels(SourceState(), nil, created: created) == [:])
        #expect(SourceLabels.labels(nil, nil, created: created) == [:])
        var state = SourceState()
        state.revision = "0123456789abcdef"
        #expect(
            SourceLabels.labels(state, nil, created: created) == [
                "org.opencontainers.image.revision": "0123456789abcdef",
                "org.opencontainers.image.created": "1970-01-01T00:00:00Z",
            ]
        )
    }

    // MARK: Bases

    private func plan(
        _ sample: BaseSample,
        in scratch: TemporaryDirectory,
        _ configure: (inout BuildRequest) throws -> Void = { _ in }
    ) async throws -> BuildPlan {
        try scratch.file("server", staticProgram(), mode: 0o755)
        var request = BuildRequest(paths: [FilePath(scratch("server"))])
        request.base = try await BaseSample.layout([sample], in: scratch)
        request.gate = nil
        try configure(&request)
        return try await Planner.plan(request, ImageAccess(RegistrySettings(environment: [:])))
    }

    @Test("what a base asks builders to run first does not stay in the image")
    func triggers() async throws {
        var sample = BaseSample.merged
        let json = try JSON(
            parsing: Array(#"{"OnBuild": ["RUN make"], "Env": ["PATH=/bin"], "Healthcheck": {}}"#.utf8),
            named: "x"
        )
        sample.config = try ImageConfig.Execution(JSONReader(json, named: "x"))
        #expect(sample.config.hasTriggers)
        let plan = try await plan(sample, in: try TemporaryDirectory())
        let config = try #require(plan.images.first?.config)
        #expect(!config.config.hasTriggers)
        let text = String(decoding: Document(encoding: config, as: .imageConfig).bytes, as: UTF8.self)
        #expect(!text.contains("OnBuild") && text.contains("Healthcheck"))
        #expect(codes(plan.notes).contains("plan.base-triggers"))
    }

    @Test("a mode that is stated for a directory of the base is set, and one that is not stated stays")
    func statedDirectory() async throws {
        for (text, expected) in [("/tmp:0755", ["dir 755 0:0 @0 /tmp"]), ("/tmp", []), ("/tmp:1777", [])] {
            let plan = try await plan(.merged, in: try TemporaryDirectory()) { request throws(Diagnostic) in
                request.made = [try MadeEntry(directory: text)]
                request.runtime = nil
            }
            let layers = plan.layers.map(\.blueprint).filter { $0.createdBy.contains("--mkdir") }
            #expect(layers.flatMap(\.entries).map(\.line) == expected, "\(text)")
            #expect(codes(plan.notes).contains("plan.directory-changed") == !expected.isEmpty)
        }
    }

    @Test(
        "the note about the base's user says which of the reasons it is",
        arguments: [
            ("nonroot:nonroot", "that is the base's user `nonroot:nonroot` in numbers"),
            ("root", "the base's user `root` is root"),
            (
                "ghost",
                "the base's user `ghost` cannot be found: `ghost` is not a number, and the image has no user of that name"
            ),
            (
                "nonroot:ghosts",
                "the base's user `nonroot:ghosts` cannot be found: `ghosts` is not a number, and the image has no group of that name"
            ),
        ]
    )
    func baseUser(user: String, reason: String) async throws {
        var sample = BaseSample.merged
        sample.config.user = user
        let plan = try await plan(sample, in: try TemporaryDirectory())
        #expect(plan.notes.first { $0.code.rawValue == "plan.user" }?.reason == reason)
    }

    @Test(
        "an image for arm64 is the same with and without `v8`, also on a base",
        arguments: ["linux/arm64", "linux/arm64/v8"]
    )
    func variant(platform: String) async throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("site/index.html", "")
        var sample = BaseSample.merged
        sample.layers.append([.text("/usr/sbin/nginx", "#!/bin/sh\n", mode: 0o755)])
        sample.config.entrypoint = ["/usr/sbin/nginx"]
        sample.platform = try Platform(parsing: platform)
        var request = BuildRequest(paths: [FilePath(scratch("site"))])
        request.base = try await BaseSample.layout([sample], in: scratch)
        request.gate = nil
        for platforms in [[], ["linux/arm64"], ["linux/arm64/v8"]] {
            request.platforms = try platforms.map { try Platform(parsing: $0) }
            let plan = try await Planner.plan(request, ImageAccess(RegistrySettings(environment: [:])))
            #expect(plan.images.map(\.config.platform.description) == ["linux/arm64"])
        }
    }

    // MARK: Media types

    @Test("programs that ask for media types get the list, in a layer of its own, where nothing has one")
    func mediaTypes() async throws {
        let scratch = try TemporaryDirectory()
        try scratch.file(
            "s.c",
            #"const char *volatile place = "/etc/mime.types"; void _start(void) { for (;;) (void)place; }"#
        )
        let script = "gcc -static -nostdlib -O1 -o asks s.c"
        _ = try Command("/bin/sh", ["-c", "cd '\(scratch.path)' && \(script)"], timeLimit: 60).output()
        var request = BuildRequest(paths: [FilePath(scratch("asks"))])
        request.gate = nil
        func layers() throws -> [LayerBlueprint] {
            try Planner.plan(request).layers.map(\.blueprint).filter { $0.createdBy.contains("media types") }
        }
        let layer = try #require(try layers().first)
        #expect(layer.entries.map(\.path.description) == ["/etc/mime.types"])
        guard case .bytes(let bytes) = layer.entries[0].content else {
            Issue.record("no bytes")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self).contains("\nfont/woff2\twoff2\n"))
        request.runtime?.isMinimal = true
        #expect(try layers().count == 1)
        request.additions = [
            Addition(source: FilePath(scratch("s.c")), destination: "/etc/mime.types", mode: nil, uid: 0, gid: 0)
        ]
        #expect(try layers().isEmpty)
        request.additions = []
        request.runtime = nil
        #expect(try layers().isEmpty)
        request = BuildRequest(paths: [FilePath(try scratch.file("plain", staticProgram(), mode: 0o755))])
        request.gate = nil
        #expect(try layers().isEmpty)
    }

    @Test("on a base that has a list of media types, none is added")
    func mediaTypesOfBase() async throws {
        let scratch = try TemporaryDirectory()
        for path in ["/etc/mime.types", "/usr/share/mime/globs2", "/etc/other"] {
            var sample = BaseSample.merged
            sample.layers.append([.text(path, "text/x x\n")])
            try scratch.file(
                "s.c",
                #"const char *volatile place = "/etc/mime.types"; void _start(void) { for (;;) (void)place; }"#
            )
            _ = try Command(
                "/bin/sh",
                ["-c", "cd '\(scratch.path)' && gcc -static -nostdlib -o asks s.c"],
                timeLimit: 60
            ).output()
            let plan = try await plan(sample, in: scratch) { $0.paths = [FilePath(scratch("asks"))] }
            let isAdded = plan.layers.contains { $0.blueprint.createdBy.contains("media types") }
            #expect(isAdded == (path == "/etc/other"), "\(path)")
        }
    }
}
