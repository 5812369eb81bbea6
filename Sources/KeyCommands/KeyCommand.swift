package import ArgumentParser
import ByteIO
import Diagnostics
import Glibc
import Signing
import Terminal

/// `coracle key`, which has no work of its own.
package struct KeyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Keys that images are signed with.",
        discussion: """
            EXAMPLES:
              coracle key generate                          cosign.key and cosign.pub
              coracle key generate --output release         release.key and release.pub
              coracle key public --key cosign.key           what others verify with

            Keys are ECDSA on the curve P-256, in the files that cosign has: either
            program opens those of the other. The private key is encrypted with the
            password in COSIGN_PASSWORD, or one that is asked for.
            """,
        subcommands: [KeyGenerateCommand.self, KeyPublicCommand.self]
    )

    package init() {}
}

struct KeyGenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Make a pair of keys: PREFIX.key, encrypted, and PREFIX.pub.",
        usage: "coracle key generate [--output <prefix>]",
        discussion: """
            EXAMPLES:
              coracle key generate
              coracle key generate --output release
              coracle key generate -o keys/release

            Nothing is overwritten. Standard output is the two names. With an empty
            COSIGN_PASSWORD the key is only as safe as its file.
            """
    )

    @Option(name: [.short, .long], help: ArgumentHelp("What the names begin with.", valueName: "prefix"))
    var output = "cosign"

    func run() async throws {
        let (secret, open) = (FilePath(output + ".key"), FilePath(output + ".pub"))
        for path in [secret, open] where (try? FileStatus(at: path)) != nil { throw Self.exists(path) }
        let password = try KeySource.password { () throws(Diagnostic) in
            let password = try Password.asked(forKey: secret.display)
            guard try Password.asked(forKey: "\(secret.display), again") == password else {
                throw Diagnostic(.keyPasswordsDiffer, "the two passwords are not the same", hint: "try again")
            }
            return password
        }
        let key = try PrivateKey.generate()
        try Self.write(try key.sealed(password: password), to: secret, mode: 0o600)
        try Self.write(key.publicKey.pem, to: open, mode: 0o644)
        try Console.output(nil, else: [secret.display, open.display], after: "the keys are written")
    }

    private static func exists(_ path: FilePath) -> Diagnostic {
        Diagnostic(
            .keyExists,
            "`\(path.display)` is there already",
            at: .file(path: path.display),
            because: "a key that is overwritten is lost",
            hint: "give other names with `--output PREFIX`"
        )
    }

    private static func write(_ bytes: [UInt8], to path: FilePath, mode: UInt32) throws(Diagnostic) {
        do throws(SystemError) {
            let file = try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
            try file.write(bytes)
            try file.synchronize()
        } catch {
            if error.number == EEXIST { throw exists(path) }
            throw error.diagnostic("write", path.display)
        }
    }
}

struct KeyPublicCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "public",
        abstract: "Print the public half of a private key.",
        usage: "coracle key public --key <key>",
        discussion: """
            EXAMPLES:
              coracle key public --key cosign.key > cosign.pub
              coracle key public --key env://COSIGN_KEY
              coracle key public --key /run/secrets/release.pem
            """
    )

    @Option(help: ArgumentHelp("A private key: a file, or env://NAME.", valueName: "key"))
    var key: String

    func run() async throws {
        let key = try KeySource(text: key).privateKey()
        try Console.output(String(decoding: key.publicKey.pem, as: UTF8.self))
    }
}

extension Diagnostic.Code {
    static let keyExists = Self("key.exists", .usage)
    static let keyPasswordsDiffer = Self("key.passwords-differ", .usage)
}
