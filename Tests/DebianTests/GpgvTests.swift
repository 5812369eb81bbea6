import ByteIO
import Debian
import Diagnostics
import TestSupport
import Testing

@Suite("Verifying signatures")
struct GpgvTests {
    // For each test its own: what serves them ends with their last reference, which a static one never loses.
    let keys: TestKeys
    static let text = "Suite: test\nDate: now\n- a line with a hyphen\nlast\n"

    init() throws { keys = try TestKeys(["alice", "bob"], expired: ["old"]) }

    func verify(_ file: [UInt8], keyring names: [String]) async throws -> Result<[UInt8], Diagnostic> {
        let gpgv = try Gpgv(keyrings: [FilePath(keys.keyring(names))], environment: Environment.current)
        do throws(Diagnostic) {
            return .success(try await gpgv.verify(file, named: "InRelease"))
        } catch {
            return .failure(error)
        }
    }

    @Test("a good signature gives the text", arguments: [["alice"], ["alice", "bob"]])
    func good(signers: [String]) async throws {
        let file = try keys.sign(Self.text, as: signers)
        #expect(try await verify(file, keyring: ["alice", "bob"]).get() == Array(Self.text.utf8))
    }

    @Test("one known key among the signers is enough, though gpgv fails")
    func oneOfTwo() async throws {
        let file = try keys.sign(Self.text, as: ["alice", "bob"])
        #expect(try await verify(file, keyring: ["bob"]).get() == Array(Self.text.utf8))
    }

    @Test("a key that is not in the keyring is named")
    func unknown() async throws {
        let file = try keys.sign(Self.text, as: ["alice"])
        let error = try await verify(file, keyring: ["bob"]).failure
        #expect(error?.code == .signatureUnknownKey)
        #expect(error?.reason?.hasPrefix("it is signed by `") == true)
    }

    @Test("a changed text is refused")
    func tampered() async throws {
        var file = try keys.sign(Self.text, as: ["alice"])
        let place = try #require(file.firstRange(of: Array("last".utf8))?.lowerBound)
        file[place] = UInt8(ascii: "L")
        #expect(try await verify(file, keyring: ["alice", "bob"]).failure?.code == .signatureBad)
    }

    @Test("the signature of a key that has expired is refused")
    func expired() async throws {
        let file = try keys.sign(Self.text, as: ["old"], time: "20200101T120000")
        #expect(try await verify(file, keyring: ["old"]).failure?.code == .signatureKeyExpired)
    }

    @Test("text after the message is not returned")
    func appended() async throws {
        let file = try keys.sign(Self.text, as: ["alice"]) + Array("\nSuite: evil\n".utf8)
        #expect(try await verify(file, keyring: ["alice"]).get() == Array(Self.text.utf8))
    }

    @Test("a second message after the first is not returned")
    func second() async throws {
        let file = try keys.sign(Self.text, as: ["alice"]) + keys.sign("Suite: other\n", as: ["alice"])
        #expect(try await verify(file, keyring: ["alice"]).get() == Array(Self.text.utf8))
    }

    static let mangled: [(String, @Sendable ([UInt8]) -> [UInt8])] = [
        ("nothing", { _ in [] }),
        ("a page", { _ in Array("<html>\n".utf8) }),
        ("text before", { Array("Suite: evil\n\n".utf8) + $0 }),
        ("no end", { $0.dropLast(30) }),
        ("a header that is not allowed", { replace($0, "Hash: ", "NotDashEscaped: You need GnuPG\nHash: ") }),
        ("a form feed", { replace($0, "last", "la\u{0C}st") }),
        ("a NUL", { replace($0, "last", "la\0st") }),
        ("a hyphen that is not escaped", { replace($0, "- - a line", "- a line\n-----BEGIN X-----") }),
        ("no signature", { _ in Array(text.utf8) }),
    ]

    @Test("what is not plainly one signed message is refused", arguments: mangled)
    func refused(what: String, mangle: @Sendable ([UInt8]) -> [UInt8]) async throws {
        let file = mangle(try keys.sign(Self.text, as: ["alice"]))
        let error = try await verify(file, keyring: ["alice"]).failure
        #expect(error?.code == .signatureNone, "\(what)")
    }

    static func replace(_ bytes: [UInt8], _ old: String, _ new: String) -> [UInt8] {
        guard let range = bytes.firstRange(of: Array(old.utf8)) else { return bytes }
        return bytes[..<range.lowerBound] + Array(new.utf8) + bytes[range.upperBound...]
    }

    @Test("without gpgv, or without the keyring, the hint says what to install")
    func missing() throws {
        let noProgram = #expect(throws: Diagnostic.self) {
            try Gpgv(keyrings: [], environment: ["PATH": "/nonexistent"])
        }
        #expect(noProgram?.code == .gpgvMissing)
        #expect(noProgram?.hint == "install it: `apt install gpgv`")
        let noKeyring = #expect(throws: Diagnostic.self) {
            try Gpgv(keyrings: [FilePath("/nonexistent/k.gpg")], environment: Environment.current)
        }
        #expect(noKeyring?.code == .gpgvKeyringMissing)
        #expect(noKeyring?.hint == "install it: `apt install debian-archive-keyring`")
    }

    @Test("a verifier that hangs is killed, and one that dies is reported")
    func badProgram() async throws {
        let folder = try TemporaryDirectory()
        let file = try keys.sign(Self.text, as: ["alice"])
        for (script, reason) in [
            ("exec /bin/sleep 100", "it did not end within 1 s"), ("kill -9 $$", "it was ended by signal 9"),
        ] {
            try folder.file("gpgv", "#!/bin/sh\n\(script)\n", mode: 0o755)
            let gpgv = try Gpgv(keyrings: [], environment: ["PATH": folder.path], timeLimit: .seconds(1))
            let error = await #expect(throws: Diagnostic.self) { try await gpgv.verify(file, named: "InRelease") }
            #expect(error?.code == .gpgvFailed)
            #expect(error?.reason == reason)
        }
    }
}
