import ByteIO
package import Diagnostics
import Glibc
package import Signing
import Synchronization
import Terminal

/// A key as a user names it: a file, or `env://NAME` for a variable that has its text.
package struct KeySource {
    /// As it was typed.
    package let text: String

    /// Takes what was typed.
    package init(text: String) { self.text = text }

    private static let limit = 64 << 10
    private static let scheme = "env://"

    /// Reads a private key, and asks for its password only if it has one.
    ///
    /// - Throws: `key.…`, `password.unreadable`.
    package func privateKey() throws(Diagnostic) -> PrivateKey {
        if let known = Self.opened.withLock({ $0[text] }) { return known }
        let key = try PrivateKey(pem: try bytes(), named: text) { () throws(Diagnostic) in
            try Self.password { () throws(Diagnostic) in try Password.asked(forKey: text) }
        }
        noteIfExposed()
        Self.opened.withLock { $0[text] = key }
        return key
    }

    /// Keys that were opened, by what named them: a password is asked for once.
    private static let opened = Mutex<[String: PrivateKey]>([:])

    /// - Throws: `key.…`.
    package func publicKey() throws(Diagnostic) -> PublicKey {
        try PublicKey(pem: try bytes(), named: text)
    }

    /// The password in the environment, which may be empty; else what `asking` returns.
    static func password(_ asking: () throws(Diagnostic) -> String) throws(Diagnostic) -> String {
        let known = ProcessEnvironment.current["COSIGN_PASSWORD"]
        let password = if let known { known } else { try asking() }
        Secrets.add(password)
        return password
    }

    private func bytes() throws(Diagnostic) -> [UInt8] {
        if text.hasPrefix(Self.scheme) {
            let name = String(text.dropFirst(Self.scheme.count))
            guard let value = ProcessEnvironment[name] else {
                throw Diagnostic(
                    .keyAbsent,
                    "there is no key in `\(text)`",
                    at: .option(text),
                    because: "the variable is not set, or is empty",
                    hint: "set it to the text of the key: `export \(name)=\"$(cat FILE)\"`"
                )
            }
            return Array(value.utf8)
        }
        if let colon = text.firstRange(of: "://") {
            throw Diagnostic(
                .keyAbsent,
                "`\(text)` is a key that coracle cannot reach",
                at: .option(text),
                because: "it is at `\(text[..<colon.lowerBound])`, and only files and `env://NAME` are read",
                hint: "`coracle sign REF --payload-out FILE` writes what such a key is to sign"
            )
        }
        do throws(SystemError) {
            return try OpenFile.content(of: FilePath(text), limit: Self.limit)
        } catch {
            throw Diagnostic(
                .keyAbsent,
                "the key `\(text)` cannot be read",
                at: .file(path: text),
                because: error.description(readingAtMost: Self.limit),
                hint: error.number == ENOENT
                    ? "make a pair with `coracle key generate`, or name the file that has the key" : error.hint
            )
        }
    }

    /// Warns about a file with a private key that not only its owner can read.
    private func noteIfExposed() {
        guard !text.hasPrefix(Self.scheme), let status = try? FileStatus(at: FilePath(text), following: true),
            status.kind == .regular, status.permissions & 0o044 != 0
        else { return }
        Console.note([
            Diagnostic(
                .keyExposed,
                "others on this machine can read the key `\(text)`",
                at: .file(path: text),
                because: "its permissions allow it",
                hint: "take them away: `chmod 600 \(text)`"
            )
        ])
    }
}

extension Diagnostic.Code {
    static let keyAbsent = Self("key.absent", .input)
    static let keyExposed = Self("key.exposed", .input)
}
