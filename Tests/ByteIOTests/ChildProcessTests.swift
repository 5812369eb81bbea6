import ByteIO
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite("Child processes")
struct ChildProcessTests {
    private func shell(
        _ script: String,
        input: [UInt8] = [],
        outputs: [Int32] = [1],
        outputLimit: Int = 1 << 20,
        timeLimit: Duration = .seconds(30),
        endsGroup: Bool = false
    ) -> ChildProcess {
        ChildProcess(
            "/bin/sh",
            ["sh", "-c", script],
            environment: ["PATH": "/usr/bin:/bin", "NAME": "value"],
            input: input,
            outputs: outputs,
            outputLimit: outputLimit,
            timeLimit: timeLimit,
            endsGroup: endsGroup
        )
    }

    @Test("what it writes to each descriptor is collected apart, and its variables are those given")
    func outputs() async {
        let process = shell(
            "cat; echo $NAME >&2; echo three >&3; env | wc -l >&3; exit 7",
            input: Array("in".utf8),
            outputs: [1, 2, 3]
        )
        let outcome = await process.run()
        #expect(outcome.ending == .exited(7))
        #expect(outcome.ending.reason(process) == "it ended with status 7")
        #expect(outcome[1] == Array("in".utf8))
        #expect(outcome[2] == Array("value\n".utf8))
        #expect(String(decoding: outcome[3], as: UTF8.self).hasPrefix("three\n"))
        #expect(outcome[4] == [])
    }

    @Test("nothing of ours is open in it, and what is not read is thrown away")
    func descriptors() async throws {
        // Not marked to be closed: as a library or our own parent may leave one behind.
        let inherited = open("/dev/null", O_RDONLY)
        defer { close(inherited) }
        let outcome = await shell("ls /proc/self/fd; echo lost >&2", outputs: [1, 5]).run()
        // 3 is the directory that `ls` reads.
        #expect(String(decoding: outcome[1], as: UTF8.self).split(separator: "\n") == ["0", "1", "2", "3", "5"])
        #expect(outcome[2] == [])
    }

    @Test("megabytes go in and come out", arguments: [0, 1, 65_536, 5_000_000])
    func large(size: Int) async {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let outcome = await shell("cat", input: bytes, outputLimit: size).run()
        #expect(outcome.ending == .exited(0))
        #expect(outcome[1] == bytes)
    }

    @Test(
        "an end that is not a success has a reason",
        arguments: [
            ("kill -9 $$", .signalled(9), "it was ended by signal 9"),
            ("head -c 2000000 /dev/zero; sleep 60", .wroteTooMuch, "it wrote more than 1048576 bytes"),
            ("true", .exited(0), nil),
        ] as [(String, ChildProcess.Ending, String?)]
    )
    func endings(script: String, ending: ChildProcess.Ending, reason: String?) async {
        let process = shell(script)
        let outcome = await process.run()
        #expect(outcome.ending == ending)
        #expect(outcome.ending.reason(process) == reason)
    }

    @Test("a program that does not exist is not started")
    func missing() async {
        let process = ChildProcess("/nowhere", ["x"], environment: [:], outputLimit: 1, timeLimit: .seconds(5))
        #expect(await process.run().ending == .notStarted(SystemError(number: ENOENT)))
    }

    @Test(
        "a process that hangs is killed with all that it started",
        arguments: ["sleep 600", "sleep 600; true", "exec >&-; sleep 600", "sleep 600 & sleep 600 & wait"]
    )
    func hang(script: String) async throws {
        let folder = try TemporaryDirectory()
        let ending = await shell("echo $$ > \(folder("process")); \(script)", timeLimit: .seconds(2)).run()
            .ending
        #expect(ending == .timedOut)
        let text = try String(decoding: readFile(folder("process")), as: UTF8.self)
        let group = try #require(Int32(text.dropLast()))
        // What `sh` started needs its new parent to be reaped.
        for _ in 0..<200 where kill(-group, 0) == 0 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(kill(-group, 0) == -1)
    }

    @Test("a process that another leaves behind is not waited for")
    func daemon() async throws {
        let outcome = await shell("sleep 600 & echo $!", timeLimit: .seconds(300)).run()
        #expect(outcome.ending == .exited(0))
        let process = try #require(Int32(String(decoding: outcome[1].dropLast(), as: UTF8.self)))
        #expect(kill(process, SIGKILL) == 0)
    }

    @Test("a process that another leaves behind in its group is killed, if that is asked for")
    func group() async throws {
        let outcome = await shell("sleep 600 & echo $!; exit 4", endsGroup: true).run()
        #expect(outcome.ending == .exited(4))
        let process = try #require(Int32(String(decoding: outcome[1].dropLast(), as: UTF8.self)))
        // The process that adopts it reaps it, or is about to.
        func isRunning() -> Bool {
            guard kill(process, 0) == 0, let status = try? readFile("/proc/\(process)/stat") else { return false }
            return !String(decoding: status, as: UTF8.self).contains(") Z ")
        }
        for _ in 0..<1000 where isRunning() { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!isRunning())
    }

    @Test("a cancelled task kills its process")
    func cancelled() async throws {
        let process = shell("sleep 600", timeLimit: .seconds(100))
        let task = Task { await process.run().ending }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        #expect(await task.value == .cancelled)
    }

    @Test("output is handed on while the process runs")
    func streamed() async {
        let lines = Mutex<[String]>([])
        let folder = try? TemporaryDirectory()
        let signal = folder?("go") ?? ""
        // The second line is written only after the first one has arrived here.
        let process = shell("echo one; until [ -e \(signal) ]; do sleep 0.05; done; echo two")
        let ending = await process.run { descriptor, bytes in
            lines.withLock { $0.append("\(descriptor) " + String(decoding: bytes, as: UTF8.self)) }
            close(open(signal, O_WRONLY | O_CREAT, 0o644))
        }
        #expect(ending == .exited(0))
        #expect(lines.withLock { $0 } == ["1 one\n", "1 two\n"])
    }

    @Test("more processes than the concurrency runtime has threads do not hold each other up")
    func concurrency() async {
        let process = shell("read line; sleep 0.2; echo $line", input: Array("hello\n".utf8))
        let answers = await withTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<32 { group.addTask { await process.run()[1] } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: Array("hello\n".utf8), count: 32))
    }
}
