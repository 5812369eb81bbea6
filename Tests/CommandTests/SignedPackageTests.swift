import TestSupport
import Testing

/// What a mirror may do wrong with packages, as `base build` reports it, which trusts the lock.
@Suite("A mirror's packages")
struct SignedPackageTests {
    // For each test its own: what serves them ends with their last reference, which a static one never loses.
    private let keys: TestKeys
    private let base: SmallBase

    init() throws {
        keys = try TestKeys(["archive"])
        base = try SmallBase()
    }

    struct PackageFault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let exit: Int32
        let code: String
        /// A part of the message.
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
            testDescription: "it is not a package",
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
            testDescription: "it has a path twice",
            exit: 4,
            code: "deb.path-refused",
            words: "stands twice",
            isPromised: true,
            change: { try Self.package(from: $0, #"add("./a", data=b"1"); add("./a", data=b"2")"#) }
        ),
        PackageFault(
            testDescription: "its files unpack to more than half a gigabyte of nothing",
            exit: 4,
            code: "xz.too-large",
            words: "mini-tool",
            isPromised: true,
            change: { try Self.package(from: $0, #"add("./a", size=600 << 20)"#) }
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
        "a package with other content than the index says is refused, and nothing of it is cached",
        arguments: packageFaults
    )
    func package(fault: PackageFault) throws {
        let path = SmallBase.path(of: "mini-tool")
        let good = try #require(base[path])
        let bad = try fault.change(good)
        base[path] = fault.isPromised ? bad : good
        try SignedArchive().publish(on: base, keys)
        #expect(try base.lock(keys).end == .exited(0))
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
        // Nothing is left that a good mirror could not mend.
        if !fault.isPromised {
            base[path] = good
            try base.coracle(["base", "build", "mini", "-o", "out"]).output()
        }
        #expect(try Tool.python(Self.unverified, [base.place("cache")]) == "[] True\n")
    }

    /// Prints the files of a cache that are called by a digest that is not theirs, and whether there are files at all.
    private static let unverified = """
        import hashlib, os, sys
        bad, count = [], 0
        for folder, _, names in os.walk(os.path.join(sys.argv[1], "blobs")):
            for name in names:
                digest = hashlib.sha256(open(os.path.join(folder, name), "rb").read()).hexdigest()
                count += 1
                if name != digest: bad.append(name)
        print(bad, count > 0)
        """

    /// The package `bytes` with another `data.tar`, which a script for Python's `tarfile` makes.
    private static func package(from bytes: [UInt8], _ script: String) throws -> [UInt8] {
        let place = try TemporaryDirectory()
        try place.file("x.deb", bytes)
        let program = """
            import io, tarfile
            tar = tarfile.open("data.tar", "w")
            def add(name, type=tarfile.REGTYPE, data=b"", size=None):
                entry = tarfile.TarInfo(name)
                entry.type, entry.size = type, len(data) if size is None else size
                tar.addfile(entry, io.BytesIO(data) if size is None else open("/dev/zero", "rb"))
            \(script)
            tar.close()
            """
        try place.file("make.py", program)
        try Command.shell(
            "ar x x.deb && python3 make.py && rm data.tar.* && xz -0 data.tar && ar rc y.deb debian-binary control.tar.xz data.tar.xz",
            directory: place.path
        ).output()
        return try readFile(place("y.deb"))
    }
}
