import Glibc

/// A program that the tests run, such as a compiler: its absence fails them.
struct Tool {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let name: String

    /// Runs the tool in `directory` and gives what it writes to both outputs; anything but success throws it.
    @discardableResult
    func run(
        _ arguments: [String],
        in directory: String = "/",
        with environment: [String: String] = [:]
    ) throws -> String {
        let output = try TemporaryFolder.newFile()
        defer { unlink(output) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_TRUNC, 0)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)

        let variables = ["LC_ALL": "C"].merging(environment) { $1 }.map { "\($0)=\($1)" }.sorted()
        let command = ["env", "-C", directory] + variables + [name] + arguments
        var process: pid_t = 0
        let spawned = withCStrings(command) { posix_spawnp(&process, "env", &actions, nil, $0, environ) }
        guard spawned == 0 else { throw Failure(description: "cannot run env: \(spawned)") }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        let text = String(decoding: try FileBytes(output).all(), as: UTF8.self)
        guard status == 0 else { throw Failure(description: "\(command) failed: \(text)") }
        return text
    }
}

/// A folder for the files of one test run, which is removed at its end.
enum TemporaryFolder {
    static let path: Result<String, any Error> = Result {
        var name = Array("/tmp/coracle-elf-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw Tool.Failure(description: "cannot make a folder in /tmp") }
        atexit { _ = try? Tool(name: "rm").run(["-rf", TemporaryFolder.path.get()]) }
        return text(name)
    }

    /// The path of an empty file that was not there before.
    static func newFile() throws -> String {
        var name = try Array("\(path.get())/XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { throw Tool.Failure(description: "cannot make a file in /tmp") }
        close(descriptor)
        return text(name)
    }

    private static func text(_ name: [CChar]) -> String {
        String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

private func withCStrings<Value>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
    let copies = strings.map { strdup($0) } + [nil]
    defer { copies.forEach { free($0) } }
    return copies.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { preconditionFailure("the list ends in nil, so it is never empty") }
        return body(start)
    }
}
