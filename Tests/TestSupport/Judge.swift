import Glibc

/// Programs of others that read bills of materials and signatures, which Debian does not have: `make test-deps` puts them
/// into `.build-judges`, in the versions and with the hashes of Tests/judges.txt.
package enum Judge {
    /// The folder of the Python environment.
    private static let folder = "\(FixtureProgram.sources)/../../.build-judges"

    /// Whether they are installed: they may be missing on a machine without a network, or of another kind.
    package static let areThere = access("\(folder)/made", R_OK) == 0

    /// One of the programs, such as `trivy`.
    package static func command(_ name: String, _ arguments: [String], directory: String? = nil) -> Command {
        Command(
            "\(folder)/bin/\(name)",
            arguments,
            environment: ["SYFT_CHECK_FOR_APP_UPDATE": "false", "HOME": directory ?? "/nonexistent"],
            directory: directory,
            timeLimit: 300
        )
    }

    /// The same, with no network but its own loopback.
    package static func offline(_ name: String, _ arguments: [String], directory: String? = nil) -> Command {
        var command = command(name, arguments, directory: directory)
        guard geteuid() == 0 else { return command }
        command.arguments = ["-n", command.program] + command.arguments
        command.program = "unshare"
        return command
    }

    /// A Python script with the judges' packages, and `arguments` as `sys.argv[1:]`: what it prints.
    @discardableResult
    package static func python(_ script: String, _ arguments: [String] = []) throws -> String {
        try command("python3", ["-c", script] + arguments).output()
    }
}
