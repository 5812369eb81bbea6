import TestSupport
import Testing

/// What a mirror may do wrong with its index, as `base lock` reports it, which trusts what Debian signed.
@Suite("A mirror's index")
struct SignedMirrorTests {
    // For each test its own: what serves them ends with their last reference, which a static one never loses.
    private let keys: TestKeys
    private let base: SmallBase

    init() throws {
        keys = try TestKeys(["archive", "stranger"], expired: ["old"])
        base = try SmallBase()
    }

    @Test("a lock from the signed index is written, and the base is built from what it promises")
    func wholeWay() throws {
        try SignedArchive().publish(on: base, keys)
        let outcome = try base.lock(keys)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("note: the lock is made without `trixie-security`"), "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("debian13: trixie of "), "\(outcome.output)")
        #expect(outcome.output.hasSuffix("\n  busybox-static 1.0-1, new\n"), "\(outcome.output)")
        try base.coracle(["base", "build", "mini", "-o", "out"]).output()
        try base.coracle(["validate", "out"]).output()
    }

    struct IndexFault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let exit: Int32
        let code: String
        /// A part of the message.
        let words: String
        var archive = SignedArchive()
        var spoil: @Sendable (SmallBase) -> Void = { _ in }
    }

    private static let indexFaults: [IndexFault] = [
        IndexFault(
            testDescription: "the text is not the one that was signed",
            exit: 4,
            code: "signature.bad",
            words: "it was changed after it was signed",
            spoil: { $0.replace("Origin: Test", by: "Origin: Tent", in: "dists/trixie/InRelease") }
        ),
        IndexFault(
            testDescription: "it is signed by a stranger",
            exit: 4,
            code: "signature.unknown-key",
            words: "name the keyring that has it",
            archive: SignedArchive(signers: ["stranger"])
        ),
        IndexFault(
            testDescription: "the key has expired",
            exit: 4,
            code: "signature.key-expired",
            words: "has expired",
            archive: SignedArchive(signers: ["old"], signedAt: "20200101T120000")
        ),
        IndexFault(
            testDescription: "it is not signed at all",
            exit: 4,
            code: "signature.none",
            words: "login page",
            spoil: { $0["dists/trixie/InRelease"] = Array("Suite: stable\n".utf8) }
        ),
        IndexFault(
            testDescription: "`Valid-Until` is past",
            exit: 4,
            code: "release.expired",
            words: "dists/trixie/InRelease",
            archive: SignedArchive(date: "3 weeks ago", validUntil: "2 weeks ago")
        ),
        IndexFault(
            testDescription: "it is of tomorrow",
            exit: 4,
            code: "release.from-future",
            words: "dists/trixie/InRelease",
            archive: SignedArchive(date: "tomorrow")
        ),
        IndexFault(
            testDescription: "it is of another release",
            exit: 4,
            code: "release.wrong-suite",
            words: "dists/trixie/InRelease",
            archive: SignedArchive(codename: "bookworm")
        ),
        IndexFault(
            testDescription: "the list of packages is not the promised one",
            exit: 4,
            code: "mirror.out-of-step",
            words: "out of step with its signed Release",
            spoil: { base in
                guard var list = base["dists/trixie/main/binary-amd64/Packages.gz"] else { return }
                list[list.count - 1] ^= 1
                base["dists/trixie/main/binary-amd64/Packages.gz"] = list
            }
        ),
        IndexFault(
            testDescription: "the list of packages is longer",
            exit: 4,
            code: "mirror.out-of-step",
            words: "bytes, and ",
            spoil: { $0["dists/trixie/main/binary-arm64/Packages.gz"]?.append(0) }
        ),
        IndexFault(
            testDescription: "it has no such release",
            exit: 7,
            code: "mirror.has-not",
            words: "it has no such file (status 404)",
            spoil: { $0["dists/trixie/InRelease"] = nil }
        ),
    ]

    @Test("an index that is not what Debian signed changes no lock", arguments: indexFaults)
    func index(fault: IndexFault) throws {
        try fault.archive.publish(on: base, keys)
        fault.spoil(base)
        let before = try readFile(base.place("Bases/debian13/packages.lock.json"))
        let outcome = try base.lock(keys)
        #expect(outcome.end == .exited(fault.exit), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(fault.code)]"), "\(outcome.errors)")
        #expect(outcome.errors.contains(fault.words), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(try readFile(base.place("Bases/debian13/packages.lock.json")) == before)
        #expect(try names(in: base.place("Bases/debian13")) == ["mini.yaml", "packages.lock.json"])
    }

    @Test("if no server is at the mirror's address, the network is at fault, and the address is printed")
    func unreachable() throws {
        let address = "http://127.0.0.1:\(try Loopback.freePort())/debian"
        let outcome = try base.lock(keys, ["--mirror", address])
        #expect(outcome.end == .exited(6), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[mirror.unreachable]"), "\(outcome.errors)")
        #expect(outcome.errors.contains("`\(address)/dists/trixie/InRelease`"), "\(outcome.errors)")
    }
}

extension SmallBase {
    /// Replaces some of a text that the mirror has.
    fileprivate func replace(_ old: String, by new: String, in path: String) {
        self[path] = self[path].map { Array(String(decoding: $0, as: UTF8.self).replacing(old, with: new).utf8) }
    }
}
