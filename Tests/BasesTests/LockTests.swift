import BaseLocking
import Bases
import ByteIO
import Diagnostics
import OCI
import Testing

@Suite("Locks of packages")
struct LockTests {
    private static func package(_ name: String, _ version: String, _ architecture: String = "amd64") -> BaseLock.Package
    {
        BaseLock.Package(
            name: name,
            version: version,
            architecture: architecture,
            path: "pool/main/x/\(name)_\(version)_\(architecture).deb",
            size: 1234,
            digest: Digest(sha256Of: Array("\(name) \(version) \(architecture)".utf8))
        )
    }

    private static func base(_ packages: String, named name: String = "it") throws -> BaseDefinition {
        let text = "for: a test\nend-of-life: 2028-06-30\npackages: [\(packages)]\n"
        let suite = try DebianSuite(named: "debian12")
        return try BaseDefinition(parsing: Array(text.utf8), named: name, of: suite, from: "\(name).yaml")
    }

    private static func lock(_ base: BaseDefinition, _ packages: [String: [BaseLock.Package]]) -> BaseLock {
        BaseLock(
            suite: base.suite,
            releases: [.init(suite: "bookworm", version: "12.15", date: Timestamp(secondsSince1970: 1_795_262_400))],
            definitions: [base.name: base.digest],
            packages: packages
        )
    }

    @Test("a lock is written as it is read, and names no host")
    func roundTrip() throws {
        let lock = Self.lock(
            try Self.base("libc6, tzdata"),
            [
                "amd64": [Self.package("libc6", "2.36-9"), Self.package("tzdata", "2026a", "all")],
                "arm64": [Self.package("libc6", "2.36-9", "arm64")],
            ]
        )
        #expect(try BaseLock(parsing: lock.encoded, named: "lock") == lock)
        let text = String(decoding: lock.encoded, as: UTF8.self)
        #expect(text.hasPrefix("{\n  \"version\": 1,\n  \"suite\": \"debian12\",\n"))
        #expect(!text.utf8.split(separator: 0x0A).contains { $0.starts(with: "http".utf8) })
    }

    @Test(
        "the lock of a project has one list for each release, the newest first, and the same bytes whatever the order"
    )
    func project() throws {
        let old = Self.lock(try Self.base("libc6"), ["amd64": [Self.package("libc6", "2.36-9")]])
        let new = BaseLock(
            suite: try DebianSuite(named: "debian13"),
            releases: [],
            definitions: ["b": Digest(sha256Of: []), "a": Digest(sha256Of: [])],
            packages: [:]
        )
        let lock = ProjectLock([old, new])
        #expect(lock.encoded == ProjectLock([new, old]).encoded)
        #expect(lock.bases == ["debian12/it", "debian13/a", "debian13/b"])
        #expect(try ProjectLock(parsing: lock.encoded, named: "lock") == lock)
        #expect(String(decoding: lock.encoded, as: UTF8.self).hasPrefix("{\n  \"version\": 1,\n  \"locks\": ["))
        #expect(lock.replacing(old.keeping([])).lock(of: old.suite)?.packages == ["amd64": []])
        #expect(lock.lock(of: try Self.base("libc6, zlib1g")) == old, "also if the definition has changed")
        #expect(lock.lock(of: try Self.base("libc6", named: "other")) == nil)
    }

    @Test("packages come in the definition's order, with the tools behind them for debug")
    func order() throws {
        let base = try Self.base("zlib1g, libc6")
        let all = ["busybox-static", "libc6", "zlib1g"].map { Self.package($0, "1") }
        let lock = Self.lock(base, ["amd64": all])
        #expect(try lock.packages(of: base, for: "amd64").map(\.name) == ["zlib1g", "libc6"])
        let debug = try lock.packages(of: base, BaseVariant(isDebug: true), for: "amd64")
        #expect(debug.map(\.name) == ["zlib1g", "libc6", "busybox-static"])
    }

    @Test("a lock for another definition, or without a package or architecture of it, is refused")
    func stale() throws {
        let base = try Self.base("libc6")
        let lock = Self.lock(base, ["amd64": [Self.package("libc6", "1")]])
        func problem(_ base: BaseDefinition, _ lock: BaseLock, _ architecture: String = "amd64") -> Diagnostic? {
            do throws(Diagnostic) {
                _ = try lock.packages(of: base, for: architecture)
                return nil
            } catch {
                return error
            }
        }
        #expect(problem(base, lock) == nil)
        for stale in [
            problem(try Self.base("libc6, zlib1g"), lock), problem(try Self.base("libc6", named: "other"), lock),
            problem(base, Self.lock(base, ["amd64": []])),
        ] {
            #expect(stale?.code == .baseLockStale)
            #expect(stale?.hint == "renew it: `coracle base lock`")
        }
        #expect(problem(base, lock, "arm64")?.code == .baseLockArchitecture)
    }

    @Test("changes are listed, a line for each package, for a commit's message")
    func changes() throws {
        let base = try Self.base("libc6")
        let old = Self.lock(
            base,
            [
                "amd64": [
                    Self.package("gone", "1"), Self.package("libc6", "2.36-9+deb12u9"), Self.package("same", "1"),
                ],
                "arm64": [
                    Self.package("gone", "1"), Self.package("libc6", "2.36-9+deb12u9"), Self.package("one", "1"),
                ],
            ]
        )
        let new = Self.lock(
            base,
            [
                "amd64": [
                    Self.package("libc6", "2.36-9+deb12u10"), Self.package("new", "3"), Self.package("same", "1"),
                ],
                "arm64": [
                    Self.package("libc6", "2.36-9+deb12u10"), Self.package("new", "3"), Self.package("one", "2"),
                ],
            ]
        )
        #expect(
            BaseLockChanges(from: old, to: new).lines == [
                "gone 1, no longer used", "libc6 2.36-9+deb12u9 → 2.36-9+deb12u10", "new 3, new", "one 1 → 2 (arm64)",
            ]
        )
        #expect(BaseLockChanges(from: new, to: new).isEmpty)
        #expect(BaseLockChanges(from: nil, to: old).lines.count == 4)
    }

    @Test(
        "a lock that was tampered with is refused",
        arguments: [
            (#""path": "pool/main/x/libc6_1_amd64.deb""#, #""path": "../../etc/passwd""#),
            (#""path": "pool/main/x/libc6_1_amd64.deb""#, #""path": "/etc/passwd""#),
            (#""size": 1234"#, #""size": -1"#), (#""size": 1234"#, #""size": 99999999999"#),
            (#""size": 1234"#, #""size": "1""#), (#""name": "libc6""#, #""name": "../x""#),
            (#""architecture": "amd64""#, #""architecture": "arm64""#), (#""version": 1,"#, #""version": 2,"#),
            (#""suite": "debian12""#, #""suite": "debian11""#), (#""sha256": ""#, #""sha256": "zz"#),
        ]
    )
    func tampered(text: String, other: String) throws {
        let base = try Self.base("libc6")
        let lock = Self.lock(base, ["amd64": [Self.package("libc6", "1")]])
        let bytes = lock.encoded
        let pattern = Array(text.utf8)
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: pattern) })
        let changed = bytes[..<start] + Array(other.utf8) + bytes[(start + pattern.count)...]
        #expect(throws: Diagnostic.self) { try BaseLock(parsing: Array(changed), named: "lock") }
    }
}
