import Bases
import ByteIO
import Debian
import OCI
import Synchronization
import TestSupport

/// A key that signs as Debian's archive does, for one test.
final class ArchiveKey: Sendable {
    private let home: TemporaryDirectory

    init() throws {
        home = try TemporaryDirectory()
        try Command("chmod", ["700", home.path]).output()
        try gpg(["--quick-generate-key", "archive", "ed25519", "sign", "never"])
        try gpg(["--output", home("archive.gpg"), "--export", "archive"])
    }

    deinit {
        _ = try? Command("gpgconf", ["--kill", "all"], environment: ["GNUPGHOME": home.path], timeLimit: 20).run()
    }

    func gpgv() throws -> Gpgv {
        try Gpgv(keyrings: [FilePath(home("archive.gpg"))], environment: Environment.current)
    }

    /// A clear-signed message.
    func sign(_ text: String) throws -> [UInt8] {
        let input = try home.file("text-\(UInt64.random(in: 0 ... .max))", text)
        try gpg(["--output", input + ".asc", "--clear-sign", input])
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

extension BaseMirror {
    static let now = Timestamp(secondsSince1970: 1_795_262_400)

    /// Puts a signed archive with packages for amd64 on the mirror.
    func publish(_ archive: String, _ packages: [MadePackage], _ key: ArchiveKey) throws {
        var text = ""
        for made in packages {
            let package = try add(made)
            text += "Package: \(made.name)\nVersion: \(made.version)\nArchitecture: \(made.architecture)\n"
            text += "Filename: \(package.path)\nSize: \(package.size)\nSHA256: \(package.digest.hex)\n\n"
        }
        let list = try Command("gzip", ["-n"], input: Array(text.utf8)).run().outputBytes
        let path = "main/binary-amd64/Packages.gz"
        let release = """
            Suite: \(archive)
            Codename: \(archive)
            Date: Sat, 21 Nov 2026 10:00:00 UTC
            Architectures: amd64
            Components: main
            SHA256:
             \(Digest(sha256Of: list).hex) \(list.count) \(path)

            """
        let signed = try key.sign(release)
        files.withLock { files in
            files["/debian/dists/\(archive)/\(path)"] = list
            files["/debian/dists/\(archive)/InRelease"] = signed
        }
    }
}
