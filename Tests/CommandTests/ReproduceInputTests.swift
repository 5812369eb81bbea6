import Synchronization
import TestSupport
import Testing

@Suite("An image that is made again from other inputs")
struct ReproduceInputTests {
    // MARK: Locks

    private let program: String

    init() throws { program = try FixtureProgram.go("hello").path() }

    private func reproduce(_ base: SmallBase, _ options: [String] = []) throws -> Outcome {
        try base.coracle(["reproduce", "image", "--from", program] + options).run()
    }

    @Test("a base of the catalogue whose lock has gone on is named, with its packages in both versions")
    func movedLock() throws {
        let base = try SmallBase()
        try base.coracle(["build", program, "--base", "mini", "-o", "image"]).output()
        let then = try readFile(base.place("Bases/debian13/packages.lock.json"))
        try base.move(to: "1.0-2")
        let outcome = try reproduce(base)
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        for text in [
            "\nfirst cause: the image stands on `debian13/mini` of another lock (linux/amd64)\n",
            "it has `mini-data` 1.0-1 in the image and 1.0-2 now, `mini-tool` 1.0-1 in the image and 1.0-2 now\n",
            "hint: use the lock that the image was built with (`--lock FILE`, `--bases DIRECTORY`), or its coracle\n",
        ] {
            #expect(outcome.output.contains(text), "\(outcome.output)")
        }
        // The definitions with the lock of then make the image.
        try Command("cp", ["-r", base.place("Bases"), base.place("then")]).output()
        try base.place.file("then/debian13/packages.lock.json", then)
        let again = try reproduce(base, ["--bases", "then"])
        #expect(again.end == .exited(0), "\(again.output)\(again.errors)")
    }

    @Test("the lock of a project that has changed, or was not there, is named")
    func projectLock() throws {
        let keys = try TestKeys(["archive"])
        let keyring = try keys.keyring(["archive"])
        let base = try SmallBase()
        try base.coracle(["build", program, "--base", "mini", "-o", "image"]).output()
        try base.release("1.1-1", keys)
        try base.coracle(["base", "lock", "debian13/mini", "--keyring", keyring]).output()
        let new = try reproduce(base)
        #expect(new.end == .exited(9), "\(new.output)\(new.errors)")
        #expect(new.output.contains("`mini-tool` 1.0-1 in the image and 1.1-1 now"), "\(new.output)")
        #expect(new.output.contains("leave out `coracle.lock`: with `--no-lock` the packages are those of the image"))
        let without = try reproduce(base, ["--no-lock"])
        #expect(without.end == .exited(0), "\(without.output)\(without.errors)")

        // And an image of the project's lock, where that is elsewhere, or has changed since.
        try base.coracle(["build", program, "--base", "mini", "-o", "image"]).output()
        #expect(try reproduce(base).end == .exited(0))
        try Command("mv", [base.place("coracle.lock"), base.place("then.lock")]).output()
        let gone = try reproduce(base)
        #expect(gone.end == .exited(9) && gone.output.contains("1.1-1 in the image and 1.0-1 now"), "\(gone.output)")
        #expect(gone.output.contains("(`--lock FILE`, "), "\(gone.output)")
        let named = try reproduce(base, ["--lock", "then.lock"])
        #expect(named.end == .exited(0), "\(named.output)\(named.errors)")
        try base.release("1.2-1", keys)
        try base.coracle(["base", "lock", "debian13/mini", "--keyring", keyring]).output()
        let changed = try reproduce(base)
        #expect(changed.output.contains("give `coracle.lock` as it was then (`--lock FILE`), or "), "\(changed.output)")
    }

    // MARK: A base that is gone

