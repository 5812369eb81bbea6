import ByteIO
import Diagnostics
import OCI
import TestSupport
import Testing

@testable import Apk

@Suite("Indexes of apk packages")
struct ApkIndexTests {
    private let repository: ApkRepository

    init() throws { repository = try ApkRepository() }

    private func key(_ name: String, called other: String? = nil) throws -> ApkKey {
        let path = try ApkRepository.publicKey(name)
        return try ApkKey(try readFile(path), named: other ?? "\(name).rsa.pub", from: path)
    }

    private func index(_ keys: [ApkKey], keeping names: Set<String>? = nil) throws -> ApkIndexFile {
        try ApkIndexFile(
            parsing: try #require(repository["main/x86_64/APKINDEX.tar.gz"]),
            verifiedBy: keys,
            of: "main",
            for: "x86_64",
            keeping: { names?.contains($0) ?? true },
            named: "index"
        )
    }

    private func code(_ body: () throws -> ApkIndexFile) -> String {
        do {
            _ = try body()
            return "read"
        } catch {
            return (error as? Diagnostic)?.code.description ?? "\(error)"
        }
    }

    @Test(
        "an index is read after its signature, and the newest package dates it",
        arguments: ["RSA", "RSA256", "RSA512"]
    )
    func read(algorithm: String) throws {
        let packages = [
            MadeApk("a", "1.0-r0", info: ["depend = b>=2", "provides = so:liba.so.1=1"], built: 1_700_000_100),
            MadeApk("b", "2.0-r1", built: 1_700_000_300), MadeApk("c", "1.0-r0", built: 1_700_000_200),
        ]
        try repository.publish(packages, signatures: [(algorithm, "alice", nil)], description: "v3.24.1-5-gabc\n")
        let index = try index([try key("mallory"), try key("alice")], keeping: ["a", "c"])
        #expect(index.packages.map(\.name) == ["a", "c"])
        #expect(index.packages.first?.dependencies.map(\.description) == ["b>=2"])
        #expect(index.packages.first?.provisions.map(\.name) == ["so:liba.so.1"])
        #expect(index.description == "v3.24.1-5-gabc")
        #expect(index.date == Timestamp(secondsSince1970: 1_700_000_300))
    }

    @Test(
        "an index is refused unless one of its signatures is right and of a trusted key",
        arguments: [
            ([], "apk.signature-missing"), ([("RSA256", "mallory", nil)], "apk.signature-untrusted"),
            ([("RSA256", "mallory", "alice.rsa.pub")], "apk.signature-wrong"),
            ([("DSA", "alice", nil)], "apk.signature-unknown"),
            ([("RSA256", "mallory", nil), ("RSA", "alice", nil)], "read"),
            ([("RSA256", "mallory", "alice.rsa.pub"), ("RSA256", "alice", nil)], "read"),
        ] as [([(String, String, String?)], String)]
    )
    func signatures(signatures: [(String, String, String?)], result: String) throws {
        try repository.publish([MadeApk()], signatures: signatures.map { ($0.0, $0.1, $0.2) })
        let alice = try key("alice")
        #expect(code { try index([alice]) } == result)
    }

    @Test("an index with a byte changed, cut or continued anywhere is refused")
    func changed() throws {
        try repository.publish([MadeApk()])
        let alice = try key("alice")
        let bytes = try #require(repository["main/x86_64/APKINDEX.tar.gz"])
        func read(_ bytes: [UInt8]) -> String {
            code { try ApkIndexFile(parsing: bytes, verifiedBy: [alice], of: "m", for: "x", named: "i") }
        }
        #expect(read(bytes) == "read")
        #expect(read(bytes + bytes) != "read")
        #expect(read(bytes + [0]) != "read")
        var accepted = [Int]()
        for position in stride(from: 0, to: bytes.count, by: 5) {
            #expect(read(Array(bytes.prefix(position))) != "read", "cut at \(position)")
            var changed = bytes
            changed[position] ^= 0x41
            if read(changed) == "read" { accepted.append(position) }
        }
        // In the header of the first member, which nothing signs: its flags and times mean nothing.
        #expect(accepted.allSatisfy { (4..<10).contains($0) }, "\(accepted)")
    }

