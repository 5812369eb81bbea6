import TestSupport
import Testing

@Suite("A system that lacks what every program needs")
struct StartConditionTests {
    /// Both programs: which of them `Built.coracle` is depends on the environment.
    private static let programs = Array(Set([Built.coracle, Built.dynamic])).sorted()

    @Test("without `/proc` every command fails loudly, and nothing is built", arguments: programs)
    func noProc(program: String) throws {
        for words in ["build hello -o out", "--version", ""] {
            let place = try Sample.program()
            let outcome = try Command(
                "unshare",
                ["--mount", "sh", "-c", #"umount -l /proc && exec "$0" \#(words)"#, program],
                environment: Built.withoutCache,
                directory: place.path
            ).run()
            #expect(outcome.end == .exited(8), "\(words): \(outcome.end) \(outcome.errors)")
            #expect(outcome.errors.contains("error[system.no-proc]: there is no `/proc`"), "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
            #expect(try names(in: place.path) == ["hello"])
        }
    }

    @Test("too few processes are an error or no problem, and never a hang", arguments: programs, [1, 2, 3, 4, 5, 6, 8])
    func fewProcesses(program: String, count: Int) throws {
        // A user of its own: others' processes would count, and to root the limit does not apply.
        let user = ["--reuid", "4218\(count)", "--regid", "4218\(count)", "--clear-groups"]
        let place = try TemporaryDirectory()
        try place.file("coracle", readFile(program), mode: 0o755)
        try Command("chmod", ["755", place.path]).output()
        let outcome = try Command(
            "setpriv",
            user + ["sh", "-c", #"ulimit -u \#(count); exec "$0" --version"#, place("coracle")],
            environment: Built.withoutCache,
            timeLimit: 30
        ).run()
        if outcome.end != .exited(0) {
            #expect(outcome.end == .exited(8), "\(outcome.end) \(outcome.errors)")
            #expect(outcome.errors.contains("threads cannot be started"), "\(outcome.errors)")
            #expect(outcome.errors.contains("ulimit -u"), "\(outcome.errors)")
        }
    }

    @Test("little memory is an error or no problem, and never a hang", arguments: [60, 100, 150, 200, 250, 300, 400])
    func littleMemory(megabytes: Int) throws {
        let place = try Sample.program()
        let outcome = try Command.shell(
            #"ulimit -v \#(megabytes * 1000); exec "$0" build hello -o out"#.replacing("$0", with: "$1"),
            [Built.coracle],
            environment: Built.withoutCache,
            directory: place.path,
            timeLimit: 30
        ).run()
        #expect(outcome.end != .timedOut, "\(outcome.errors)")
    }

    @Test(
        "a umask that takes the owner's rights leaves nothing that its owner cannot read",
        arguments: ["out", "out.tar"]
    )
    func umask(output: String) throws {
        let place = try TemporaryDirectory()
        // Root would be let in all the same.
        try Command.shell(
            #"chmod 755 . && mkdir w && cp "$1" "$2" w && chown -R 4217:4217 w && chmod -R 755 w"#,
            [Built.coracle, FixtureProgram.go("hello").path()],
            directory: place.path
        ).output()
        let outcome = try Command(
            "setpriv",
            [
                "--reuid", "4217", "--regid", "4217", "--clear-groups", "sh", "-c",
                "umask 0777; exec ./coracle build hello -o \(output)",
            ],
            environment: Built.withoutCache,
            directory: place("w")
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(try Sample.leftovers(in: place("w")) == [])
        let modes = try Command.shell(#"find "$1" -printf '%m\n' | sort -u"#, [place("w/\(output)")]).output()
        #expect(modes.split(separator: "\n").allSatisfy { $0.first == "6" || $0.first == "7" }, "\(modes)")
    }
}
