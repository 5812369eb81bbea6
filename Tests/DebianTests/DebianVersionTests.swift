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

    /// A version of any shape, or one that differs from `other` in a few places.
    private static func random(near other: String?, _ random: inout Pseudorandom) -> String {
        let parts = ["0", "1", "9", "10", "01", ".", "+", "~", "a", "b", "A", "z", "rc", "dfsg", "+b1", "~deb12u1"]
        func some(_ most: Int) -> String {
            (0..<Int.random(in: 0...most, using: &random)).map { _ in parts[Int.random(in: 0..<16, using: &random)] }
                .joined()
        }
        if let other {
            var text = Array(other)
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let place = Int.random(in: 1...text.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0 where place < text.count: text.remove(at: place)
                default: text.insert(contentsOf: some(1), at: place)
                }
            }
            return String(text)
        }
        let epoch = ["", "", "", "0:", "1:", "12:"][Int.random(in: 0..<6, using: &random)]
        let revision = Bool.random(using: &random) ? "-\(Int.random(in: 0...11, using: &random))\(some(3))" : ""
        return "\(epoch)\(Int.random(in: 0...11, using: &random))\(some(5))\(revision)"
    }

    @Test("random versions that differ little are ordered as dpkg orders them", arguments: 0..<4 as Range<UInt64>)
    func randomly(seed: UInt64) throws {
        var random = Pseudorandom(seed: seed)
        var pairs = [(DebianVersion, DebianVersion)]()
        while pairs.count < 150 {
            let left = Self.random(near: nil, &random)
            let right = Self.random(near: Bool.random(using: &random) ? left : nil, &random)
            // What is not a version is refused by both, which other tests show.
            guard let left = try? DebianVersion(parsing: left), let right = try? DebianVersion(parsing: right) else {
                continue
            }
            pairs.append((left, right))
        }
        let script = """
            while [ $# -gt 0 ]; do
            if dpkg --compare-versions "$1" lt "$2"; then echo "<"
            elif dpkg --compare-versions "$1" eq "$2"; then echo "="; else echo ">"; fi
            shift 2; done
            """
        let outcome = try Command.shell(script, pairs.flatMap { ["\($0.0)", "\($0.1)"] }, timeLimit: 120).run()
        #expect(!outcome.errors.contains("error"), "\(outcome.errors)")
        let answers = outcome.output.split(separator: "\n").map(String.init)
        try #require(answers.count == pairs.count)
        for ((left, right), answer) in zip(pairs, answers) {
            #expect((left < right ? "<" : left == right ? "=" : ">") == answer, "\(left) and \(right)")
            #expect((right < left) == (answer == ">"), "\(left) and \(right)")
        }
        #expect(Set(answers) == ["<", "=", ">"])
    }

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
