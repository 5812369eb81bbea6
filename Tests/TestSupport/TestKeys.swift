/// Keys for one test, which sign as Debian's archive does.
package final class TestKeys: Sendable {
    /// Names of all keys.
    package let names: [String]
    private let home: TemporaryDirectory

    /// - Parameter names: of the keys, each of which is made.
    package init(_ names: [String], expired: [String] = []) throws {
        self.names = names + expired
        home = try TemporaryDirectory()
        try Command("chmod", ["700", home.path]).output()
        for name in names { try gpg(["--quick-generate-key", name, "ed25519", "sign", "never"]) }
        for name in expired {
            try gpg(["--faked-system-time", "20200101T000000", "--quick-generate-key", name, "ed25519", "sign", "1d"])
        }
    }

    deinit {
        _ = try? Command("gpgconf", ["--kill", "all"], environment: ["GNUPGHOME": home.path], timeLimit: 20).run()
    }

    /// The public keys, in a file for gpgv: its path.
    package func keyring(_ names: [String]) throws -> String {
        let path = home("\(names.joined(separator: "-")).gpg")
        try gpg(["--output", path, "--yes", "--export"] + names)
        return path
    }

    /// A clear-signed message.
    ///
    /// - Parameter time: when it seems to be signed, such as `20200101T120000`.
    package func sign(_ text: String, as names: [String], time: String? = nil) throws -> [UInt8] {
        let input = try home.file("text-\(UInt64.random(in: 0 ... .max))", text)
        let users = names.flatMap { ["--local-user", $0] }
        let clock = time.map { ["--faked-system-time", $0] } ?? []
        try gpg(clock + users + ["--output", input + ".asc", "--clear-sign", input])
        return try readFile(input + ".asc")
    }

    private func gpg(_ arguments: [String]) throws {
        try Command(
            "gpg",
            ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""] + arguments,
            environment: ["GNUPGHOME": home.path],
            timeLimit: 60
        ).output()
    }
}
