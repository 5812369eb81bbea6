import Debian
import Diagnostics
import TestSupport
import Testing

@Suite("The index of packages")
struct PackageIndexTests {
    static let digest = String(repeating: "ab", count: 32)

    static func stanza(
        _ name: String,
        _ version: String,
        _ architecture: String = "amd64",
        path: String = "pool/x.deb",
        size: String = "10",
        digest: String = digest
    ) -> String {
        """
        Package: \(name)
        Version: \(version)
        Architecture: \(architecture)
        Depends: libc6
        Filename: \(path)
        Size: \(size)
        SHA256: \(digest)


        """
    }

    static func file(_ text: String, suite: String = "main") throws -> PackagesFile {
        let bytes = try Command("gzip", ["-nc"], input: Array(text.utf8)).run().outputBytes
        return PackagesFile(
            bytes: bytes,
            compression: .gzip,
            suite: suite,
            mirrors: ["http://\(suite)"],
            path: "Packages.gz"
        )
    }

    static func index(_ files: [(String, String)], keeping: Set<String>? = nil) -> Result<PackageIndex, any Error> {
        Result {
            var index = PackageIndex(architecture: "amd64", keeping: keeping)
            for (suite, text) in files { try index.add(file(text, suite: suite)) }
            return index
        }
    }

    @Test("the newest version of all suites is taken, in whatever order they come", arguments: [false, true])
    func newest(isReversed: Bool) throws {
        let files = [
            ("main", Self.stanza("libssl3", "3.0.9-1") + Self.stanza("tzdata", "2024a-1", "all")),
            ("security", Self.stanza("libssl3", "3.0.15-1~deb12u1") + Self.stanza("other", "1", "arm64")),
            ("updates", Self.stanza("tzdata", "2024b-1", "all") + Self.stanza("libssl3", "3.0.15-1~deb12u1~bpo")),
        ]
        let index = try Self.index(isReversed ? files.reversed() : files).get()
        let found = try index.select(["tzdata", "libssl3"])
        #expect(found.map(\.version.description) == ["2024b-1", "3.0.15-1~deb12u1"])
        #expect(found.map { $0.origins.map(\.suite) } == [["updates"], ["security"]])
        #expect(index["other"] == nil)
        #expect(index.count == 2)
    }

    @Test("the same file in two suites has the mirrors of both")
    func twoOrigins() throws {
        let index = try Self.index([("a", Self.stanza("x1", "1")), ("b", Self.stanza("x1", "1", path: "pool/y.deb"))])
            .get()
        #expect(index["x1"]?.origins.map(\.path) == ["pool/x.deb", "pool/y.deb"])
    }

    @Test("two files by one name and version are refused")
    func conflict() {
        let other = String(repeating: "cd", count: 32)
        let result = Self.index([("a", Self.stanza("x1", "1")), ("b", Self.stanza("x1", "1", digest: other))])
        #expect((result.failure as? Diagnostic)?.code == .packagesConflict)
    }

    @Test("all packages that are missing are named at once")
    func missing() throws {
        let index = try Self.index([("a", Self.stanza("x1", "1"))]).get()
        let error = #expect(throws: Diagnostic.self) { try index.select(["x2", "x1", "x3"]) }
        #expect(error?.code == .packagesMissing)
        #expect(error?.summary == "2 packages are not there: `x2`, `x3`")
    }

    @Test("only what is wanted is kept, and looked at")
    func wanted() throws {
        let text = Self.stanza("x1", "not a version") + Self.stanza("x2", "1")
        #expect(try Self.index([("a", text)], keeping: ["x2"]).get().count == 1)
    }

    static let damaged: [String] = [
        stanza("x1", "1", path: "/etc/passwd"), stanza("x1", "1", path: "pool/../../x"),
        stanza("x1", "1", path: "pool//x"),
        stanza("x1", "1", path: ""), stanza("x1", "1", size: "-1"), stanza("x1", "1", size: "99999999999999999999"),
        stanza("x1", "1", size: "20000000000"), stanza("x1", "1", digest: "abcd"), stanza("X_1", "1"), "Version: 1\n",
    ]

    @Test("a paragraph with a path outside the mirror or with malformed fields is refused", arguments: damaged)
    func refused(text: String) {
        #expect((Self.index([("a", text)]).failure as? Diagnostic)?.code == .packagesMalformed)
    }

    @Test("packages of more than 1 GiB do not make a list unreadable")
    func gigabytes() throws {
        #expect(try Self.index([("a", Self.stanza("x1", "1", size: "1377557908"))]).get()["x1"]?.size == 1_377_557_908)
    }

    @Test("only the wanted paragraphs of a long list are taken, each with its own fields")
    func large() throws {
        let text = (0..<5000).map { Self.stanza("package-\($0)", "1.0-\($0)") }.joined()
        let file = try Self.file(text)
        var index = PackageIndex(architecture: "amd64", keeping: ["package-0", "package-2500", "package-4999"])
        try index.add(file)
        #expect(index.count == 3)
        for number in [0, 2500, 4999] {
            #expect(index["package-\(number)"]?.version.description == "1.0-\(number)")
        }
        #expect(index["package-1"] == nil)
    }
}
