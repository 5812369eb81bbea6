import Glibc
import TestSupport
import Testing

/// Programs that need something, built by Go in the test.
private enum NeedyProgram: String, CaseIterable {
    case plain, tls, zones, users, temporary

    private var source: (packages: [String], statement: String) {
        switch self {
        case .plain: ([], #"println("fine")"#)
        case .tls:
            (
                ["net/http", "net/http/httptest"],
                """
                server := httptest.NewTLSServer(http.NotFoundHandler())
                \t_, err := http.Get(server.URL)
                \tprintln(err.Error())
                """
            )
        case .zones: (["time"], #"_, err := time.LoadLocation("Europe/Paris"); println(err.Error())"#)
        case .users: (["os/user"], #"_, err := user.LookupId("65532"); println(err.Error())"#)
        case .temporary: (["os"], #"_, err := os.CreateTemp("", "x"); println(err.Error())"#)
        }
    }

    /// A directory with the program `app` in it.
    func place() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        let imports = source.packages.map { "import \"\($0)\"\n" }.joined()
        try place.file("src/go.mod", "module example.com/needy\n\ngo 1.18\n")
        try place.file("src/main.go", "package main\n\n\(imports)\nfunc main() {\n\t\(source.statement)\n}\n")
        try Command(
            "go",
            ["build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", place("app"), "."],
            environment: [
                "CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off", "GOTOOLCHAIN": "local", "GOPROXY": "off",
            ],
            directory: place("src"),
            timeLimit: 300
        ).output()
        return place
    }
}

@Suite("What the programs need, in reports and warnings")
struct NeedsCommandTests {
    @Test("the report says why certificates and zones are added")
    func reasons() throws {
        let place = try NeedyProgram.tls.place()
        let outcome = try Built.coracle(["build", "app"], directory: place.path).run()
        #expect(outcome.end == .exited(0))
        #expect(
            outcome.errors.contains(#/\n +\+ ca-certificates 1\d\d\.\d kB: links crypto/x509 \(system roots\)\n/#),
            "\(outcome.errors)"
        )
        #expect(
            outcome.errors.contains(
                #/\n +\+ zoneinfo \d+\.\d kB: links no time\.LoadLocation; `--minimal` leaves it out\n/#
            ),
            "\(outcome.errors)"
        )
        #expect(outcome.errors.contains(#/\n    program      go1[^\n]*example\.com/needy/#), "\(outcome.errors)")
        #expect(!outcome.errors.contains("warning["))
    }

    @Test("`--minimal` adds what is needed, and says what it leaves out and why")
    func minimal() throws {
        let place = try NeedyProgram.zones.place()
        let outcome = try Built.coracle(["build", "app", "--minimal"], directory: place.path).run()
        #expect(outcome.end == .exited(0))
        #expect(outcome.errors.contains("+ zoneinfo "))
        #expect(outcome.errors.contains("- ca-certificates: links no crypto/x509 system roots"), "\(outcome.errors)")
        #expect(outcome.errors.contains("- accounts: links no lookup of os/user"))
        let files = try Built.coracle(["files", "app.oci"], directory: place.path).output()
        #expect(files.contains("/usr/share/zoneinfo/Europe/Paris"))
        #expect(!files.contains("/etc/"))
    }

    @Test("`--minimal` leaves out everything for a program that needs nothing, and keeps everything for what is packed")
    func nothingAndEverything() throws {
        let place = try NeedyProgram.plain.place()
        try Built.coracle(["build", "app", "--minimal"], directory: place.path).output()
        let files = try Built.coracle(["files", "app.oci"], directory: place.path).output()
        #expect(files.split(separator: "\n").filter { !$0.hasPrefix("d") }.count == 1, "\(files)")
        var packed = try readFile(place("app"))
        packed.replaceSubrange(0xEC..<0xF0, with: Array("UPX!".utf8))
        try place.file("packed", packed, mode: 0o755)
        let outcome = try Built.coracle(["build", "packed", "--minimal"], directory: place.path).run()
        #expect(outcome.errors.contains("+ ca-certificates "), "\(outcome.errors)")
        #expect(outcome.errors.contains("packed with UPX, which cannot be looked into"), "\(outcome.errors)")
    }

    @Test("`--minimal` and `--no-runtime` contradict each other")
    func contradiction() throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build", "hello", "--minimal", "--no-runtime"], directory: place.path).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains("error[usage.conflict]"))
    }

    @Test("needs are in the JSON of `plan`")
    func json() throws {
        let place = try NeedyProgram.users.place()
        try place.file("plan.json", Built.coracle(["plan", "app", "--json"], directory: place.path).output())
        let script = """
            import json, sys
            image = json.load(open(sys.argv[1]))["images"][0]
            print(image["needs"]["accounts"]["answer"], image["needs"]["accounts"]["program"], image["program"]["module"]["path"])
            print([(p["part"], p["state"]) for p in image["runtime"]])
            """
        #expect(
            try Tool.python(script, [place("plan.json")]) == """
                needed /app/app example.com/needy
                [('ca-certificates', 'added'), ('zoneinfo', 'added'), ('accounts', 'added'), ('nsswitch.conf', 'added'), \
                ('/tmp', 'added'), ('os-release', 'added')]

                """
        )
    }

    @Test(
        "x509: certificate signed by unknown authority, unknown time zone, unknown userid, no such file in /tmp",
        arguments: [
            ("tls", ["--no-ca"], "run.no-authorities", "x509: certificate signed by unknown authority"),
            ("zones", ["--no-zoneinfo"], "run.no-zones", "unknown time zone Europe/Paris"),
            ("users", ["--no-runtime"], "run.no-accounts", "open /etc/passwd: no such file or directory"),
            ("temporary", ["--no-runtime"], "run.no-temporary-directory", "no such file or directory"),
        ]
    )
    func foretold(name: String, flags: [String], code: String, message: String) throws {
        let place = try #require(NeedyProgram(rawValue: name)).place()
        let outcome = try Built.coracle(["build", "app"] + flags, directory: place.path).run()
        #expect(outcome.end == .exited(0))
        #expect(outcome.errors.contains("warning[\(code)]"), "\(outcome.errors)")
        // What was foretold comes true where there is nothing but the program.
        try place.directory("root")
        try Command("cp", [place("app"), place("root/app")]).output()
        let run = try Command("chroot", ["--userspec=65532:65532", place("root"), "/app"]).run()
        #expect(run.errors.contains(message), "\(run.errors)")
        let allowed = try Built.coracle(["build", "app", "--allow", code] + flags, directory: place.path).run()
        #expect(!allowed.errors.contains("warning[\(code)]"))
    }
}
