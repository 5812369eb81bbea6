import TestSupport
import Testing

/// Whether the hand-picked lists of packages are whole. readelf is the judge.
@Suite("Closure of bases")
struct BaseClosureTests {
    private static func check(_ arguments: [String]) throws -> [String] {
        let script = "\(FixtureProgram.sources)/elf-closure/closure.py"
        return try Command(Tool.python, [script] + arguments, timeLimit: 300).output().split(separator: "\n").map(
            String.init
        )
    }

    @Test(
        "every program and library finds its loader, its libraries and their symbol versions, in all bases for all platforms"
    )
    func whole() throws {
        let lines = try Self.check(RealBases.all.map { try RealBases.layout(of: $0) })
        #expect(lines.count == 1, "\(lines.prefix(20).joined(separator: "\n"))")
        let summary = try #require(lines.last?.firstMatch(of: /^23 layouts, ([0-9]+) files$/))
        #expect(Int(summary.1) ?? 0 > 5000)
    }

    @Test("a base without one of its libraries is reported")
    func lacking() throws {
        let layout = try RealBases.layout(of: "debian12/base")
        let lines = try Self.check(["--without", "libcrypto.so.3", layout])
        #expect(lines.contains("debian12-base amd64: /usr/lib/x86_64-linux-gnu/libssl.so.3: no libcrypto.so.3"))
        #expect(lines.contains("debian12-base arm64: /usr/lib/aarch64-linux-gnu/libssl.so.3: no libcrypto.so.3"))
    }
}