    @Test(
        "lists that are damaged are refused",
        arguments: [
            "P:a\nV:1\nS:10\n\n", "P:a\nV:1\nS:10\nC:Q1short\n\n",
            "P:a\nV:1\nS:-1\nC:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
            "V:1\nS:10\n\n", "P:../a\nV:1\nS:1\nC:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n", "no line\n\n",
            "P:a\nV:../1\nS:1\nC:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n", "P:a\nS:1\nC:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
        ]
    )
    func malformed(text: String) throws {
        try repository.publish([], text: text)
        let alice = try key("alice")
        let code = code { try index([alice]) }
        #expect(["apk.malformed", "apk.version-malformed"].contains(code), "\(code)")
    }
}

/// Real files of Alpine and Chainguard, which are not part of the project.
@Suite("Real files of Alpine")
struct RealApkTests {
    /// A folder beside the repository, on machines that have it.
    private static let folder =
        Environment.current["CORACLE_APK_FILES"] ?? "\(FixtureProgram.sources)/../../../shared/reference/apk"
    static let areThere = (try? readFile("\(folder)/README.md")) != nil

    private func keys(_ folder: String) throws -> [ApkKey] {
        let path = "\(Self.folder)/\(folder)"
        return try Command("ls", [path]).output().split(separator: "\n").filter { $0.hasSuffix(".pub") }.map {
            try ApkKey(try readFile("\(path)/\($0)"), named: String($0), from: String($0))
        }
    }

    @Test(
        "indexes that Alpine has signed are verified and read, and those of others are not",
        .enabled(if: areThere, "skipped: the real files are not beside the repository (CORACLE_APK_FILES)"),
        arguments: [("alpine-3.16", "v3.16.3-13-g4d933a1fa3", 4929), ("alpine-3.17", "v3.17.3-216-g54a39ace82a", 5004)]
    )
    func index(release: String, description: String, count: Int) throws {
        let bytes = try readFile("\(Self.folder)/\(release)/APKINDEX.tar.gz")
        func read(_ keys: [ApkKey]) throws -> ApkIndexFile {
            try ApkIndexFile(parsing: bytes, verifiedBy: keys, of: "main", for: "aarch64", named: release)
        }
        let index = try read(try keys("keys"))
        #expect(index.description == description)
        #expect(index.packages.count == count)
        let musl = try #require(index.packages.first { $0.name == "musl" })
        #expect(musl.provisions.map(\.name).contains { $0.hasPrefix("so:libc.musl-") })
        #expect(throws: Diagnostic.self) { try read(try keys("signing")) }
    }

    @Test(
        "an index with several signatures is verified by each of their keys",
        .enabled(if: areThere, "skipped: the real files are not beside the repository (CORACLE_APK_FILES)")
    )
    func several() throws {
        let bytes = try readFile("\(Self.folder)/signing/APKINDEX.tar.gz")
        let keys = try keys("signing")
        #expect(keys.count == 3)
        for key in keys {
            let index = try ApkIndexFile(parsing: bytes, verifiedBy: [key], of: "os", for: "x86_64", named: "i")
            #expect(!index.packages.isEmpty)
        }
    }

    @Test(
        "a package that Alpine has made is read, with its scripts",
        .enabled(if: areThere, "skipped: the real files are not beside the repository (CORACLE_APK_FILES)")
    )
    func package() throws {
        let bytes = try readFile("\(Self.folder)/alpine-3.17/alpine-baselayout-3.4.0-r0.apk")
        var reader = try ApkReader(MemorySource(bytes), named: "alpine-baselayout")
        #expect(reader.control.name == "alpine-baselayout")
        #expect(reader.control.scripts == ["post-install", "post-upgrade", "pre-install", "pre-upgrade"])
        var count = 0
        while try reader.next() != nil { count += 1 }
        #expect(count == 83)
    }
}
