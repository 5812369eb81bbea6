import Diagnostics
import Findings
import Gate
import Layers
import OCI
import Testing

@Suite("Whether the image's user can start the program") struct NonRootProofTests {
    private static let passwd =
        "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\nnonroot:x:65532:65532:n:/home/nonroot:/sbin/nologin\n"
    private static let group = "root:x:0:\nstaff:x:50:app,other\napp:x:1000:\n"

    private static let accounts = [
        file("/etc/passwd", passwd, origin: .runtime),
        file("/etc/group", group, origin: .runtime),
        directory("/home/nonroot", 0o700, uid: 65532, gid: 65532, origin: .runtime),
        directory("/home/app", 0o755, uid: 1000, origin: .runtime),
    ]

    /// The codes of what is found, with the paths.
    private static func findings(
        _ files: [MemoryRoot.File],
        user: String? = "65532:65532",
        entrypoint: [String] = ["/app/server"],
        _ change: (inout ImageConfig.Execution) -> Void = { _ in }
    ) throws -> [String] {
        var execution = ImageConfig.Execution()
        execution.user = user
        execution.entrypoint = entrypoint
        change(&execution)
        return try NonRootProof(MemoryRoot(accounts + files), execution).findings().map { finding in
            finding.path.map { "\(finding.rule.code) \($0)" } ?? finding.rule.code
        }
    }

    @Test("a program that every user may execute starts")
    func fine() throws {
        #expect(try Self.findings([file("/app/server", "x", 0o755)]) == [])
    }

    @Test(
        "OpenShift's user, who is in root's group alone, has to read the application and to write where the image's user does",
        arguments: [
            ([file("/app/server", "x", 0o755)], []),
            ([file("/app/server", "x", 0o750)], []),
            ([file("/app/server", "x", 0o700, uid: 65532)], ["/app/server"]),
            ([file("/app/server", "x", 0o755), file("/app/key", "x", 0o600, uid: 65532)], ["/app/key"]),
            ([file("/app/server", "x", 0o755), directory("/data", 0o755, uid: 65532)], ["/data"]),
            ([file("/app/server", "x", 0o755), directory("/data", 0o775, uid: 65532)], []),
            ([file("/app/server", "x", 0o755), directory("/var/own", 0o755, uid: 65532)], ["/var/own"]),
            ([file("/app/server", "x", 0o755), directory("/work", 0o700, uid: 7)], []),
        ] as [([MemoryRoot.File], [String])]
    )
    func arbitraryUser(files: [MemoryRoot.File], expected: [String]) throws {
        var execution = ImageConfig.Execution()
        execution.user = "65532:65532"
        execution.entrypoint = ["/app/server"]
        execution.volumes = ["/data"]
        execution.env = ["HOME=/tmp"]
        let findings = try Self.arbitrary(files, execution)
        #expect(findings.map { $0.path?.description ?? "" } == expected)
        #expect(findings.allSatisfy { $0.rule.code == "lint.arbitrary-user" })
    }

    private static func arbitrary(_ files: [MemoryRoot.File], _ execution: ImageConfig.Execution) throws -> [Finding] {
        let root = MemoryRoot(accounts + [directory("/tmp", 0o1777)] + files)
        let platform = try Platform(parsing: "linux/amd64")
        return try ArbitraryUserCheck(GatedImage(root: root, platform: platform, execution: execution, base: nil))
            .findings()
    }

    @Test(
        "OpenShift's user, who has no account, needs a `HOME` that it may write",
        arguments: [
            ("65532:65532", [], "has no home directory", "HOME=/tmp"),
            ("4000:0", ["HOME="], "has no home directory", "HOME=/home/open"),
            ("65532:65532", ["HOME=/tmp"], nil, ""), ("65532:65532", ["HOME=/home/open"], nil, ""),
            ("65532:65532", ["HOME=/home/nonroot"], "may not write `/home/nonroot`", "HOME=/tmp"),
            ("65532:65532", ["HOME=/none"], "may not write `/none`", "HOME=/tmp"),
        ] as [(String, [String], String?, String)]
    )
    func arbitraryHome(user: String, variables: [String], summary: String?, cure: String) throws {
        var execution = ImageConfig.Execution()
        execution.user = user
        execution.env = variables
        let passwd = Self.passwd + "open:x:4000:0::/home/open:/bin/sh\n"
        let files = [
            file("/etc/passwd", passwd, origin: .runtime), directory("/home/open", 0o775, uid: 4000, origin: .runtime),
        ]
        let findings = try Self.arbitrary(files, execution)
        #expect(findings.count == (summary == nil ? 0 : 1), "\(findings)")
        if let summary {
            #expect(findings.first?.summary.contains(summary) == true)
            #expect(findings.first?.hint?.contains(cure) == true)
        }
    }

