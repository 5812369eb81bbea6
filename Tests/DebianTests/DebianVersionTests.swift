import Debian
import Diagnostics
import TestSupport
import Testing

@Suite("Debian versions")
struct DebianVersionTests {
    static let versions = [
        "1.0", "1.0-1", "1.0-0", "1.00", "0:1.0", "1:0.1", "1.0~rc1", "1.0~", "1.0~~", "1.0~~a", "1.0a", "1.0+b1",
        "1.0.1",
        "1.0-1~deb12u1", "1.0-1+deb12u1", "1.0-1.1", "2.36-9+deb12u10", "2.36-9+deb12u9", "2.36-9", "10", "9", "1.0-a",
        "1.0-", "a", "1:1:2", "1.2-3-4", "2024a-0+deb12u1", "2025b-0+deb12u1", "1.0.", "1.0-01",
        "99999999999999999999999",
        "100000000000000000000000", "1.0A", "1.0z", "1.0.~", "1.0+", "0", "00", "2147483647:1",
    ]

    @Test("every two of a list are ordered as dpkg orders them")
    func asDpkg() throws {
        let versions = Self.versions.filter { $0 != "1.0-" }
        let script = """
            for a in "$@"; do for b in "$@"; do
            if dpkg --compare-versions "$a" lt "$b" 2>/dev/null; then echo "<"
            elif dpkg --compare-versions "$a" eq "$b" 2>/dev/null; then echo "="; else echo ">"; fi
            done; done
            """
        let answers = try Command.shell(script, versions, timeLimit: 300).output().split(separator: "\n").map(
            String.init
        )
        try #require(answers.count == versions.count * versions.count)
        let parsed = try versions.map { try DebianVersion(parsing: $0) }
        var index = 0
        for (a, left) in parsed.enumerated() {
            for (b, right) in parsed.enumerated() {
                let ours = left < right ? "<" : left == right ? "=" : ">"
                #expect(ours == answers[index], "\(versions[a]) against \(versions[b])")
                index += 1
            }
        }
    }

    @Test(
        "a text that is not a version is refused",
        arguments: [
            "", ":1", "x:1", "-1:1", "1.0-", "1:", "1 0", "1.0_1", "1.0/2", "ä", "99999999999:1", "-", "1.0-1:2",
        ]
    )
    func refused(text: String) throws {
        let error = #expect(throws: Diagnostic.self) { try DebianVersion(parsing: text) }
        #expect(error?.code == .debianVersionMalformed)
    }

    @Test("it is written as it was read")
    func description() throws {
        #expect(try DebianVersion(parsing: "0:1.00-0").description == "0:1.00-0")
    }
}
