import Glibc
import TestSupport
import Testing

/// Images that cannot work, by the messages that are reported of them: what coracle says beforehand, and what is said when
/// they are started nevertheless.
@Suite(
    "What users report of minimal images",
    .serialized,
    .enabled(if: geteuid() == 0, "only root changes the root directory")
)
struct TroubleTests {
    private let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    private func gcc(_ options: String, _ source: String, as name: String) throws {
        try place.file("\(name).c", source)
        try Command.shell("gcc -w -o \(name) \(options) \(name).c", directory: place.path).output()
    }

    /// Builds what is refused for `code`, and with leave; returns what the refusal says. The image is unpacked as `bundle`.
    private func refused(_ arguments: [String], for code: String) throws -> String {
        let build = ["build"] + arguments + ["-t", "localhost/app:1", "-o", "image", "--bases", try RealBases.locked()]
        let outcome = try RealBases.coracle(build, in: place).run()
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(code)]"), "\(outcome.errors)")
        #expect(!exists(place("image")))
        try RealBases.coracle(build + ["--allow", code], in: place).output()
        try RealBases.unpack("image:1", in: place)
        let manifest = try Command("skopeo", ["inspect", "--raw", "oci:\(place("single")):1"]).output()
        #expect(manifest.contains(#""dev.coracle.gate.excused":"\#(code) /app/"#), "\(manifest)")
        return outcome.errors
    }

    /// What is said when the image's program is started in its root filesystem.
    private func started(_ program: String) throws -> String {
        let outcome = try Command("chroot", [place("bundle/rootfs"), program]).run()
        #expect(outcome.end != .exited(0))
        return outcome.errors.lowercased()
    }

    @Test(
        "exec /app: no such file or directory: a program of musl among glibc, and the reverse",
        arguments: [true, false]
    )
    func otherLibrary(isMusl: Bool) throws {
        let musl = "/lib/ld-musl-x86_64.so.1"
        try gcc(isMusl ? "-Wl,--dynamic-linker=\(musl)" : "", "int main(void) { return 0; }", as: "app")
        try gcc("-shared -fPIC", "int x;", as: "musl.so")
        let base = isMusl ? ["--base", "debian12/base"] : ["--add", "musl.so:\(musl):0755"]
        let said = try refused(["app"] + base, for: "run.libc-mismatch")
        let (own, other) = isMusl ? ("musl", "glibc") : ("glibc", "musl")
        #expect(said.contains("`/app/app` is linked with \(own), and the image has \(other)"), "\(said)")
        #expect(try started("/app/app").contains("no such file or directory"))
    }

    @Test("exec /app: no such file or directory: a script whose first line ends in CR LF")
    func carriageReturn() throws {
        try place.file("app/start", "#!/busybox/sh\r\necho started\r\n", mode: 0o755)
        let base = ["--base", "debian13/static:debug", "--entrypoint", "/app/start", "--platform", "linux/amd64"]
        let said = try refused(["app"] + base, for: "run.carriage-return")
        #expect(said.contains("CR LF") || said.contains("carriage return"), "\(said)")
        #expect(try started("/app/start").contains("no such file or directory"))
        let checked = try RealBases.coracle(["check", "app", "--bases", try RealBases.locked()] + base, in: place).run()
        #expect(checked.end == .exited(9))
        #expect(checked.output.hasSuffix("/app/start linux/amd64: 1 error\n"), "\(checked.output)")
    }

    @Test("ModuleNotFoundError: an extension module for another Python")
    func otherPython() throws {
        try place.file("app/main.py", "import _x\n")
        try gcc("-shared -fPIC", "int PyInit__x;", as: "x")
        try Command("mv", [place("x"), place("app/_x.cpython-310-x86_64-linux-gnu.so")]).output()
        let said = try refused(["app", "--base", "debian13/python3"], for: "run.python-tag")
        #expect(said.contains("is for Python 3.10, and the image has 3.13"), "\(said)")
        let outcome = try RealBases.run(in: place)
        #expect(outcome.errors.contains("ModuleNotFoundError: No module named '_x'"), "\(outcome.errors)")
        let diagnosis = try RealBases.coracle(["doctor", "image", "--says", outcome.errors], in: place).output()
        #expect(
            diagnosis.contains("here: `/app/_x.cpython-310-x86_64-linux-gnu.so` is for Python 3.10"),
            "\(diagnosis)"
        )
    }

    @Test("a static program that looks up users gets a warning only on a base with another glibc")
    func staticGlibc() throws {
        try gcc("-static", "#include <pwd.h>\nint main(void) { return !getpwuid(65532); }", as: "app")
        let bases = ["--bases", try RealBases.locked()]
        for (base, isWarned) in [("debian13/base", true), ("debian13/static", false), ("scratch", false)] {
            let outcome = try RealBases.coracle(["check", "app", "--base", base] + bases, in: place).run()
            #expect(outcome.end == .exited(0))
            #expect(outcome.output.contains("warning[run.static-glibc]: `/app/app`") == isWarned, "\(outcome.output)")
        }
    }

    @Test("cannot verify user is non-root: an image whose user is a name")
    func nameForUser() throws {
        let hello = try FixtureProgram.go("hello").path()
        let build = ["build", hello, "-t", "localhost/app:1", "-o", "image", "--user", "nonroot"]
        try Built.coracle(build, directory: place.path).output()
        let check = Built.coracle(["check", "image"], directory: place.path)
        #expect(try check.output() == "image linux/amd64: nothing found\n", "coracle writes the number")
        try Command("umoci", ["config", "--image", "\(place("image")):1", "--config.user", "nonroot"]).output()
        let found = try check.output()
        #expect(found.contains("warning[user.not-numeric]: the image's user is the name `nonroot`"), "\(found)")
        #expect(found.contains("cannot verify user is non-root"), "\(found)")
        #expect(found.contains("hint: build with `--user 65532:65532`"), "\(found)")
        let said =
            "Error: container has runAsNonRoot and image has non-numeric user (nonroot), cannot verify user is non-root"
        let diagnosis = try Built.coracle(["doctor", "image", "--says", said], directory: place.path).output()
        #expect(diagnosis.contains("  hint: "), "\(diagnosis)")
        #expect(diagnosis.contains("65532"), "\(diagnosis)")
    }

    @Test("permission denied: a program that lost its execute bit")
    func executeBit() throws {
        let hello = try FixtureProgram.go("hello").path()
        try Built.coracle(["build", hello, "-t", "localhost/app:1", "-o", "image"], directory: place.path).output()
        try place.file("hello", try readFile(hello), mode: 0o644)
        try Command(
            "umoci",
            ["insert", "--image", "\(place("image")):1", place("hello"), "/app/hello"]
        ).output()
        let outcome = try Built.coracle(["check", "image"], directory: place.path).run()
        #expect(outcome.end == .exited(9))
        #expect(
            outcome.output.contains("error[run.not-executable]: `/app/hello` may not be executed"),
            "\(outcome.output)"
        )
        try RealBases.unpack("image:1", in: place)
        #expect(try started("/app/hello").contains("permission denied"))
        // A program that is typed by name gets the bit, and it is said.
        let built = try Built.coracle(["build", "hello", "-o", "other"], directory: place.path).run()
        #expect(built.end == .exited(0))
        #expect(
            built.errors.contains("note: `hello` has no execute permission; in the image it has"),
            "\(built.errors)"
        )
    }

    @Test("a program packed with UPX cannot be inspected, and a note says so")
    func packed() throws {
        var bytes = try readFile(FixtureProgram.go("hello").path())
        bytes.replaceSubrange(0xEC..<0xF0, with: Array("UPX!".utf8))
        try place.file("app", bytes, mode: 0o755)
        let outcome = try Built.coracle(["build", "app", "-o", "image"], directory: place.path).run()
        #expect(outcome.end == .exited(0))
        #expect(
            outcome.errors.contains("warning[run.packed]: `/app/app` is packed with UPX: what it needs cannot be seen"),
            "\(outcome.errors)"
        )
        let checked = try Built.coracle(["check", "image"], directory: place.path).run()
        #expect(checked.end == .exited(0))
        #expect(checked.output.hasSuffix("image linux/amd64: 1 warning\n"), "\(checked.output)")
    }

    @Test("cannot enable executable stack as shared object requires: `check` reports it, `build` does not")
    func executableStack() throws {
        let hello = try FixtureProgram.go("hello").path()
        try gcc("-shared -fPIC -Wl,-z,execstack", "int x;", as: "plugin.so")
        let build = ["build", hello, "-o", "image", "--add", "plugin.so:/opt/plugin.so"]
        let outcome = try Built.coracle(build, directory: place.path).run()
        #expect(outcome.end == .exited(0))
        #expect(!outcome.errors.contains("run.unprotected"), "\(outcome.errors)")
        let checked = try Built.coracle(["check", "image"], directory: place.path).run()
        #expect(checked.end == .exited(0))
        let note = "note[run.unprotected]: `/opt/plugin.so` lacks protections"
        #expect(checked.output.contains(note), "\(checked.output)")
        #expect(checked.output.hasSuffix("image linux/amd64: 1 note\n"), "\(checked.output)")
        let said = "plugin.so: cannot enable executable stack as shared object requires: Invalid argument"
        let diagnosis = try Built.coracle(["doctor", "image", "--says", said], directory: place.path).output()
        #expect(diagnosis.contains("here: `plugin.so` is in the image: `/opt/plugin.so`"), "\(diagnosis)")
    }
}
