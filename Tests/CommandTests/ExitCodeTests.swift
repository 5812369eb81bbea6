import Glibc
import TestSupport
import Testing

@Suite("Exit codes and what is said with them")
struct ExitCodeTests {
    /// Arguments beside `build hello`, and words of the message.
    @Test(
        "a mistake on the command line is 2",
        arguments: [
            (["--no-such-flag"], "--no-such-flag"),
            (["-t", "UPPER"], "reference.malformed"),
            (["-t", "a b"], "reference.malformed"),
            (["-t", ""], "reference.malformed"),
            (["-t", "a@sha256:\(String(repeating: "0", count: 64))"], "plan.name-with-digest"),
            (["--platform", "linux"], "platform.malformed"),
            (["--platform", "linux/amd64/v1/v2"], "platform.malformed"),
            (["hello"], "plan.same-platform"),
            (["-o", "x", "--tarball", "y.tar"], "usage.conflict"),
            (["--no-ca", "--ca-only", "x.pem"], "usage.conflict"),
            (["--no-runtime", "--ca", "x.pem"], "usage.conflict"),
            (["--env", "NOVALUE"], "usage.malformed"),
            (["--label", "=x"], "usage.malformed"),
            (["--compression-level", "13"], "configuration.malformed"),
            (["--compression-level", "many"], "compression-level"),
            (["-j", "0"], "usage.malformed"),
            (["--max-file-size", "1XB"], "usage.malformed"),
            (["--max-file-size", "99999999999999999999"], "usage.malformed"),
            (["--entrypoint", "[1]"], "usage.malformed"),
            (["--created", "yesterday"], "timestamp.malformed"),
            (["--mtime", "2026-02-30T00:00:00Z"], "timestamp.malformed"),
            (["--add", "x"], "add.malformed"),
            (["--expose", "99999"], "--expose"),
            (["-o", "hello"], "output.exists"),
        ] as [([String], String)]
    )
    func usage(arguments: [String], words: String) throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build", "hello"] + arguments, directory: place.path).run()
        #expect(outcome.end == .exited(2), "\(outcome.errors)")
        #expect(outcome.errors.lowercased().contains(words), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(try names(in: place.path) == ["hello"])
    }

    @Test("no arguments, or none after `build`, is 2 or help")
    func nothing() throws {
        #expect(try Built.coracle(["build"]).run().end == .exited(2))
        let help = try Built.coracle(["--help"]).run()
        #expect(help.end == .exited(0))
        #expect(help.output.contains("\nBUILD:\n"))
        #expect(help.errors.isEmpty)
        #expect(try Built.coracle(["--version"]).output().hasPrefix("coracle "))
        #expect(try Built.coracle(["no-such-command"]).run().end == .exited(2))
    }

    /// A PE file: the DOS header points at offset 64, where the signature and the machine (x86-64) are.
    private static let portableExecutable: [UInt8] =
        [0x4D, 0x5A] + [UInt8](repeating: 0, count: 58) + [64, 0, 0, 0] + [0x50, 0x45, 0, 0, 0x64, 0x86]
        + [UInt8](repeating: 0, count: 58)

    @Test(
        "a file that is not a Linux program is 3, and its kind is named",
        arguments: [
            (Array("#!/bin/sh\necho\n".utf8), "shell script for /bin/sh"),
            ([0xCF, 0xFA, 0xED, 0xFE, 7, 0, 0, 1] + [UInt8](repeating: 0, count: 64), "Mach-O"),
            (portableExecutable, "Windows"),
            (Array("\0asm\u{1}\0\0\0".utf8), "WebAssembly"),
            ([], "empty"),
            (Array("just text\n".utf8), "is not a program for Linux"),
            ([0x7F, 0x45, 0x4C, 0x46], "elf."),
        ] as [([UInt8], String)]
    )
    func notPrograms(bytes: [UInt8], words: String) throws {
        let place = try TemporaryDirectory()
        try place.file("thing", bytes, mode: 0o755)
        let outcome = try Built.coracle(["build", "thing"], directory: place.path).run()
        #expect(outcome.end == .exited(3), "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(try names(in: place.path) == ["thing"])
    }

    @Test("a truncated program is 3, wherever it ends", arguments: [5, 16, 63, 64, 100, 500, 4096, 100_000])
    func truncated(length: Int) throws {
        let place = try TemporaryDirectory()
        try place.file("cut", Array(try Sample.hello.prefix(length)), mode: 0o755)
        let outcome = try Built.coracle(["build", "cut"], directory: place.path).run()
        #expect(outcome.end == .exited(3), "\(outcome.errors)")
        #expect(outcome.errors.contains("elf."), "\(outcome.errors)")
    }

    @Test("a dynamically linked program is 9, and its loader and libraries are named")
    func dynamic() throws {
        let place = try TemporaryDirectory()
        let program = try FixtureProgram("hello-c", .dynamicC).path()
        let outcome = try Built.coracle(["build", program], directory: place.path).run()
        #expect(outcome.end == .exited(9))
        #expect(outcome.errors.contains("error[run.loader-missing]"))
        let loader = try Command("readelf", ["-l", program]).output().firstMatch(of: #/interpreter: ([^\]]+)/#)
        #expect(outcome.errors.contains("the loader `\(try #require(loader).1)`"), "\(outcome.errors)")
        #expect(outcome.errors.contains("`libc.so.6`"))
        #expect(outcome.errors.contains("-static"))
    }

    @Test("a FIFO is refused, and never waited for")
    func fifo() throws {
        let place = try TemporaryDirectory()
        #expect(mkfifo(place("pipe"), 0o644) == 0)
        for arguments in [["pipe"], [Built.coracle, "--add", "pipe:/x"], [Built.coracle, "--ca", "pipe"]] {
            let outcome = try Built.coracle(["build"] + arguments, directory: place.path, timeLimit: 10).run()
            #expect(outcome.end == .exited(3), "\(outcome.errors)")
        }
    }

    @Test(
        "a file that is not there is 3",
        arguments: [["missing"], ["hello", "--add", "missing:/x"], ["hello", "--ca", "missing"]]
    )
    func missing(arguments: [String]) throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build"] + arguments, directory: place.path).run()
        #expect(outcome.end == .exited(3), "\(outcome.errors)")
        #expect(outcome.errors.contains("No such file or directory"))
    }

    @Test("a program of another platform than the one expected is 3")
    func otherPlatform() throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build", "hello", "--platform", "linux/arm64"], directory: place.path).run()
        #expect([2, 3].contains(outcome.exitCode), "\(outcome.errors)")
        #expect(outcome.errors.contains("linux/arm64"))
        #expect(outcome.errors.contains("linux/amd64"))
    }

    @Test(
        "SOURCE_DATE_EPOCH is whole seconds, or refused",
        arguments: [
            ("abc", nil), ("-1", nil), ("100000000000000000000", nil), ("1.5", nil), (" 1", nil), ("0x10", nil),
            ("", "1970-01-01T00:00:00Z"), ("0", "1970-01-01T00:00:00Z"), ("1700000000", "2023-11-14T22:13:20Z"),
        ] as [(String, String?)]
    )
    func sourceDateEpoch(value: String, created: String?) throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(
            ["build", "hello"],
            environment: ["SOURCE_DATE_EPOCH": value],
            directory: place.path
        ).run()
        guard let created else {
            #expect(outcome.end == .exited(2), "\(outcome.errors)")
            #expect(outcome.errors.contains("SOURCE_DATE_EPOCH"))
            return
        }
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("created \(created)"), "\(outcome.errors)")
    }

    @Test("`--created` is stronger than SOURCE_DATE_EPOCH, even a bad one")
    func createdFirst() throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(
            ["build", "hello", "--created", "2001-09-09T01:46:40Z"],
            environment: ["SOURCE_DATE_EPOCH": "abc"],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(0))
        #expect(outcome.errors.contains("created 2001-09-09T01:46:40Z (--created)"), "\(outcome.errors)")
    }
}
