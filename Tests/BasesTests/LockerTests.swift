import BaseLocking
import Bases
import ByteIO
import Debian
import Diagnostics
import HTTP
import OCI
import Synchronization
import TestSupport
import Testing

@Suite("Locks from signed indexes")
struct LockerTests {
    private let keys: TestKeys
    private let mirror: PackageMirror
    private let transport: AsyncHTTPTransport
    private let suite: DebianSuite

    init() throws {
        keys = try TestKeys(["archive"])
        mirror = try PackageMirror()
        transport = try AsyncHTTPTransport(environment: [:], embeddedAuthorities: [])
        suite = try DebianSuite(named: "debian12")
    }

    private func definition() throws -> BaseDefinition {
        let text = "for: a test\nend-of-life: 2028-06-30\npackages: [hello]\n"
        return try BaseDefinition(parsing: Array(text.utf8), named: "it", of: suite, from: "it.yaml")
    }

    private func lock(_ old: BaseLock? = nil, isUpdating: Bool = true) async throws -> BaseLocker.Outcome {
        let gpgv = try Gpgv(keyrings: [FilePath(keys.keyring(["archive"]))], environment: Environment.current)
        let locker = BaseLocker(transport, from: try BaseMirrors(named: [mirror.url]), verifiedBy: gpgv)
        return try await locker.lock(
            [try definition()],
            of: suite,
            replacing: old,
            isUpdating: isUpdating,
            for: ["amd64"],
            at: PackageMirror.now
        )
    }

    private func publish(_ archive: String, _ version: String) throws {
        let packages = [MadePackage(version: version), MadePackage(name: "busybox-static", version: version)]
        try mirror.publish(archive, packages, keys)
    }

    @Test("the newest version of the release, its updates and its security updates is locked")
    func newest() async throws {
        for (archive, version) in [
            ("bookworm", "1-1"), ("bookworm-updates", "1-2"), ("bookworm-security", "1-1+deb12u1"),
        ] {
            try publish(archive, version)
        }
        let outcome = try await lock()
        #expect(
            outcome.lock.packages["amd64"]?.map { "\($0.name) \($0.version)" } == ["busybox-static 1-2", "hello 1-2"]
        )
        #expect(outcome.lock.releases.map(\.suite) == suite.archives)
        #expect(outcome.lock.definitions == ["it": try definition().digest])
        #expect(outcome.changes.lines == ["busybox-static 1-2, new", "hello 1-2, new"])
        #expect(outcome.notes.isEmpty)
        #expect(try outcome.lock.packages(of: try definition(), for: "amd64").map(\.name) == ["hello"])
        await transport.shutdown()
    }

    @Test("locked versions stay unless an update is asked for")
    func update() async throws {
        try publish("bookworm", "1-1")
        let old = try await lock().lock
        try publish("bookworm", "1-2")
        #expect(try await lock(old, isUpdating: false).changes.isEmpty)
        #expect(
            try await lock(old).changes.lines == ["busybox-static 1-1 → 1-2", "hello 1-1 → 1-2"]
        )
        await transport.shutdown()
    }

    @Test("a mirror without updates is noted, one without the release is refused")
    func absent() async throws {
        try publish("bookworm", "1-1")
        let notes = try await lock().notes
        #expect(
            notes.map(\.summary) == [
                "the lock is made without `bookworm-updates`", "the lock is made without `bookworm-security`",
            ]
        )
        mirror.files.withLock { $0 = [:] }
        let found = await problem { _ = try await lock() }
        #expect(found?.code == .mirrorHasNot)
        await transport.shutdown()
    }

    @Test("security updates with a bad signature are refused, and not left out")
    func signature() async throws {
        try publish("bookworm", "1-1")
        try publish("bookworm-security", "1-2")
        mirror.files.withLock { files in
            let path = "/debian/dists/bookworm-security/InRelease"
            guard let text = files[path], let date = text.firstIndex(of: UInt8(ascii: "D")) else { return }
            files[path]?[date] = UInt8(ascii: "d")
        }
        let found = await problem { _ = try await lock() }
        #expect(found?.code.category == .verification)
        await transport.shutdown()
    }

    @Test("dependencies are locked with the reasons, stay while the definition stays, and say why they are there")
    func dependencies() async throws {
        let text = "for: a test\nend-of-life: 2028-06-30\nwith: dependencies\nwithout: [left]\npackages: [hello]\n"
        let definition = try BaseDefinition(parsing: Array(text.utf8), named: "it", of: suite, from: "it.yaml")
        func publish(_ version: String, _ further: String) throws {
            let packages = [
                MadePackage(version: version, fields: "Depends: libone (>= 1), left"),
                MadePackage(name: "libone", version: version, fields: "Depends: \(further)"),
                MadePackage(name: "libtwo", version: version), MadePackage(name: "libthree", version: version),
                MadePackage(name: "left", version: version), MadePackage(name: "busybox-static", version: version),
            ]
            try mirror.publish("bookworm", packages, keys)
        }
        func lock(_ old: BaseLock? = nil, isUpdating: Bool = true) async throws -> BaseLock {
            let gpgv = try Gpgv(keyrings: [FilePath(keys.keyring(["archive"]))], environment: Environment.current)
            let locker = BaseLocker(transport, from: try BaseMirrors(named: [mirror.url]), verifiedBy: gpgv)
            let outcome = try await locker.lock(
                [definition],
                of: suite,
                replacing: old,
                isUpdating: isUpdating,
                for: ["amd64"],
                at: PackageMirror.now
            )
            return outcome.lock
        }
        func names(_ lock: BaseLock) throws -> [String] {
            try lock.packages(of: definition, for: "amd64").map { "\($0.name) \($0.version)" }
        }
        try publish("1-1", "libtwo")
        let first = try await lock()
        #expect(try names(first) == ["hello 1-1", "libone 1-1", "libtwo 1-1"])
        #expect(try BaseLock(parsing: first.encoded, named: "lock") == first)
        try publish("1-2", "libthree")
        #expect(try await names(lock(first, isUpdating: false)) == ["hello 1-1", "libone 1-1", "libtwo 1-1"])
        #expect(try await names(lock(first)) == ["hello 1-2", "libone 1-2", "libthree 1-2"])

        let section = BaseShelf.Section(suite: suite, definitions: [definition], lock: first, lockPath: "lock")
        let entry = BaseCatalogue.Entry(definition, BaseVariant(), in: section)
        #expect(
            try PackageReason(of: "libtwo", in: entry).text == [
                "debian12/it has libtwo:", "  libone depends on libtwo", "  hello depends on libone (>= 1)",
                "  its definition names hello",
            ]
        )
        for (name, reason, hint) in [
            ("left", "its definition leaves it out with `without`", nil),
            ("libtow", "its definition does not name it, and nothing in it depends on it", "did you mean `libtwo`?"),
        ] {
            let found = await problem { _ = try PackageReason(of: name, in: entry) }
            #expect(found?.code == .basePackageAbsent)
            #expect(found?.reason == reason)
            #expect(found?.hint == hint)
        }
        await transport.shutdown()
    }

    @Test("an architecture whose updates are signed and not there is locked only if that is asked for")
    func incomplete() async throws {
        try publish("bookworm", "1-1")
        try publish("bookworm-security", "1-2")
        mirror["dists/bookworm-security/main/binary-amd64/Packages.gz"] = [1]
        let gpgv = try Gpgv(keyrings: [FilePath(keys.keyring(["archive"]))], environment: Environment.current)
        var locker = BaseLocker(transport, from: try BaseMirrors(named: [mirror.url]), verifiedBy: gpgv)
        locker.architectures = ["amd64"]
        let definition = try definition()
        let found = await problem {
            _ = try await locker.lock([definition], of: suite, at: PackageMirror.now)
        }
        #expect(found?.code == .mirrorOutOfStep)
        #expect(found?.hint?.hasSuffix("or do without them: `--allow-incomplete`") == true)
        locker.allowsIncomplete = true
        let outcome = try await locker.lock([definition], of: suite, at: PackageMirror.now)
        #expect(outcome.notes.map(\.summary).contains("`amd64` is locked without `bookworm-security`"))
        #expect(outcome.lock.packages["amd64"]?.map(\.version) == ["1-1", "1-1"])
        await transport.shutdown()
    }

    @Test("a package that does not exist is reported by its name")
    func missing() async throws {
        try mirror.publish("bookworm", [MadePackage(name: "busybox-static")], keys)
        let found = await problem { _ = try await lock() }
        #expect(found?.code == .packagesMissing)
        #expect(found?.summary == "a package is not there: `hello`")
        await transport.shutdown()
    }
}

