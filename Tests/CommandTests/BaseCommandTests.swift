import TestSupport
import Testing

@Suite("Bases from packages")
struct BaseCommandTests {
    @Test("`base list` and `base show` say what there is, in ./Bases and in coracle itself")
    func list() throws {
        let base = try SmallBase()
        let list = try base.coracle(["base", "list"]).output()
        let mini = try #require(list.split(separator: "\n").first { $0.hasPrefix("debian13/mini ") })
        #expect(mini.hasSuffix("  2020-01-01 (past)  tests"), "\(mini)")
        #expect(list.contains("debian12/static "))
        try base.place.file("list.json", try base.coracle(["base", "list", "--json"]).output())
        let script = """
            import json, sys
            mini = next(b for b in json.load(open(sys.argv[1]))["bases"] if b["name"] == "debian13/mini")
            print(mini["names"], mini["for"], mini["user"], mini["shell"], mini["hasEnded"], mini["architectures"])
            """
        #expect(
            try Tool.python(script, [base.place("list.json")])
                == "['debian13/mini', 'mini'] tests nonroot False True ['amd64', 'arm64']\n"
        )
        let variant = try base.coracle(["base", "show", "mini:root"]).output()
        #expect(variant.hasPrefix("debian13/mini:root\n"), "\(variant)")
        #expect(variant.contains("\n  user         root\n"), "\(variant)")
        let usual = try base.coracle(["base", "show", "mini"]).output()
        #expect(usual.hasPrefix("debian13/mini\n  for          tests\n  short name   mini\n"), "\(usual)")
        #expect(usual.contains("  mini-tool 1.0-1\n"))
    }

    @Test("a base is built twice to one digest, from the cache alone if need be, and is a valid image")
    func build() throws {
        let base = try SmallBase()
        let first = try base.coracle(["base", "build", "mini", "-o", "one"]).output()
        #expect(first.hasPrefix("sha256:"))
        let count = base.requestCount
        #expect(count == 2)
        #expect(try base.coracle(["base", "build", "debian13/mini", "-o", "two.tar", "--offline"]).output() == first)
        #expect(base.requestCount == count)
        #expect(try base.coracle(["base", "build", "mini", "-o", "three"], cache: "other").output() == first)
        try base.coracle(["validate", "one"]).output()
        let files = try base.coracle(["files", "one", "--platform", "linux/amd64"]).output()
        for path in ["/usr/share/mini/data", "/var/lib/dpkg/status.d/mini-tool", "/etc/passwd"] {
            #expect(files.contains("\(path)\n"), "\(files)")
        }
        let config = try Command(
            "skopeo",
            ["inspect", "--config", "--override-arch", "arm64", "oci:\(base.place("one"))"]
        ).output()
        #expect(config.contains("MINI=small"))
        #expect(config.contains(#""65532:65532""#))
    }

    @Test("`--base` takes a name of the catalogue before one of Docker Hub, and says so")
    func chosen() throws {
        let base = try SmallBase()
        let program = try FixtureProgram.go("hello").path()
        let outcome = try base.coracle(["build", program, "--base", "mini", "-t", "localhost/hello:1", "-o", "out"])
            .run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("note: `mini` is `debian13/mini`, made from Debian's packages\n"))
        #expect(outcome.errors.contains("docker.io/library/mini"))
        try base.coracle(["validate", "out"]).output()
        #expect(try base.coracle(["files", "out"]).output().contains("/usr/share/mini/tool\n"))
        // The other platform's packages are not wanted, but these are for all.
        let plan = try base.coracle(["plan", program, "--base", "debian13/mini:root", "--offline"]).output()
        #expect(plan.contains("base debian13/mini:root"), "\(plan)")
    }

    @Test("`base fetch --into` makes a directory that a mirror has")
    func fetch() throws {
        let base = try SmallBase()
        let outcome = try base.coracle(["base", "fetch", "mini", "--into", "kit"]).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("2 packages, "))
        #expect(outcome.output.isEmpty)
        let path = "pool/main/m/mini/mini-data_1.0-1_all.deb"
        #expect(try readFile(base.place("kit/\(path)")) == base[path])
        try base.coracle(["base", "build", "mini", "-o", "out", "--offline"]).output()
        // Where there is nothing but the directory.
        let build = ["base", "build", "mini", "-o", "far", "--offline", "--mirror", "kit"]
        try base.coracle(build, cache: "far-cache").output()
        #expect(try readFile(base.place("far/index.json")) == readFile(base.place("out/index.json")))
        try Command("rm", [base.place("kit/\(path)")]).output()
        let lacking = try base.coracle(build, cache: "another-cache").run()
        #expect(lacking.end == .exited(7))
        #expect(lacking.errors.contains("kit/\(path)`: it has no such file"), "\(lacking.errors)")
    }

    @Test("`--squash-base` makes one layer of a base that is assembled here, and is refused for others")
    func squashed() throws {
        let base = try SmallBase()
        try base.coracle(["base", "build", "mini", "-o", "one", "--squash-base"]).output()
        try base.coracle(["validate", "one"]).output()
        let inspected = try base.coracle(["inspect", "one", "--platform", "linux/amd64"]).output()
        #expect(inspected.contains("\n  layers       1, "), "\(inspected)")
        #expect(inspected.contains("mini-tool 1.0-1"), "\(inspected)")
        let files = try base.coracle(["files", "one", "--platform", "linux/amd64"]).output()
        for path in ["/usr/share/mini/data", "/usr/share/mini/tool", "/etc/passwd"] {
            #expect(files.contains("\(path)\n"), "\(files)")
        }
        let program = try FixtureProgram.go("hello").path()
        for name in ["scratch", "oci:one"] {
            let refused = try base.coracle(["plan", program, "--base", name, "--squash-base"]).run()
            #expect(refused.end == .exited(2))
            #expect(refused.errors.contains("error[base.not-squashed]: `\(name)` cannot be made one layer"))
        }
    }

    @Test("`base show` lists the scripts that are not run, as far as the packages are here")
    func scripts() throws {
        let base = try SmallBase()
        let before = try base.coracle(["base", "show", "mini"]).output()
        #expect(
            before.contains("not known of 2 packages that are not here: whether Debian would run a script"),
            "\(before)"
        )
        try base.coracle(["base", "fetch", "mini"]).output()
        let after = try base.coracle(["base", "show", "mini"]).output()
        #expect(!after.contains("not known"))
        #expect(after.contains("\n    mini-tool: postinst\n"), "\(after)")
    }

    @Test(
        "what no mirror has any more comes from an archive of snapshots of the lock's date, and is the same base",
        arguments: ["20260913T100000Z", "20260912T100000Z"],
        [true, false]
    )
    func snapshots(time: String, isTyped: Bool) throws {
        let base = try SmallBase()
        let build = ["base", "build", "mini", "-o"]
        let before = try base.coracle(build + ["before"], cache: "first").run()
        #expect(before.end == .exited(0) && !before.errors.contains("note:"), "\(before.errors)")
        let archive = base.archive(at: time)
        // The cache is asked first.
        let cached = try base.coracle(build + ["cached"], cache: "first", snapshots: archive).run()
        #expect(cached.output == before.output && !cached.errors.contains("note:"), "\(cached.errors)")
        let after = try base.coracle(
            build + ["after"] + (isTyped ? ["--snapshot", archive + "/"] : []),
            snapshots: isTyped ? "" : archive
        ).run()
        #expect(after.end == .exited(0), "\(after.errors)")
        #expect(after.output == before.output)
        #expect(
            after.errors.contains(
                """
                note: 2 packages of `debian13` came from an archive of snapshots: `mini-data` 1.0-1, \
                `mini-tool` 1.0-1
                """
            ),
            "\(after.errors)"
        )
    }

    @Test("an archive of snapshots is believed as little as a mirror, and asked for nothing where that is forbidden")
    func wrongSnapshots() throws {
        let base = try SmallBase()
        let build = ["base", "build", "mini", "-o", "out"]
        let archive = base.archive(at: "20260901T100000Z")
        let absent = try base.coracle(build, snapshots: archive).run()
        #expect(absent.end == .exited(7), "\(absent.errors)")
        #expect(absent.errors.contains("error[mirror.has-not]"), "\(absent.errors)")
        // Both places are named.
        for place in [base.mirror, "\(archive)/debian/20260913T100000Z/pool/"] {
            #expect(absent.errors.contains(place), "\(absent.errors)")
        }
        let alone = try base.coracle(build).run()
        #expect(alone.errors.contains("name an archive of snapshots with `--snapshot URL`"), "\(alone.errors)")
        let count = base.requestCount
        let offline = try base.coracle(build + ["--offline"], snapshots: archive).run()
        #expect(offline.errors.contains("error[base.offline-missing]"), "\(offline.errors)")
        #expect(base.requestCount == count)
        let malformed = try base.coracle(build + ["--snapshot", "ftp://x"]).run()
        #expect(malformed.end == .exited(2) && malformed.errors.contains("--snapshot"), "\(malformed.errors)")
        #expect(!exists(base.place("out")))

        let other = try SmallBase()
        let spoiled = other.archive(at: "20260913T100000Z")
        other.spoil(with: Array("something else".utf8))
        let changed = try other.coracle(build, snapshots: spoiled).run()
        #expect(changed.end == .exited(4), "\(changed.errors)")
        #expect(changed.errors.contains("error[mirror.out-of-step]"), "\(changed.errors)")
        #expect(!exists(other.place("out")))
    }

    @Test("what is wrong with a base is said, and nothing is written", arguments: Fault.all)
    func refused(_ fault: Fault) throws {
        let base = try SmallBase()
        switch fault.preparation {
        case .none: break
        case .packagesGone: base.spoil(with: nil)
        case .packagesChanged: base.spoil(with: Array("something else".utf8))
        case .definitionChanged: try base.define(packages: ["mini-tool", "mini-data"])
        case .lockGone: try Command("rm", [base.place("Bases/debian13/packages.lock.json")]).output()
        case .nonsense: try base.place.file("Bases/debian13/mini.yaml", "for: [\n")
        }
        let outcome = try base.coracle(fault.arguments).run()
        #expect(outcome.end == .exited(fault.code), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(fault.error)]"), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(!exists(base.place("out")))
    }

    struct Fault: CustomStringConvertible, Sendable {
        enum Preparation { case none, packagesGone, packagesChanged, definitionChanged, lockGone, nonsense }

        let preparation: Preparation
        let arguments: [String]
        let code: Int32
        let error: String

        var description: String { "\(error): \(arguments.joined(separator: " ")), \(preparation)" }

        static let build = ["base", "build", "mini", "-o", "out"]
        static let all = [
            Fault(preparation: .none, arguments: ["base", "show", "mimi"], code: 7, error: "base.unknown"),
            Fault(
                preparation: .none,
                arguments: ["base", "show", "mini:large"],
                code: 2,
                error: "base.variant-unknown"
            ),
            Fault(
                preparation: .none,
                arguments: ["base", "list", "--mirror", "ftp://x"],
                code: 2,
                error: "usage.malformed"
            ),
            Fault(
                preparation: .none,
                arguments: ["base", "list", "--bases", "none"],
                code: 3,
                error: "base.shelf-empty"
            ),
            Fault(preparation: .none, arguments: ["base", "lock", "debian12"], code: 7, error: "base.no-shelf"),
            Fault(preparation: .none, arguments: ["base", "lock", "debian99"], code: 2, error: "base.suite-unknown"),
            Fault(preparation: .none, arguments: build + ["--offline"], code: 7, error: "base.offline-missing"),
            Fault(preparation: .packagesGone, arguments: build, code: 7, error: "mirror.has-not"),
            Fault(preparation: .packagesChanged, arguments: build, code: 4, error: "mirror.out-of-step"),
            Fault(preparation: .definitionChanged, arguments: build, code: 3, error: "base.lock-stale"),
            Fault(preparation: .lockGone, arguments: build, code: 3, error: "base.lock-missing"),
            Fault(preparation: .nonsense, arguments: build, code: 3, error: "yaml.malformed"),
        ]
    }
}
