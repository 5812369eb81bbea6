import TestSupport
import Testing

/// A year of a project: its own lock, mirrors that go on, and an archive that keeps what they had.
@Suite("The lock of a project")
struct ProjectLockTests {
    // For each test its own: what serves them ends with their last reference.
    private let keys: TestKeys
    private let keyring: String
    private let base: SmallBase

    init() throws {
        keys = try TestKeys(["archive"])
        keyring = try keys.keyring(["archive"])
        base = try SmallBase()
    }

    private func lock(_ arguments: [String] = [], cache: String = "cache") throws -> Outcome {
        try base.coracle(["base", "lock"] + arguments + ["--keyring", keyring], cache: cache).run()
    }

    /// The time of the index of the lock, as archives of snapshots write it.
    private func indexTime(_ path: String = "coracle.lock") throws -> String {
        try Tool.python(
            "import json, sys; print(json.load(open(sys.argv[1]))['locks'][0]['releases'][0]['date'])",
            [base.place(path)]
        ).filter { $0 != "-" && $0 != ":" && $0 != "\n" }
    }

    private static let build = ["base", "build", "mini", "-o"]

    @Test("a base is built a year later from an archive of snapshots, and moves on when its lock is renewed")
    func year() throws {
        try SignedArchive(date: "400 days ago", validUntil: "tomorrow").publish(on: base, keys)
        // Definitions of one's own have a lock of their own, which is not needed.
        try Command("rm", [base.place("Bases/debian13/packages.lock.json")]).output()
        let made = try lock(["debian13/mini"])
        #expect(made.end == .exited(0), "\(made.errors)")
        #expect(made.errors.hasSuffix("wrote coracle.lock\n"), "\(made.errors)")
        #expect(made.output.hasPrefix("debian13/mini: trixie of "), "\(made.output)")
        #expect(made.output.contains("\n  mini-tool 1.0-1, new\n"), "\(made.output)")
        let first = try readFile(base.place("coracle.lock"))
        let then = try base.coracle(Self.build + ["then"]).output()
        #expect(try base.coracle(["base", "list"]).output().contains(" (coracle.lock)  2020-01-01"))
        let shown = try base.coracle(["base", "show", "mini"]).output()
        #expect(shown.contains("\n  lock         coracle.lock\n"), "\(shown)")

        // The clock moves on: the mirror has newer packages, and the old ones are in the archive.
        let archive = base.archive(at: try indexTime())
        try base.release("1.1-1", keys)
        let gone = try base.coracle(Self.build + ["gone"], cache: "another").run()
        #expect(gone.end == .exited(7) && gone.errors.contains("error[mirror.has-not]"), "\(gone.errors)")
        #expect(gone.errors.contains("`--latest`") && gone.errors.contains("`--snapshot URL`"), "\(gone.errors)")
        #expect(!exists(base.place("gone")))
        let now = try base.coracle(Self.build + ["now"], cache: "another", snapshots: archive).run()
        #expect(now.output == then, "\(now.errors)")
        #expect(
            now.errors.contains("note: 2 packages of `debian13` came from an archive of snapshots"),
            "\(now.errors)"
        )

