import TestSupport

/// Places to run `coracle` in.
enum Sample {
    /// A directory with the static program `hello` for x86-64 in it.
    static func program() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try directory.file("hello", hello, mode: 0o755)
        return directory
    }

    /// The program's bytes.
    static var hello: [UInt8] {
        get throws { try readFile(FixtureProgram.go("hello").path()) }
    }

    /// Where an unfinished build would show: the names in `directory` that only coracle gives.
    static func leftovers(in directory: String) throws -> [String] {
        try names(in: directory).filter { $0.hasPrefix(".coracle-tmp") }
    }
}