    @Test("a base that its registry does not have any more is the cause, and a copy of it can be named")
    func goneBase() throws {
        let place = try Sample.program()
        // A closure cannot share what is not copyable.
        final class Switch: Sendable { let isGone = Mutex(false) }
        let state = Switch()
        let registry = try FaultyRegistry { asked in
            let isBase = asked.request.path.contains("/me/base/manifests/")
            return isBase && state.isGone.withLock { $0 }
                ? FaultyRegistry.refusal(404, "MANIFEST_UNKNOWN") : asked.answer
        }
        func coracle(_ line: String) throws -> Outcome {
            let words = line.replacing("BASE", with: "\(registry.address)/me/base:1").split(separator: " ")
            return try Built.coracle(words.map(String.init), directory: place.path).run()
        }
        #expect(try coracle("build hello -t BASE --push --label n=1 --sbom none").end == .exited(0))
        #expect(try coracle("build hello --base BASE -o image --dest /app/other").end == .exited(0))
        #expect(try coracle("copy BASE oci:copy").end == .exited(0))
        #expect(try coracle("reproduce image --from hello").end == .exited(0))
        state.isGone.withLock { $0 = true }
        let gone = try coracle("reproduce image --from hello")
        #expect(gone.end == .exited(7), "\(gone.errors)")
        #expect(
            gone.errors.contains("error[reproduce.base-gone]: the base that `oci:image` was built upon is gone"),
            "\(gone.errors)"
        )
        #expect(gone.errors.contains("`-- --base oci:DIR`") && gone.output.isEmpty)
        let copied = try coracle("reproduce image --from hello -- --base oci:copy")
        #expect(copied.end == .exited(0), "\(copied.output)\(copied.errors)")
        // A registry that does not answer is another thing, which may pass.
        registry.stop()
        let silent = try coracle("reproduce image --from hello")
        #expect(silent.end == .exited(6) && silent.errors.contains("`-- --base oci:DIR`"), "\(silent.errors)")
    }

    // MARK: Certificates

    @Test(
        "certificates that the user brought are named, and so is another file of them",
        arguments: [
            ("--ca a.pem", "", 9, "option", "the image was built with `--ca`"),
            ("--ca a.pem", "-- --ca b.pem", 9, "input", "`--ca b.pem` is not the file that the image was built with"),
            ("--ca a.pem", "-- --ca a.pem", 0, "", ""),
            ("--ca-only a.pem", "", 9, "option", "the image was built with `--ca-only`"),
            ("--ca-only a.pem", "-- --ca-only a.pem", 0, "", ""),
            ("--ca a.pem --ca b.pem", "-- --ca a.pem", 9, "input", "the image has `CN = b` alone"),
        ] as [(String, String, Int32, String, String)]
    )
    func certificates(case row: (build: String, options: String, status: Int32, kind: String, words: String)) throws {
        let place = try Sample.program()
        let script = """
            for name in a b; do
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -subj /CN=$name \
                    -days 9 -addext basicConstraints=critical,CA:TRUE -out $name.pem 2>/dev/null
            done
            """
        try Command.shell(script, directory: place.path).output()
        func coracle(_ line: String) throws -> Outcome {
            try Built.coracle(line.split(separator: " ").map(String.init), directory: place.path).run()
        }
        #expect(try coracle("build hello -o image \(row.build) --provenance-output p.json").end == .exited(0))
        let outcome = try coracle("reproduce image --from hello --json \(row.options)")
        #expect(outcome.end == .exited(row.status), "\(outcome.output)\(outcome.errors)")
        if row.status != 0 {
            #expect(outcome.output.contains(#""kind": "\#(row.kind)""#), "\(outcome.output)")
            #expect(outcome.output.replacing("CN=", with: "CN = ").contains(row.words), "\(outcome.output)")
        }
        // Provenance says that there was a file, so that it has to be given.
        let recorded = try coracle("reproduce image --from hello --provenance p.json \(row.options)")
        let status: Int32 = row.options.isEmpty ? 2 : row.status
        #expect(recorded.end == .exited(status), "\(recorded.output)\(recorded.errors)")
        #expect(!row.options.isEmpty || recorded.errors.contains("reproduce.option-file"), "\(recorded.errors)")
    }

    // MARK: Inputs

    @Test(
        "inputs that are given wrong are named, by what they are or by their order",
        arguments: [
            ("--from conf --from hello", 3, "`--from` names the application first, then what was added at /etc/conf"),
            ("--from hello", 2, "was made of 2 paths, and 1 is given"),
            ("--from hello --from conf --from conf", 3, "`--from` names the application first"),
            ("--from hello --from none", 3, "at: none"), ("--from none --from conf", 3, "at: none"),
            ("--from other --from conf", 9, "other` is not what is at `/app/hello` in the image"),
            ("--from folder --from conf", 3, "was made of a program, and `folder` is a directory"),
            ("--from hello --from folder", 9, "/etc/conf"),
        ] as [(String, Int32, String)]
    )
    func wrong(from: String, status: Int32, words: String) throws {
        let place = try Sample.program()
        try place.file("conf", "port: 80\n")
        try place.file("folder/hello", Sample.hello, mode: 0o755)
        try place.file("other", Sample.hello + Array("x".utf8), mode: 0o755)
        func coracle(_ line: String) throws -> Outcome {
            try Built.coracle(line.split(separator: " ").map(String.init), directory: place.path).run()
        }
        #expect(try coracle("build hello --add conf:/etc/conf -o image").end == .exited(0))
        let outcome = try coracle("reproduce image \(from)")
        #expect(outcome.end == .exited(status), "\(outcome.output)\(outcome.errors)")
        #expect((outcome.output + outcome.errors).contains(words), "\(outcome.output)\(outcome.errors)")
    }
}
