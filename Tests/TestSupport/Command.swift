import Glibc

/// A child process to be: what to start, where, and for how long it may run.
///
/// Output is captured in files, not pipes, so a child that writes a lot never waits for a reader.
package struct Command {
    /// A path, or a name that is looked up in PATH.
    package var program: String
    package var arguments: [String]

    /// Changes to this process's environment; `nil` removes a variable.
    package var environment: [String: String?]

    /// The working directory; `nil` is this process's.
    package var directory: String?

    /// What standard input holds; it is /dev/null by default.
    package var input: [UInt8]?

    /// After this many seconds the child and its process group are killed.
    package var timeLimit: Double

    package init(
        _ program: String,
        _ arguments: [String] = [],
        environment: [String: String?] = [:],
        directory: String? = nil,
        input: [UInt8]? = nil,
        timeLimit: Double = 60
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.input = input
        self.timeLimit = timeLimit
    }

    /// `script` run by the POSIX shell, with `arguments` as `"$@"`.
    package static func shell(
        _ script: String,
        _ arguments: [String] = [],
        environment: [String: String?] = [:],
        directory: String? = nil,
        timeLimit: Double = 60
    ) -> Command {
        Command(
            "sh",
            ["-c", script, "sh"] + arguments,
            environment: environment,
            directory: directory,
            timeLimit: timeLimit
        )
    }

    /// Starts the child and waits for its end.
    package func run() throws -> Outcome {
        try start().wait()
    }

    /// Runs the child and returns its standard output; throws what it said if it did not succeed.
    @discardableResult
    package func output() throws -> String {
        let outcome = try run()
        guard outcome.end == .exited(0) else { throw CommandFailure(command: self, outcome: outcome) }
        return outcome.output
    }

    /// Starts the child in a process group of its own.
    ///
    /// - Parameter descriptor: a file that is open here and becomes the child's standard input.
    package func start(input descriptor: Int32? = nil) throws -> RunningCommand {
        var words = [try Tool.path(of: program)] + arguments
        // The C library's spawn action for this is an extension that Swift does not see.
        if let directory { words = [try Tool.path(of: "env"), "--chdir=\(directory)"] + words }
        let path = words[0]
        let output = try UnnamedFile()
        let errors = try UnnamedFile()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let standardInput = try input.map { bytes in try UnnamedFile(holding: bytes) }
        if let descriptor {
            posix_spawn_file_actions_adddup2(&actions, descriptor, 0)
        } else if let standardInput {
            posix_spawn_file_actions_adddup2(&actions, standardInput.descriptor, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, output.descriptor, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.descriptor, 2)
        // What the test runner forgot to close is not the child's; closing what is not open does no harm.
        for descriptor in 3..<Int32(64) { posix_spawn_file_actions_addclose(&actions, descriptor) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP)
        )

        var process: Int32 = 0
        let failure = withCStrings(words) { words in
            withCStrings(variables) { posix_spawn(&process, path, &actions, &attributes, words, $0) }
        }
        guard failure == 0 else { throw SupportError("cannot start \(path): \(String(cString: strerror(failure)))") }
        return RunningCommand(command: self, process: process, output: output, errors: errors)
    }

    /// This process's environment with the changes, as NAME=VALUE.
    private var variables: [String] {
        var values = Environment.current
        // The crash reporter of the Swift runtime would hold a killed child for seconds.
        values["SWIFT_BACKTRACE"] = "enable=no"
        // How long something takes is not the same twice.
        values["CORACLE_PROGRESS"] = "plain"
        // The tests say what they mean by it.
        values["SOURCE_DATE_EPOCH"] = nil
        // What a CI system says of its checkout becomes labels.
        for name in ["GITHUB_SHA", "CI_COMMIT_SHA", "BITBUCKET_COMMIT", "CIRCLE_SHA1", "BUILDKITE_COMMIT"] {
            values[name] = nil
        }
        values["BUILD_SOURCEVERSION"] = nil
        for (name, value) in environment { values[name] = value }
        return values.map { "\($0.key)=\($0.value)" }
    }
}

/// Calls `body` with the NULL-terminated array that `execve` wants.
private func withCStrings<Result>(
    _ strings: [String],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("the array ends in nil, so it has an address") }
        return body(base)
    }
}
