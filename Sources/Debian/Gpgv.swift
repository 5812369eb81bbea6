package import ByteIO
package import Diagnostics
import Glibc

/// Debian's own verifier of signatures, as apt uses it.
package struct Gpgv: Sendable {
    package let program: FilePath
    /// The keys that are trusted, as binary files.
    package let keyrings: [FilePath]
    private let timeLimit: Duration

    /// Debian's archive keys, where the package `debian-archive-keyring` puts them.
    package static let debianKeyring = FilePath("/usr/share/keyrings/debian-archive-keyring.gpg")

    /// Looks for the program and the keyrings.
    ///
    /// - Parameter environment: the process's variables, for `PATH`.
    /// - Throws: `gpgv.missing`, `gpgv.keyring-missing`.
    package init(
        keyrings: [FilePath] = [debianKeyring],
        environment: [String: String],
        timeLimit: Duration = .seconds(60)
    ) throws(Diagnostic) {
        let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").filter { $0.hasPrefix("/") }
        let programs = folders.map { FilePath(String($0)).appending("gpgv") }
        guard let program = programs.first(where: { $0.withCString { access($0, X_OK) } == 0 }) else {
            throw Diagnostic(
                .gpgvMissing,
                "Debian's signatures cannot be verified",
                because: "`gpgv` is not in `PATH`",
                hint: "install it: `apt install gpgv`"
            )
        }
        for keyring in keyrings {
            guard keyring.withCString({ access($0, R_OK) }) != 0 else { continue }
            throw Diagnostic(
                .gpgvKeyringMissing,
                "Debian's signatures cannot be verified",
                at: .file(path: keyring.display),
                because: "the keyring cannot be read: \(SystemError.last)",
                hint: "install it: `apt install debian-archive-keyring`"
            )
        }
        self.program = program
        self.keyrings = keyrings
        self.timeLimit = timeLimit
    }

    /// The text of the clear-signed `file`, which must have at least one good signature and no bad one.
    ///
    /// Several keys may have signed; keys that are not in the keyrings are ignored. Text after the message is dropped. Only
    /// the output of gpgv is returned.
    /// - Throws: `signature.none`, `signature.bad`, `signature.unknown-key`, `signature.key-expired`, `gpgv.failed`.
    package func verify(_ file: [UInt8], named name: String) async throws(Diagnostic) -> [UInt8] {
        guard let message = ClearSignedText(in: file)?.message else {
            throw Diagnostic(
                .signatureNone,
                "a Release file is not signed as Debian signs",
                at: .file(path: name),
                because: "it is not one clear-signed message",
                hint: "a proxy or login page may have answered instead of the mirror: look at the address"
            )
        }
        let outcome = try await run(on: message, named: name)
        try GpgvStatus(parsing: outcome[Self.statusDescriptor]).check(named: name, keyrings: keyrings)
        return outcome[1]
    }

    /// The descriptor for gpgv's status lines.
    private static let statusDescriptor: Int32 = 3
    private static let outputLimit = 32 << 20

    private func run(on message: [UInt8], named name: String) async throws(Diagnostic) -> ChildProcess.Outcome {
        var arguments = ["gpgv", "--homedir", "/nonexistent", "--status-fd", "\(Self.statusDescriptor)"]
        // With a slash, or gpgv looks in its own folder.
        for keyring in keyrings { arguments += ["--keyring", (keyring.resolved ?? keyring).display] }
        arguments += ["--output", "-", "-"]
        let process = ChildProcess(
            program,
            arguments,
            // Our environment must not influence the result.
            environment: ["LC_ALL": "C"],
            input: message,
            outputs: [1, Self.statusDescriptor],
            outputLimit: Self.outputLimit,
            timeLimit: timeLimit
        )
        let outcome = await process.run()
        // The exit status is ignored: it is a failure as soon as one of several signing keys is unknown.
        if case .exited = outcome.ending { return outcome }
        throw Diagnostic(
            .gpgvFailed,
            "`\(program.display)` could not verify a signature",
            at: .file(path: name),
            because: outcome.ending.reason(process)
        )
    }
}

extension Diagnostic.Code {
    package static let gpgvMissing = Self("gpgv.missing", .input)
    package static let gpgvKeyringMissing = Self("gpgv.keyring-missing", .input)
    package static let gpgvFailed = Self("gpgv.failed", .localIO)
    package static let signatureNone = Self("signature.none", .verification)
}
