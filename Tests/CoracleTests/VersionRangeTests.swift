@testable import Applications
import Testing

@Suite("Versions that an author allows")
struct VersionRangeTests {
    @Test(
        "ranges of npm and specifiers of Python decide by major and minor numbers",
        arguments: [
            (">=22", "20.19", false), (">=18", "20.19", true), ("18.x", "20.19", false), ("18.x", "18.20", true),
            ("^20.1.0", "20.19", true), ("^20.30", "20.19", false), ("~20.19.1", "20.19", true), ("20", "20.19", true),
            ("16 || 18 || >=20", "20.19", true), (">=18 <20", "20.19", false), (">= 18 < 21", "20.19", true),
            ("18 - 20", "20.19", true), ("*", "20.19", true), ("", "20.19", true), (">20", "20.19", false),
            ("<=20", "20.19", true), ("v20.0.0-beta", "20.19", false), ("!=3.12.*", "3.13", true),
            ("~=3.10", "3.13", true), ("~=3.10.1", "3.13", false), (">=3.10,<3.12", "3.11", true),
            ("==3.11.*", "3.11", true), (">3.13", "3.13", false), ("!=3.13", "3.13", false), ("<4", "3.13", true),
        ]
    )
    func ranges(text: String, version: String, fits: Bool) throws {
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        let range = try #require(VersionRange(text))
        #expect(range.contains(VersionRange.Version(major: numbers[0], minor: numbers[1])) == fits)
    }

    @Test("other words are not understood", arguments: ["lts/*", "lts/iron", "stable", "node", ">=", "1.a", "^"])
    func words(text: String) { #expect(VersionRange(text) == nil) }
}
