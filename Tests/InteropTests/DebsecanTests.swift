import TestSupport
import Testing

/// Known vulnerabilities as debsecan finds them on a machine, and as coracle does in an image.
@Suite("debsecan") struct DebsecanTests {
    private static let versions = [
        "1.0-1", "1.0-1+b1", "1.0-1+deb13u1", "1.0-1~bpo13+1", "1:0.9-1", "1.0~rc1-1", "1.0.1-0.1", "1.0+dfsg-1",
    ]

    @Test("coracle finds in an image what debsecan finds for the same records, for versions of all kinds")
    func same() throws {
        let place = try TemporaryDirectory()
        var (names, lines, records) = ("", "", [String]())
        for (index, version) in Self.versions.enumerated() {
            records.append(
                "Package: lib\(index)\nStatus: install ok installed\nArchitecture: amd64\nSource: src\(index)\nVersion: \(version)\n"
            )
            for (number, fixed) in Self.versions.enumerated() {
                let bug = index * Self.versions.count + number
                names += "CVE-2099-\(1000 + bug),,a bug\n"
                let others = Self.versions[(index + number) % Self.versions.count]
                lines +=
                    "src\(index),\(bug),SMR\(number % 2 == 0 ? "F" : " "),\(number % 5 == 4 ? "" : fixed),\(number % 3 == 0 ? others : "")\n"
            }
        }
        try place.file("text", "VERSION 1\n\(names)\n\(lines)\n\n")
        try place.file("status", records.joined(separator: "\n"))
        try place.file("os-release", "ID=debian\nVERSION_CODENAME=trixie\n")
        try Command.shell(
            #"""
            cd "$1" && mkdir db
            python3 -c 'import zlib; open("db/trixie", "wb").write(zlib.compress(open("text", "rb").read()))'
            """#,
            [place.path]
        ).output()
        let theirs = try Command.shell(
            #"cd "$1" && debsecan --suite trixie --source "file://$PWD/db/" --status status --format bugs"#,
            [place.path]
        ).output()
        try Built.coracle(
            [
                "build", try FixtureProgram.go("hello").path(), "-o", "image", "--add", "status:/var/lib/dpkg/status",
                "--add", "os-release:/etc/os-release",
            ],
            directory: place.path
        ).output()
        let outcome = try Built.coracle(
            ["check", "image", "--advisories", "db/trixie", "--json"],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        func bugs(_ text: String) -> Set<String> { Set(text.matches(of: #/CVE-\d+-\d+/#).map { String($0.output) }) }
        #expect(bugs(outcome.output) == bugs(theirs))
        #expect((10...60).contains(bugs(theirs).count))
    }
}
