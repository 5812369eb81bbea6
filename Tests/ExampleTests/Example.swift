import TestSupport

/// A folder of Examples/: what its README says to type, and what that makes.
struct Example: CustomStringConvertible, Sendable {
    let name: String

    static let all = [
        "app-directory", "c-static", "coracle", "cpp-on-cc", "go-scratch", "java", "node", "on-a-base", "python",
        "rust-scratch",
        "two-platforms",
    ]
    .map { Example(name: $0) }

    var description: String { name }

    /// The folder with this package's Package.swift.
    static let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    static let folder = "\(repository)/Examples"

    var folder: String { "\(Self.folder)/\(name)" }
    var readMe: ReadMe { get throws { ReadMe(try readFile("\(folder)/README.md")) } }

    /// Whether coracle has a toolchain that builds it.
    var isSource: Bool { (try? readMe.block("sh source")) != nil }

    /// The architectures of the image: each has a folder of its own in expected/.
    var architectures: [String] { get throws { try names(in: "\(folder)/expected") } }

    /// A copy to build in, laid out as Examples/ is: commands reach `../run`.
    func copy() throws -> WorkingCopy {
        let directory = try TemporaryDirectory()
        try Command("cp", ["-R", "\(Self.folder)/run", folder, directory.path]).output()
        let folder = "\(directory.path)/\(name)"
        // coracle takes bases that stand where it is started before its own, whose packages mirrors may have dropped.
        if try readMe.block("sh build").contains("--base debian") {
            try Command("cp", ["-R", try FreshBases.locked(), "\(folder)/Bases"]).output()
        }
        return WorkingCopy(folder: folder, directory: directory)
    }
}

/// A temporary copy of an example.
struct WorkingCopy {
    let folder: String
    /// Held for its lifetime, which is that of the files.
    let directory: TemporaryDirectory

    /// Runs lines of a README as a user would, who stops at the first that fails; returns both outputs as one.
    func type(_ lines: String, _ more: [String: String] = [:]) throws -> String {
        let environment: [String: String?] = [
            "PATH": "\(Built.commandFolder):\(Environment.current["PATH"] ?? "/usr/bin:/bin"):/usr/sbin:/sbin",
            "CORACLE_SOURCE": Example.repository,
            "CORACLE_CACHE": FreshBases.cache,
        ]
        return try Command(
            "bash",
            ["-euo", "pipefail", "-c", "exec 2>&1\n" + lines],
            environment: environment.merging(more) { $1 },
            directory: folder,
            // Without CORACLE_STATIC, one of the examples builds coracle.
            timeLimit: 1800
        ).output()
    }

    /// Runs a script of these tests, with the folder `out` as its working directory.
    func run(_ script: String, _ arguments: [String]) throws -> String {
        try Command.shell("set -eu\n" + script, arguments, directory: "\(folder)/out", timeLimit: 120).output()
    }
}
