import ByteIO
package import Diagnostics
import OCI

/// A program that stores credentials, such as docker's `docker-credential-pass`. It gets a verb as its argument and the
/// rest on its standard input, and answers on its standard output.
///
/// Neither its answer nor its error stream is shown: both could contain a secret.
struct CredentialHelper: Sendable {
    /// `docker-credential-NAME`.
    let program: String
    private let path: FilePath
    private let place: CredentialPlace
    private let store: CredentialStore

    private static let outputLimit = 64 << 10

    /// Looks for the helper in `PATH`.
    ///
    /// - Throws: `credentials.malformed` if `name` is malformed, `credentials.helper-failed` if there is no such program.
    init(named name: String, for store: CredentialStore, in place: CredentialPlace) throws(Diagnostic) {
        guard Self.isName(name) else {
            throw Diagnostic(
                .credentialsMalformed,
                "`\(place.shown)` names a credential helper with an invalid name",
                at: .file(path: place.path.display),
                because: "a name is made of letters, digits, `.`, `_` and `-`, and does not begin with `-`"
            )
        }
        program = "docker-credential-\(name)"
        self.place = place
        self.store = store
        guard let path = FilePath.ofProgram(program, in: store.environment["PATH"] ?? "") else {
            throw Diagnostic(
                .credentialsHelperFailed,
                "the credential helper `\(program)` is not installed",
                at: .file(path: place.path.display),
                because: "`\(place.shown)` names it, and it is not in any directory of PATH",
                hint: "install it, or remove its name from the file"
            )
        }
        self.path = path
    }

    /// The credential for `server`; `nil` if the helper has none.
    func get(_ server: String) async throws(Diagnostic) -> Credential? {
        let output: [UInt8]
        switch await run("get", input: server + "\n") {
        case .answered(let bytes): output = bytes
        case .hasNone: return nil
        case .failed(let reason): throw failed(reason)
        }
        guard let answer = (try? JSON(parsing: output, named: program))?.objectValue else {
            throw failed(output.isEmpty ? "its answer is empty" : "its answer is not a JSON object")
        }
        guard let username = answer["Username"]?.stringValue, let secret = answer["Secret"]?.stringValue else {
            throw failed("its answer has no `Username` and `Secret`")
        }
        if username.isEmpty, secret.isEmpty { return nil }
        let credential: Credential =
            username == "<token>" ? .identityToken(secret) : .basic(username: username, password: secret)
        guard !username.isEmpty, !secret.isEmpty else {
            throw failed("its answer has only a user name or only a secret")
        }
        if let defect = credential.defect { throw failed("its answer cannot be sent: \(defect)") }
        return credential
    }

    /// Gives the helper a credential to store.
    func store(_ server: String, username: String, password: String) async throws(Diagnostic) {
        let document: JSON = ["ServerURL": .string(server), "Username": .string(username), "Secret": .string(password)]
        switch await run("store", input: String(decoding: document.encoded(), as: UTF8.self) + "\n") {
        case .answered: break
        case .hasNone: throw failed("it does not store the credential")
        case .failed(let reason): throw failed(reason)
        }
    }

    /// Asks the helper to delete a credential; false if it had none.
    func erase(_ server: String) async throws(Diagnostic) -> Bool {
        switch await run("erase", input: server + "\n") {
        case .answered: return true
        case .hasNone: return false
        case .failed(let reason): throw failed(reason)
        }
    }

    /// What came of a question to the helper.
    private enum Answer {
        /// It succeeded, and wrote this.
        case answered([UInt8])
        /// It says that it has no such credential.
        case hasNone
        /// A clause for messages.
        case failed(String)
    }

    private func run(_ verb: String, input: String) async -> Answer {
        let process = ChildProcess(
            path,
            [program, verb],
            environment: store.environment,
            input: Array(input.utf8),
            outputLimit: Self.outputLimit,
            timeLimit: store.helperTimeLimit
        )
        let outcome = await process.run()
        guard let reason = outcome.ending.reason(process) else { return .answered(outcome[1]) }
        if case .exited = outcome.ending, Self.saysNotFound(outcome[1]) { return .hasNone }
        return .failed(reason)
    }

    private func failed(_ reason: String) -> Diagnostic {
        Diagnostic(
            .credentialsHelperFailed,
            "the credential helper `\(program)` failed",
            at: .file(path: place.path.display),
            because: reason + "; `\(place.shown)` names it",
            hint: "try it by hand: `echo REGISTRY | \(program) get` prints the secret, or an error"
        )
    }

    /// The protocol has no code for this: helpers print this sentence and fail.
    private static func saysNotFound(_ output: [UInt8]) -> Bool {
        let words = Array("credentials not found".utf8)
        let text = output.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
        guard text.count >= words.count else { return false }
        return (0...(text.count - words.count)).contains { text[$0...].starts(with: words) }
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 128 && !name.hasPrefix("-")
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            }
    }
}

extension Diagnostic.Code {
    package static let credentialsHelperFailed = Self("credentials.helper-failed", .authentication)
}