        // The newest, for one run: nothing is written.
        let latest = try base.coracle(Self.build + ["latest", "--latest", "--keyring", keyring, "--json"]).run()
        #expect(latest.end == .exited(0), "\(latest.errors)")
        #expect(
            latest.errors.contains("mini-data 1.0-1 → 1.1-1, mini-tool 1.0-1 → 1.1-1\n  because: `--latest` takes"),
            "\(latest.errors)"
        )
        try base.place.file("latest.json", latest.output)
        let script = """
            import json, sys
            document = json.load(open(sys.argv[1]))
            [taken] = document["latest"]
            print(taken["base"], [(c["package"], c["old"], c["new"]) for c in taken["changes"]][:2], document["digest"])
            """
        let said = try Tool.python(script, [base.place("latest.json")])
        #expect(
            said.hasPrefix(
                "debian13/mini [('busybox-static', '1.0-1', '1.1-1'), ('mini-data', '1.0-1', '1.1-1')] sha256:"
            ),
            "\(said)"
        )
        #expect(try readFile(base.place("coracle.lock")) == first)
        try base.coracle(["validate", "latest"]).output()

        // Locked again, what is locked stays; renewed, the base is the one that `--latest` made.
        let again = try lock()
        #expect(again.end == .exited(0), "\(again.errors)")
        #expect(again.output.hasSuffix("\n  no package changed\n"), "\(again.output)")
        #expect(try base.coracle(Self.build + ["again"]).output() == then)
        let kept = try base.coracle(Self.build + ["kept"], cache: "third", snapshots: archive).run()
        #expect(kept.output == then, "the date of the older index is still known: \(kept.errors)")
        let renewed = try lock(["--update"])
        #expect(
            renewed.output.contains("\n  mini-data 1.0-1 → 1.1-1\n  mini-tool 1.0-1 → 1.1-1\n"),
            "\(renewed.output)"
        )
        let digest = try base.coracle(Self.build + ["renewed"]).output()
        #expect(digest != then && said.hasSuffix(" \(digest)"), "\(said)")
        #expect(try lock().errors.contains("wrote") == false)
    }

    @Test("a build that was recalled is made again when the lock has changed, and only then")
    func recalled() throws {
        try base.release("1.1-1", keys)
        let program = try FixtureProgram.go("hello").path()
        let build = ["build", program, "--base", "mini", "-o", "out"]
        // The lock beside the definitions has 1.0-1.
        let old = try base.coracle(build).output()
        #expect(try base.coracle(build).output() == old)
        #expect(try lock(["mini"]).end == .exited(0))
        let new = try base.coracle(build).output()
        #expect(new != old)
        let count = base.requestCount
        #expect(try base.coracle(build + ["--offline"]).output() == new)
        #expect(base.requestCount == count)
        #expect(try base.coracle(build + ["--no-lock"]).output() == old)
        // Asking for the newest comes to the same, and is recalled.
        let latest = try base.coracle(build + ["--latest", "--keyring", keyring]).run()
        #expect(latest.output == new, "\(latest.errors)")
        #expect(latest.errors.contains("note: `debian13/mini` has the newest packages, which are those of its lock"))
    }

    @Test("an images file has its lock beside it, and `--lock` names another")
    func places() throws {
        try base.release("1.1-1", keys)
        let program = try FixtureProgram.go("hello").path()
        #expect(try lock(["mini", "--lock", "new.lock"]).errors.contains("wrote new.lock"))
        try base.place.file("far/images.yaml", "images: {a: {path: \(program), base: mini, output: ../a.oci}}\n")
        let build = ["build", "--file", "far/images.yaml", "-t", "localhost/a:1"]
        let old = try base.coracle(build).output()
        let new = try base.coracle(build + ["--lock", "new.lock"]).output()
        #expect(old != new)
        // In the working directory it is another project's.
        try Command("cp", [base.place("new.lock"), base.place("coracle.lock")]).output()
        #expect(try base.coracle(build).output() == old)
        try Command("cp", [base.place("new.lock"), base.place("far/coracle.lock")]).output()
        #expect(try base.coracle(build).output() == new)
    }

    @Test("`--locked` refuses what only coracle itself locks")
    func locked() throws {
        let plan = ["plan", try FixtureProgram.go("hello").path(), "--offline", "--locked", "--base"]
        let refused = try base.coracle(plan + ["debian12/static"]).run()
        #expect(refused.end == .exited(9), "\(refused.errors)")
        #expect(refused.errors.contains("error[base.unlocked]: the project does not lock `debian12/static`"))
        try SignedArchive().publish(on: base, keys)
        #expect(try lock(["mini"]).end == .exited(0))
        try base.coracle(["base", "fetch", "mini", "--locked"]).output()
        try base.coracle(plan + ["mini"]).output()
    }

    @Test("two that add bases to one lock at the same time lose nothing", arguments: 1...3)
    func together(round: Int) throws {
        for name in ["one", "two", "three"] {
            try base.place.file(
                "Bases/debian13/\(name).yaml",
                "for: tests\nend-of-life: 2030-01-01\npackages: [mini-data]\n"
            )
        }
        try SignedArchive().publish(on: base, keys)
        let running = try ["one", "two", "three"].map { name in
            try base.coracle(["base", "lock", "debian13/\(name)", "--keyring", keyring]).start()
        }
        for process in running { #expect(try process.wait().end == .exited(0)) }
        let script = "import json, sys; print(sorted(json.load(open(sys.argv[1]))['locks'][0]['definitions']))"
        #expect(try Tool.python(script, [base.place("coracle.lock")]) == "['one', 'three', 'two']\n")
        #expect(try names(in: base.place.path).filter { $0.contains("lock") } == ["coracle.lock"])
    }

    struct Fault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        /// What is in coracle.lock; `nil` for a lock that was made.
        var text: String?
        var define: [String]?
        var arguments = ["base", "build", "mini", "-o", "out"]
        let exit: Int32
        let code: String
        let words: String
    }

    private static let faults = [
        Fault(
            testDescription: "a torn lock",
            text: "{\"version\": 1, \"lo",
            exit: 4,
            code: "json.malformed",
            words: "coracle.lock"
        ),
        Fault(
            testDescription: "another version",
            text: "{\"version\": 2, \"locks\": []}",
            exit: 4,
            code: "json.unexpected",
            words: "version 2 is not known, only 1"
        ),
        Fault(
            testDescription: "a conflict of a merge",
            text: "<<<<<<< HEAD\n{}\n",
            exit: 4,
            code: "json.malformed",
            words: "coracle.lock"
        ),
        Fault(
            testDescription: "a release that this coracle does not know",
            text:
                "{\"version\":1,\"locks\":[{\"suite\":\"debian14\",\"releases\":[],\"definitions\":{},\"packages\":{}}]}",
            exit: 4,
            code: "json.unexpected",
            words: "debian14"
        ),
        Fault(
            testDescription: "a release twice",
            text:
                "{\"version\":1,\"locks\":[{\"suite\":\"debian13\",\"releases\":[],\"definitions\":{},\"packages\":{}},{\"suite\":\"debian13\",\"releases\":[],\"definitions\":{},\"packages\":{}}]}",
            exit: 4,
            code: "json.unexpected",
            words: "stands twice"
        ),
        Fault(
            testDescription: "a definition that has changed",
            define: ["mini-tool"],
            exit: 3,
            code: "base.lock-stale",
            words: "lock it again: `coracle base lock debian13/mini`; or leave the lock out with `--no-lock`"
        ),
        Fault(
            testDescription: "a lock that was named and is not there",
            arguments: ["base", "build", "mini", "-o", "out", "--lock", "mine.lock"],
            exit: 3,
            code: "base.lock-missing",
            words: "there is no lock `mine.lock`"
        ),
        Fault(
            testDescription: "the newest packages without a network",
            arguments: ["base", "build", "mini", "-o", "out", "--latest", "--offline"],
            exit: 2,
            code: "offline.refused",
            words: "`--offline` and `--latest` contradict each other"
        ),
        Fault(
            testDescription: "an unknown base to lock",
            arguments: ["base", "lock", "mimi"],
            exit: 7,
            code: "base.unknown",
            words: "there is no base `mimi`"
        ),
        Fault(
            testDescription: "a base to lock, and no lock",
            arguments: ["base", "lock", "mini", "--no-lock"],
            exit: 2,
            code: "usage.conflict",
            words: "`--no-lock`"
        ),
    ]

    @Test("what is wrong with a lock is said, and nothing is written", arguments: faults)
    func refused(_ fault: Fault) throws {
        try SignedArchive().publish(on: base, keys)
        if let text = fault.text {
            try base.place.file("coracle.lock", text)
        } else {
            #expect(try lock(["mini"]).end == .exited(0))
        }
        let before = try readFile(base.place("coracle.lock"))
        if let packages = fault.define { try base.define(packages: packages) }
        let outcome = try base.coracle(fault.arguments).run()
        #expect(outcome.end == .exited(fault.exit), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(fault.code)]"), "\(outcome.errors)")
        #expect(outcome.errors.contains(fault.words), "\(outcome.errors)")
        #expect(outcome.output.isEmpty && !exists(base.place("out")))
        #expect(try readFile(base.place("coracle.lock")) == before)
    }

    @Test("a lock that cannot be written is left as it is")
    func readOnly() throws {
        try SignedArchive().publish(on: base, keys)
        #expect(try lock(["mini"]).end == .exited(0))
        try base.release("1.1-1", keys)
        let before = try readFile(base.place("coracle.lock"))
        try Command("mkdir", [base.place("attached")]).output()
        // A file is in the place of the directory.
        let nowhere = try lock(["mini", "--lock", "Bases/debian13/mini.yaml/coracle.lock"])
        #expect(nowhere.end == .exited(8), "\(nowhere.errors)")
        let absent = try lock(["mini", "--lock", "none/coracle.lock"])
        #expect(absent.end == .exited(8) && absent.errors.contains("none"), "\(absent.errors)")
        let device = try lock(["mini", "--lock", "/proc/coracle.lock"])
        #expect(device.end == .exited(8) && device.errors.contains("/proc"), "\(device.errors)")
        #expect(device.output.isEmpty)
        #expect(try readFile(base.place("coracle.lock")) == before)
    }
}
