import TestSupport
import Testing

@Suite("What a terminal shows, and what a log gets")
struct TerminalTests {
    /// Runs `sys.argv[2:]` on a terminal of `sys.argv[1]` columns, and prints all that it writes there.
    private static let terminal = """
        import fcntl, os, pty, struct, sys, termios
        pid, terminal = pty.fork()
        if pid == 0:
            fcntl.ioctl(2, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
            os.execv(sys.argv[2], sys.argv[2:])
        text = b""
        while True:
            try:
                part = os.read(terminal, 4096)
            except OSError:
                part = b""
            if not part: break
            text += part
        os.waitpid(pid, 0)
        sys.stdout.buffer.write(text.replace(b"\\r\\n", b"\\n"))
        """

    private func show(
        _ arguments: [String],
        columns: Int = 60,
        environment: [String: String] = [:],
        in place: TemporaryDirectory
    ) throws -> String {
        var variables = Built.withoutCache
        variables["TERM"] = "xterm"
        variables["NO_COLOR"] = .some(nil)
        variables["CORACLE_PROGRESS"] = .some(nil)
        for (name, value) in environment { variables[name] = value }
        return try Command(
            Tool.python,
            ["-c", Self.terminal, "\(columns)", Built.coracle] + arguments,
            environment: variables,
            directory: place.path,
            timeLimit: 60
        ).output()
    }

    @Test("messages on a terminal have colours, and fit it")
    func colour() throws {
        let place = try TemporaryDirectory()
        let text = try show(["build", "missing"], columns: 44, in: place)
        #expect(text.hasPrefix("\u{1B}[1;31merror[program.unreadable]:\u{1B}[m "), "\(text.debugDescription)")
        let plain = text.replacing(#/\x1B\[[0-9;]*m/#, with: "")
        #expect(plain.split(separator: "\n").allSatisfy { $0.count < 44 }, "\(plain)")
        #expect(plain.contains("\n    "), "\(plain)")
    }

    @Test(
        "there are no colours where they are not wanted",
        arguments: [["NO_COLOR": "1"], ["TERM": "dumb"], ["TERM": ""]]
    )
    func noColour(environment: [String: String]) throws {
        let text = try show(["build", "missing"], environment: environment, in: try TemporaryDirectory())
        #expect(text.hasPrefix("error[program.unreadable]: "), "\(text.debugDescription)")
        #expect(!text.contains("\u{1B}"), "\(text.debugDescription)")
    }

    @Test("a pipe gets each message in one line, without colours")
    func pipe() throws {
        let outcome = try Built.coracle(["build", "missing"], environment: ["TERM": "xterm"]).run()
        #expect(!outcome.errors.contains("\u{1B}"))
        #expect(outcome.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("error[") || $0.hasPrefix("  ") })
    }

    @Test("errors of one kind are one block: a count, and the paths")
    func grouped() throws {
        let place = try TemporaryDirectory()
        let names = (10..<25).map { "missing-\($0)" }
        let outcome = try Built.coracle(["build"] + names, directory: place.path).run()
        #expect(outcome.end == .exited(3))
        let lines = outcome.errors.split(separator: "\n").map(String.init)
        #expect(lines.filter { $0.hasPrefix("error[program.unreadable]") }.count == 1, "\(outcome.errors)")
        #expect(lines[0].hasSuffix(" (and 14 more)"), "\(outcome.errors)")
        #expect(lines.contains("  at: missing-11"), "\(outcome.errors)")
        #expect(lines.filter { $0.hasPrefix("  because:") }.count == 1, "\(outcome.errors)")
    }

    /// A layout that another process has locked for some seconds.
    private func locked(_ body: (TemporaryDirectory) throws -> Void) throws {
        let place = try Sample.program()
        try Built.coracle(["build", "hello", "-o", "out"], directory: place.path).output()
        let lock = try Command("flock", [place("out"), "sleep", "15"]).start()
        defer { lock.send(9) }
        while try Command("flock", ["-n", place("out"), "true"]).run().end == .exited(0) {}
        try body(place)
        _ = try lock.wait()
    }

    @Test("a log says what takes longer than two seconds")
    func slowLog() throws {
        try locked { place in
            let outcome = try Built.coracle(
                ["build", "hello", "-o", "out"],
                environment: ["CORACLE_PROGRESS": "auto"],
                directory: place.path
            ).run()
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
            #expect(outcome.errors.contains("writing the image: "), "\(outcome.errors)")
        }
    }

    @Test("a terminal counts the seconds in one line, which goes away")
    func slowTerminal() throws {
        try locked { place in
            let text = try show(["build", "hello", "-o", "out"], in: place)
            #expect(text.contains("writing the image: 2 s\n"), "\(text.debugDescription)")
            #expect(text.contains("writing the image: 3 s\n"), "\(text.debugDescription)")
            #expect(text.contains("\u{1B}[1A\r\u{1B}[J"), "\(text.debugDescription)")
        }
    }

    @Test("`--progress` and CORACLE_PROGRESS say how progress is shown, or are refused")
    func progress() throws {
        for word in ["auto", "plain", "json", "none"] {
            let place = try Sample.program()
            try Built.coracle(["build", "hello", "--progress", word], directory: place.path).output()
        }
        let typed = try Built.coracle(["build", "x", "--progress", "much"]).run()
        #expect(typed.end == .exited(2))
        #expect(typed.errors.contains("`--progress much` is not understood"), "\(typed.errors)")
        let set = try Built.coracle(["build", "x"], environment: ["CORACLE_PROGRESS": "much"]).run()
        #expect(set.end == .exited(2))
        #expect(set.errors.contains("CORACLE_PROGRESS"), "\(set.errors)")
    }
}
