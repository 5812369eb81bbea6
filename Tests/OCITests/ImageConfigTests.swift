import Diagnostics
import OCI
import Testing

@Suite("ImageConfig")
struct ImageConfigTests {
    private static let source = """
        {"created":"2026-11-21T09:00:00Z","author":"me","architecture":"arm","os":"linux","variant":"v7",\
        "config":{"User":"1:2","ExposedPorts":{"80/tcp":{},"53/udp":{}},"Env":["A=1","B="],"Entrypoint":["/a"],\
        "Cmd":["b"],"Volumes":{"/data":{}},"WorkingDir":"/w","Labels":{"k":"v"},"StopSignal":"SIGINT",\
        "Healthcheck":{"Interval":30000000000.0},"OnBuild":null},\
        "rootfs":{"type":"layers","diff_ids":["sha256:\(digits)"],"x":1},\
        "history":[{"created":"2026-11-21T09:00:00+01:00","created_by":"c","author":"a","comment":"d","y":2},\
        {"empty_layer":true}],\
        "container_config":{"Image":""},"docker_version":"28"}
        """

    private static func parse(_ source: String) throws -> JSON {
        try JSON(parsing: Array(source.utf8), named: "config.json")
    }

    @Test("a config is read with all its members, and written with those that we do not know")
    func roundTrip() throws {
        let config = try ImageConfig(Self.parse(Self.source), named: "config.json")
        #expect(config.created == "2026-11-21T09:00:00Z")
        #expect(config.author == "me")
        #expect(config.platform == Platform(os: "linux", architecture: "arm", variant: "v7"))
        #expect(config.config.user == "1:2")
        #expect(config.config.exposedPorts == ["80/tcp", "53/udp"])
        #expect(config.config.env == ["A=1", "B="])
        #expect(config.config.entrypoint == ["/a"])
        #expect(config.config.cmd == ["b"])
        #expect(config.config.volumes == ["/data"])
        #expect(config.config.workingDir == "/w")
        #expect(config.config.labels == ["k": "v"])
        #expect(config.config.stopSignal == "SIGINT")
        #expect(config.diffIDs.map(\.description) == ["sha256:\(digits)"])
        #expect(config.history.map(\.createdBy) == ["c", nil])
        #expect(config.history.map(\.author) == ["a", nil])
        #expect(config.history.map(\.comment) == ["d", nil])
        #expect(config.history.map(\.created) == ["2026-11-21T09:00:00+01:00", nil])
        #expect(config.history.map(\.isEmptyLayer) == [false, true])
        #expect(text(config.json.encoded()) == Self.source)
        #expect(try ImageConfig(config.json, named: "config.json") == config)
    }

    @Test("our own config is written sorted, and read as it was")
    func own() throws {
        let config = ImageConfig(
            platform: Platform(os: "linux", architecture: "arm64"),
            created: "1970-01-01T00:00:00Z",
            config: ImageConfig.Execution(
                user: "65532:65532",
                exposedPorts: ["8080/tcp"],
                env: ["PATH=/bin"],
                entrypoint: ["/app/server"],
                labels: ["b": "2", "a": "1"]
            ),
            diffIDs: [DiffID(try Digest(parsing: "sha256:\(digits)"))],
            history: [ImageConfig.History(created: "1970-01-01T00:00:00Z", createdBy: "coracle")]
        )
        let expected = """
            {"architecture":"arm64","config":{"Entrypoint":["/app/server"],"Env":["PATH=/bin"],"ExposedPorts":{"8080/tcp":{}},\
            "Labels":{"a":"1","b":"2"},"User":"65532:65532"},"created":"1970-01-01T00:00:00Z",\
            "history":[{"created":"1970-01-01T00:00:00Z","created_by":"coracle"}],"os":"linux",\
            "rootfs":{"diff_ids":["sha256:\(digits)"],"type":"layers"}}
            """
        #expect(text(config.json.encoded(sortedKeys: true)) == expected)
        #expect(try ImageConfig(config.json, named: "config.json") == config)
    }