    @Test("a file is neither a working directory nor a volume, for root neither", arguments: ["65532:65532", "0"])
    func notDirectories(user: String) throws {
        let files = [file("/app/server", "x", 0o755), directory("/data"), symlink("/link", to: "etc/passwd")]
        let found = try Self.findings(files, user: user) {
            $0.workingDir = "/app/server"
            $0.volumes = ["/data", "/link", "/new"]
        }
        #expect(
            found.filter { $0.hasPrefix("user.workdir") } == ["user.workdir /app/server", "user.workdir /etc/passwd"]
        )
    }

    struct Case: CustomTestStringConvertible {
        let what: String
        let files: [MemoryRoot.File]
        var user = "65532:65532"
        let expected: [String]
        var testDescription: String { what }
    }

    static let cases = [
        Case(
            what: "a program without an execute bit for others",
            files: [file("/app/server", "x", 0o750)],
            expected: ["user.permission-denied /app/server"]
        ),
        Case(what: "a program of the user alone", files: [file("/app/server", "x", 0o700, uid: 65532)], expected: []),
        Case(
            what: "the owner's bits count for the owner, even where others have more",
            files: [file("/app/server", "x", 0o655, uid: 65532)],
            expected: ["user.permission-denied /app/server"]
        ),
        Case(
            what: "a program of the user's group",
            files: [file("/app/server", "x", 0o750, gid: 65532)],
            expected: []
        ),
        Case(
            what: "a program of a group that `/etc/group` puts the user into",
            files: [file("/app/server", "x", 0o750, gid: 50)],
            user: "1000",
            expected: []
        ),
        Case(
            what: "a directory that the user may not enter",
            files: [directory("/app", 0o700), file("/app/server", "x", 0o755)],
            expected: ["user.permission-denied /app"]
        ),
        Case(
            what: "a symlink into a directory that the user may not enter",
            files: [
                symlink("/app/server", to: "../private/server"), directory("/private", 0o700, origin: .base),
                file("/private/server", "x", 0o755, origin: .base),
            ],
            expected: ["user.permission-denied /private"]
        ),
        Case(
            what: "a symlink that leads to a program",
            files: [
                symlink("/app/server", to: "/opt/current/server"), symlink("/opt/current", to: "v1"),
                file("/opt/v1/server", "x", 0o755),
            ],
            expected: []
        ),
        Case(
            what: "a script that may be executed and not read",
            files: [file("/app/server", "#!/bin/sh\n", 0o711), file("/bin/sh", "x", 0o755, origin: .base)],
            expected: ["user.permission-denied /app/server"]
        ),
        Case(
            what: "a script whose interpreter only root may execute",
            files: [file("/app/server", "#!/bin/sh\n", 0o755), file("/bin/sh", "x", 0o744, origin: .base)],
            expected: ["user.permission-denied /bin/sh"]
        ),
        Case(
            what: "a file of the application that only root may read",
            files: [file("/app/server", "x", 0o755), file("/app/config.json", "{}", 0o600)],
            expected: ["user.unreadable /app/config.json"]
        ),
        Case(
            what: "a base's file that only root may read is not reported",
            files: [file("/app/server", "x", 0o755), file("/etc/shadow", "x", 0o600, origin: .base)],
            expected: []
        ),
        Case(
            what: "certificate authorities that only root may read",
            files: [
                file("/app/server", "x", 0o755), file("/etc/ssl/certs/ca-certificates.crt", "x", 0o600, origin: .base),
            ],
            expected: ["user.unreadable /etc/ssl/certs/ca-certificates.crt"]
        ),
        Case(
            what: "root may read everything",
            files: [directory("/app", 0o700, uid: 5), file("/app/server", "x", 0o700, uid: 5)],
            user: "0",
            expected: ["user.root"]
        ),
        Case(
            what: "a setuid program and a file that every user may change",
            files: [
                file("/app/server", "x", 0o755), file("/bin/su", "x", 0o4755, origin: .base),
                file("/app/cache.db", "x", 0o666), directory("/tmp", 0o1777, origin: .base), directory("/spool", 0o777),
            ],
            expected: ["user.setuid /bin/su", "user.world-writable /app/cache.db"]
        ),
    ]

    @Test("permission denied, or not", arguments: cases)
    func permissions(_ test: Case) throws {
        #expect(try Self.findings(test.files, user: test.user) == test.expected)
    }

    @Test(
        "cannot verify user is non-root",
        arguments: [
            ("", "user.root"), ("0", "user.root"), ("root", "user.root"), ("0:65532", "user.root"),
            ("app", "user.not-numeric"), ("app:staff", "user.not-numeric"), ("1000", nil), ("1000:50", nil),
            ("1000:staff", nil), ("4711", nil), ("somebody", "user.unknown"), ("1000:nogroup", "user.unknown"),
            ("2147483647", nil), ("2147483648", "user.unknown"), ("4294967295", "user.unknown"), ("+5", "user.unknown"),
        ]
    )
    func users(user: String, expected: String?) throws {
        #expect(try Self.findings([file("/app/server", "x", 0o755)], user: user) == [expected].compactMap(\.self))
    }

    @Test(
        "a home directory that is missing or closed is named",
        arguments: [
            ("1000", [String](), nil), ("65532", ["HOME=/nowhere"], "user.home"), ("65532", ["HOME=/tmp"], "user.home"),
            ("65532", ["HOME=/app"], nil), ("4711", [], nil),
        ]
    )
    func home(user: String, environment: [String], expected: String?) throws {
        let found = try Self.findings([file("/app/server", "x", 0o755)], user: user) { $0.env = environment }
        #expect(found == [expected].compactMap(\.self))
    }

    @Test("ports below 1024 are named, for users other than root")
    func ports() throws {
        let files = [file("/app/server", "x", 0o755)]
        #expect(
            try Self.findings(files) { $0.exposedPorts = ["80/tcp", "8080/tcp", "1023/udp"] } == [
                "user.port", "user.port",
            ]
        )
        #expect(try Self.findings(files, user: "0") { $0.exposedPorts = ["80/tcp"] } == ["user.root"])
    }

    @Test("a program without a slash is looked for in PATH, past one that may not be executed")
    func searchPath() throws {
        let files = [file("/a/server", "x", 0o700, origin: .base), file("/b/server", "x", 0o755)]
        #expect(try Self.findings(files, entrypoint: ["server"]) { $0.env = ["PATH=/b:/a"] } == [])
        let found = try Self.findings(files, entrypoint: ["server"]) { $0.env = ["PATH=/a"] }
        #expect(found == ["user.permission-denied /a/server"])
    }

    @Test("an image with an empty entry point and a command gets the same checks as one with an entry point")
    func emptyEntrypoint() throws {
        let files = [file("/app/server", "x", 0o700)]
        let found = try Self.findings(files, entrypoint: []) { $0.cmd = ["/app/server"] }
        #expect(found == ["user.permission-denied /app/server"])
    }

    @Test("an empty PATH finds no program, as in runc")
    func emptySearchPath() throws {
        let files = [file("/usr/bin/server", "x", 0o700)]
        #expect(try Self.findings(files, entrypoint: ["server"]).first == "user.permission-denied /usr/bin/server")
        let found = try Self.findings(files, entrypoint: ["server"]) { $0.env = ["PATH="] }
        #expect(found == ["user.unreadable /usr/bin/server"])
    }

    @Test("a program behind as many symlinks as Linux follows starts", arguments: [39, 40, 41])
    func manyLinks(count: Int) throws {
        let links = (1...count).map { symlink("/app/link\($0)", to: $0 == count ? "server" : "link\($0 + 1)") }
        let files = links + [file("/app/server", "x", 0o711, uid: 1), file("/etc/localtime", "x", 0o600)]
        let found = try Self.findings(files, entrypoint: ["/app/link1"])
        // What the program reads is only checked for a program that is found.
        let reads = "user.unreadable /etc/localtime"
        #expect(found == [reads])
        let closed = links + [file("/app/server", "x", 0o700, uid: 1)]
        let denied = try Self.findings(closed, entrypoint: ["/app/link1"])
        #expect(denied == [count <= 40 ? "user.permission-denied /app/server" : "user.unreadable /app/server"])
    }

    @Test("links that go round in circles end the walk")
    func loop() throws {
        #expect(try Self.findings([symlink("/app/server", to: "other"), symlink("/app/other", to: "server")]) == [])
    }

    @Test("the reason names mode and owner, and the summary the user")
    func reason() throws {
        var execution = ImageConfig.Execution()
        execution.user = "65532:65532"
        execution.entrypoint = ["/app/server"]
        let root = MemoryRoot([file("/app/server", "x", 0o711, uid: 1)])
        #expect(try NonRootProof(root, execution).findings() == [])
        let closed = MemoryRoot([file("/app/server", "x", 0o700, uid: 1)])
        let finding = try #require(try NonRootProof(closed, execution).findings().first)
        #expect(finding.summary == "user 65532:65532 may not execute `/app/server`: permission denied")
        #expect(finding.reason == "its mode is 0700, it belongs to 1:0, and it is what starts")
    }
}
