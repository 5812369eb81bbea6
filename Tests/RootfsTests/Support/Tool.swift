import Glibc

/// Another program, to compare with.
enum Tool {
    struct Failure: Error {
        let command: [String]
        let status: Int32
        let output: String
    }

    /// Runs a program found in `PATH` without input, and returns what it wrote to its standard output.
    @discardableResult
    static func run(_ command: [String]) throws -> String {
        // A file and not a pipe: nothing has to read while the program writes.
        guard let output = tmpfile() else { throw Failure(command: command, status: errno, output: "tmpfile") }
        defer { fclose(output) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, fileno(output), 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var arguments = command.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child: pid_t = 0
        let spawned = posix_spawnp(&child, command[0], &actions, nil, &arguments, environ)
        guard spawned == 0 else { throw Failure(command: command, status: spawned, output: "posix_spawnp") }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let text = try read(output)
        guard status == 0 else { throw Failure(command: command, status: status, output: text) }
        return text
    }

    private static func read(_ stream: UnsafeMutablePointer<FILE>) throws -> String {
        rewind(stream)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