    @Test("a member that Docker writes as null is absent; an empty entrypoint stays empty")
    func null() throws {
        let config = try ImageConfig(
            Self.parse(
                """
                {"architecture":"amd64","os":"linux","created":null,"history":null,"rootfs":{"type":"layers","diff_ids":null},\
                "config":{"User":"","Env":null,"Entrypoint":[],"Cmd":null,"Volumes":null,"ExposedPorts":null,"Labels":null}}
                """
            ),
            named: "config.json"
        )
        #expect(config.created == nil)
        #expect(config.history == [])
        #expect(config.diffIDs == [])
        #expect(config.config == ImageConfig.Execution(user: "", entrypoint: []))
        let bare = try ImageConfig(
            Self.parse(#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#),
            named: "config.json"
        )
        #expect(bare == ImageConfig(platform: Platform(os: "linux", architecture: "amd64")))
    }

    @Test("a Windows config keeps its version beside its platform")
    func windows() throws {
        let source = """
            {"architecture":"amd64","os":"windows","os.version":"10.0.1","os.features":["f"],"config":{},\
            "rootfs":{"type":"layers","diff_ids":[]}}
            """
        let config = try ImageConfig(Self.parse(source), named: "config.json")
        #expect(config.platform.osVersion == "10.0.1")
        #expect(text(config.json.encoded()) == source)
    }

    @Test("a text that is not a date stays as it is", arguments: ["", "10000-01-01T00:00:00Z", "2026-11-21 09:00"])
    func dates(created: String) throws {
        var json = try #require(Self.parse(Self.source).objectValue)
        json["created"] = .string(created)
        #expect(try ImageConfig(.object(json), named: "config.json").created == created)
    }

    @Test(
        "what is wrong with a config is named by its place",
        arguments: [
            ("rootfs", nil, "`rootfs` is missing"),
            ("rootfs", ["diff_ids": []], "rootfs: `type` is missing"),
            ("rootfs", ["type": "layers"], "rootfs: `diff_ids` is missing"),
            ("rootfs", ["type": "squash", "diff_ids": []], "rootfs.type: it is not `layers`"),
            ("rootfs", ["type": "layers", "diff_ids": [3]], "rootfs.diff_ids[0]: expected a string, found a number"),
            ("rootfs", ["type": "layers", "diff_ids": ["x"]], "it stands at rootfs.diff_ids[0]"),
            (
                "rootfs", ["type": "layers", "diff_ids": [], "Type": "x"],
                "rootfs: `Type` differs from `type` only in case, and some readers take it for that"
            ),
            ("os", nil, "`os` is missing"),
            ("architecture", 1, "architecture: expected a string, found a number"),
            ("config", [], "config: expected an object, found an array"),
            ("config", ["User": 1000], "config.User: expected a string, found a number"),
            ("config", ["Entrypoint": "/a"], "config.Entrypoint: expected an array, found a string"),
            ("config", ["ExposedPorts": ["80/tcp"]], "config.ExposedPorts: expected an object, found an array"),
            ("config", ["Labels": ["k": 1]], "config.Labels.k: expected a string, found a number"),
            ("config", ["env": []], "config: `env` differs from `Env` only in case, and some readers take it for that"),
            ("history", [["empty_layer": "yes"]], "history[0].empty_layer: expected true or false, found a string"),
        ] as [(String, JSON?, String)]
    )
    func refuses(key: String, value: JSON?, reason: String) throws {
        var json = try #require(Self.parse(Self.source).objectValue)
        json[key] = value
        let problem = try problem { _ = try ImageConfig(.object(json), named: "config.json") }
        #expect(problem.code.category == .verification)
        #expect(problem.subject == .file(path: "config.json"))
        #expect(problem.reason == reason)
    }

    @Test(
        "of two values for a variable the last counts, and what is not NAME=VALUE does not, as in engines",
        arguments: [
            (["A=1", "B"], ["A=1"], ["B"]), (["=1"], [], ["=1"]), (["A=1", "B=1", "A=2"], ["A=2", "B=1"], ["A"]),
            (["A=", "A=b=c"], ["A=b=c"], ["A"]), (["A=1"], ["A=1"], []),
        ]
    )
    func environment(written: [String], env: [String], odd: [String]) throws {
        let json: JSON = [
            "os": "linux", "architecture": "amd64", "rootfs": ["type": "layers", "diff_ids": []],
            "config": ["Env": .array(written.map { .string($0) })],
        ]
        let execution = try ImageConfig(json, named: "config").config
        #expect(execution.env == env)
        #expect(execution.oddVariables == odd)
    }
}
