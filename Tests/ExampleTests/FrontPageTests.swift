import TestSupport
import Testing

/// What README.md shows of refusals and reports, typed as it stands there.
@Suite("What the front page shows is what coracle says", .serialized)
struct FrontPageTests {
    private let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    struct Block: CustomTestStringConvertible, Sendable {
        /// As the README has it behind `$`.
        let command: String
        /// What is in the working directory: `server`, `app` and so on.
        let prepare: @Sendable (TemporaryDirectory) throws -> Void
        var testDescription: String { command }
    }

    static let blocks = [
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
        Block(command: "coracle doctor server.oci --says 'panic: unknown time zone Europe/Berlin'") { place in
            try hello(place)
            try type("coracle build server --no-zoneinfo", in: place)
        },
    ]

    @Test("the block is what is printed, but for sizes and digests", arguments: blocks)
    func block(_ block: Block) throws {
        try Command("cp", ["-R", try FreshBases.locked(), place("Bases")]).output()
        try block.prepare(place)
        let printed = try Self.type(block.command, in: place)
        // What is fetched depends on what the cache has.
        let lines = printed.split(separator: "\n").filter { !$0.hasPrefix("pulled ") }.joined(separator: "\n")
        #expect(try masked(lines) == masked(Self.shown(block.command)), "\(printed)")
    }

    /// What README.md has below `command`, to the next one or the block's end.
    private static func shown(_ command: String) throws -> String {
        let text = String(decoding: try readFile("\(Example.repository)/README.md"), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let start = try #require(lines.firstIndex(of: "$ \(command)"), "README.md does not show it")
        return lines[(start + 1)...].prefix { !$0.hasPrefix("```") && !$0.hasPrefix("$ ") }.joined(separator: "\n")
    }

    /// Both outputs of what is typed in `place`, however it ends.
    @discardableResult
    private static func type(_ command: String, in place: TemporaryDirectory) throws -> String {
        try Command(
            "bash",
            ["-c", "exec 2>&1\n\(command)"],
            environment: [
                "PATH": "\(Built.folder):\(Environment.current["PATH"] ?? "/usr/bin:/bin")",
                "CORACLE_CACHE": FreshBases.cache,
            ],
            directory: place.path,
            timeLimit: 300
        ).run().output
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