@Suite("Mirrors of packages")
struct BaseMirrorsTests {
    private func apt(_ text: String) throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        try folder.file("sources.list", text)
        return folder
    }

    @Test("mirrors that are named come before those of the environment, and these before apt's")
    func order() throws {
        let folder = try apt("deb http://apt.example.org/debian bookworm main\n")
        let environment = ["CORACLE_DEBIAN_MIRROR": "http://one.example.org/ https://two.example.org/debian"]
        let apt = FilePath(folder.path)
        let named = try BaseMirrors(named: ["http://a.example.org/debian/"], environment: environment, apt: apt)
        #expect(named.mirrors(of: "bookworm-security") == ["http://a.example.org/debian"])
        let set = try BaseMirrors(environment: environment, apt: apt)
        #expect(set.mirrors(of: "trixie") == ["http://one.example.org", "https://two.example.org/debian"])
        let usual = try BaseMirrors(apt: apt)
        #expect(usual.mirrors(of: "bookworm") == ["http://apt.example.org/debian"])
        #expect(usual.mirrors(of: "bookworm-security") == [])
    }

    @Test("where apt knows another release only, its mirrors are asked for the same part of this one")
    func otherRelease() throws {
        let folder = try apt(
            "deb http://a.example.org/debian bookworm main\ndeb http://s.example.org/security bookworm-security main\n"
        )
        let mirrors = try BaseMirrors(apt: FilePath(folder.path))
        #expect(mirrors.mirrors(of: "trixie") == ["http://a.example.org/debian"])
        #expect(mirrors.mirrors(of: "trixie-security") == ["http://s.example.org/security"])
        #expect(mirrors.mirrors(of: "sid") == [])
        try mirrors.require(try DebianSuite(named: "debian13"))
    }

    @Test("without any mirror the hint says what to set")
    func none() throws {
        let folder = try apt("")
        let mirrors = try BaseMirrors(apt: FilePath(folder.path))
        do {
            try mirrors.require(try DebianSuite(named: "debian12"))
            Issue.record("there is a mirror")
        } catch {
            #expect(error.code == .baseNoMirror)
            #expect(error.hint == "name one with `--mirror URL`, or set `CORACLE_DEBIAN_MIRROR`")
        }
    }

    @Test("a text that is not an address is refused", arguments: ["ftp://example.org/", "example.org", "http://"])
    func malformed(address: String) {
        #expect(throws: Diagnostic.self) { try BaseMirrors(named: [address], apt: "/nonexistent") }
    }
}
