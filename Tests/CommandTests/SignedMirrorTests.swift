import TestSupport
import Testing

/// What a mirror may do wrong, told by `base lock`, which believes the signed index, and `base build`, which believes the
/// lock.
@Suite("A mirror whose word is checked")
struct SignedMirrorTests {
    // For each test its own: what serves them ends with their last reference, which a static one never loses.
    private let keys: TestKeys
    private let base: SmallBase

    init() throws {
        keys = try TestKeys(["archive", "stranger"], expired: ["old"])
        base = try SmallBase()
    }

    private func lock(_ options: [String] = []) throws -> Outcome {
        let keyring = try keys.keyring(["archive", "old"])
        return try base.coracle(["base", "lock", "debian13", "--update", "--keyring", keyring] + options).run()
    }

    @Test("a lock from the signed index is written, and the base is built from what it promises")
    func wholeWay() throws {
        try SignedArchive().publish(on: base, keys)
        let outcome = try lock()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("note: the lock is made without `trixie-security`"), "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("debian13: trixie of "), "\(outcome.output)")
        #expect(outcome.output.hasSuffix("\n  busybox-static 1.0-1, new\n"), "\(outcome.output)")
        try base.coracle(["base", "build", "mini", "-o", "out"]).output()
        try base.coracle(["validate", "out"]).output()
    }

    // MARK: The index

    struct IndexFault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let exit: Int32
        let code: String
        /// Is in what is told.
        let words: String
        var archive = SignedArchive()
        var spoil: @Sendable (SmallBase) -> Void = { _ in }
    }

    private static let indexFaults: [IndexFault] = [
        IndexFault(
            testDescription: "the text is not the one that was signed",
            exit: 4,
            code: "signature.bad",
            words: "somebody changed it",
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
        let outcome = try lock()
        #expect(outcome.end == .exited(fault.exit), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(fault.code)]"), "\(outcome.errors)")
        #expect(outcome.errors.contains(fault.words), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(try readFile(base.place("Bases/debian13/packages.lock.json")) == before)
        #expect(try names(in: base.place("Bases/debian13")) == ["mini.yaml", "packages.lock.json"])
    }

    @Test("where nobody is at the mirror's address, it is the network's fault, and the address is told")
    func unreachable() throws {
        let address = "http://127.0.0.1:\(try Loopback.freePort())/debian"
        let outcome = try lock(["--mirror", address])
        #expect(outcome.end == .exited(6), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[mirror.unreachable]"), "\(outcome.errors)")
        #expect(outcome.errors.contains("`\(address)/dists/trixie/InRelease`"), "\(outcome.errors)")
    }

    // MARK: The packages

    struct PackageFault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let exit: Int32
        let code: String
        /// Is in what is told.
        let words: String
        /// Changes the package's bytes after they were promised, or before.
        let isPromised: Bool
        let change: @Sendable ([UInt8]) throws -> [UInt8]
    }

    private static let packageFaults: [PackageFault] = [
        PackageFault(
            testDescription: "it is shorter than was promised",
            exit: 4,
            code: "mirror.out-of-step",
            words: "were promised",
            isPromised: false,
            change: { Array($0.dropLast()) }
        ),
        PackageFault(
            testDescription: "it has another digest",
            exit: 4,
            code: "mirror.out-of-step",
            words: "its digest is",
            isPromised: false,
            change: { bytes in bytes.dropLast() + [(bytes.last ?? 0) ^ 1] }
        ),
        PackageFault(
            testDescription: "it is no package",
            exit: 4,
            code: "ar.malformed",
            words: "mini-tool_1.0-1_all.deb",
            isPromised: true,
            change: { _ in Array("nothing of the kind".utf8) }
        ),
        PackageFault(
            testDescription: "it is cut short",
            exit: 4,
            code: "ar.malformed",
            words: "mini-tool_1.0-1_all.deb",
            isPromised: true,
            change: { Array($0.dropLast(40)) }
        ),
        PackageFault(
            testDescription: "a path leads out of it",
            exit: 4,
            code: "tar.path-escapes",
            words: "..",
            isPromised: true,
            change: { try Self.package(from: $0, #"add("../../evil")"#) }
        ),
        PackageFault(
            testDescription: "it has a device",
            exit: 4,
            code: "deb.kind-refused",
            words: "`/dev/null`",
            isPromised: true,
            change: { try Self.package(from: $0, #"add("./dev/null", tarfile.CHRTYPE)"#) }
        ),
        PackageFault(
            testDescription: "it has a file of another package, with other content",
            exit: 4,
            code: "base.paths-conflict",
            words: "`mini-data` and `mini-tool`",
            isPromised: true,
            change: { try Self.package(from: $0, #"add("./usr/share/mini/data", data=b"other")"#) }
        ),
    ]

    @Test(
        "a package that is not what it has to be is refused, and the cache keeps nothing of it",
        arguments: packageFaults
    )
    func package(fault: PackageFault) throws {
        let path = SmallBase.path(of: "mini-tool")
        let good = try #require(base[path])
        let bad = try fault.change(good)
        base[path] = fault.isPromised ? bad : good
        try SignedArchive().publish(on: base, keys)
        #expect(try lock().end == .exited(0))
        base[path] = bad
        for command in [["base", "build", "mini", "-o", "out"], ["base", "fetch", "mini", "--into", "kit"]] {
            // What is promised is fetched, whatever it is.
            if fault.isPromised, command[1] == "fetch" { continue }
            let outcome = try base.coracle(command).run()
            #expect(outcome.end == .exited(fault.exit), "\(outcome.errors)")
            #expect(outcome.errors.contains("error[\(fault.code)]"), "\(outcome.errors)")
            #expect(outcome.errors.contains(fault.words), "\(outcome.errors)")
            #expect(!exists(base.place("out")) && !exists(base.place("kit/\(path)")))
        }
        #expect(try Tool.python(Self.unverified, [base.place("cache")]) == "[]\n")
    }

    /// Prints the files of a cache that are called by a digest that is not theirs, and those without a name.
    private static let unverified = """
        import hashlib, os, re, sys
        bad = []
        for folder, _, names in os.walk(os.path.join(sys.argv[1], "blobs")):
            for name in names:
                digest = hashlib.sha256(open(os.path.join(folder, name), "rb").read()).hexdigest()
                if name != digest: bad.append(name)
        print(bad)
        """

    /// The package `bytes` with another `data.tar`, which a script for Python's `tarfile` makes.
    private static func package(from bytes: [UInt8], _ script: String) throws -> [UInt8] {
        let place = try TemporaryDirectory()
        try place.file("x.deb", bytes)
        let program = """
            import io, tarfile
            tar = tarfile.open("data.tar", "w")
            def add(name, type=tarfile.REGTYPE, data=b""):
                entry = tarfile.TarInfo(name)
                entry.type, entry.size = type, len(data)
                tar.addfile(entry, io.BytesIO(data))
            \(script)
            tar.close()
            """
        try place.file("make.py", program)
        try Command.shell(
            "ar x x.deb && python3 make.py && rm data.tar.* && xz data.tar && ar rc y.deb debian-binary control.tar.xz data.tar.xz",
            directory: place.path
        ).output()
        return try readFile(place("y.deb"))
    }
}

extension SmallBase {
    /// Replaces some of a text that the mirror has.
    fileprivate func replace(_ old: String, by new: String, in path: String) {
        self[path] = self[path].map { Array(String(decoding: $0, as: UTF8.self).replacing(old, with: new).utf8) }
    }
}
