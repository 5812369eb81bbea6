import Diagnostics
import Findings
import Gate
import Hygiene
import Layers
import Lifetimes
import OCI
import TestSupport
import Testing

@Suite("What a team wants of its images") struct LintCheckTests {
    private static let labels = Dictionary(uniqueKeysWithValues: LintSettings().labels.map { ($0, "x") })

    private static func findings(
        _ files: [MemoryRoot.File] = [],
        labels: [String: String] = labels,
        annotations: [String: String] = [:],
        names: [String] = ["localhost/me/server:1.0"],
        created: [String] = [],
        now: String = "2026-11-25T00:00:00Z",
        _ change: (inout LintSettings) -> Void = { _ in }
    ) throws -> [Finding] {
        let layer = Descriptor(mediaType: .layerTarGzip, digest: Digest(sha256Of: []), size: 0)
        let manifest = Manifest(config: layer, layers: created.map { _ in layer }, annotations: annotations)
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        config.config.labels = labels
        config.history = created.map { ImageConfig.History(created: $0, createdBy: "x") }
        var settings = LintSettings()
        change(&settings)
        let facts = LintCheck<MemoryRoot>.Facts(
            manifest: manifest,
            config: config,
            names: try names.map { try Reference(parsing: $0) },
            now: try Timestamp(parsing: now)
        )
        return try LintCheck(MemoryRoot(files), facts, settings).findings()
    }

    private static func codes(_ findings: [Finding]) -> [String] { findings.map(\.rule.code) }

    @Test("an image from nothing with a version and labels has nothing wrong")
    func fine() throws {
        #expect(try Self.findings().isEmpty)
    }

    @Test(
        "a base's tag moves if it names no version of two numbers, no date and no commit",
        arguments: [
            ("debian:13-slim", true), ("debian", true), ("node:22-alpine", true), ("python:3.12-slim", false),
            ("debian:trixie-20251117-slim", false), ("gcr.io/distroless/static:nonroot", true),
            ("alpine:3.20.3", false),
            ("r.io/base:v1", true), ("r.io/base:v1.2", false), ("r.io/base:sha-1a2b3c4", false),
            ("r.io/base:edge", true),
        ]
    )
    func floating(name: String, moves: Bool) throws {
        let found = try Self.findings(
            annotations: [AnnotationKey.baseName: name, AnnotationKey.baseDigest: "sha256:x"]
        )
        #expect(Self.codes(found) == (moves ? ["lint.base-floating"] : []))
    }

    @Test("a base that is recorded without a digest is named")
    func unpinned() throws {
        let found = try Self.findings(annotations: [AnnotationKey.baseName: "docker.io/library/debian:13.2"])
        #expect(Self.codes(found) == ["lint.base-unpinned"])
    }

    @Test(
        "a base is as old as the newest of its layers, if the history has dates",
        arguments: [
            (["2026-10-01T00:00:00Z"], 30, true), (["2026-11-01T00:00:00Z"], 30, false),
            (["1970-01-01T00:00:00Z"], 30, false), (["no time"], 30, false), ([], 30, false),
        ]
    )
    func old(created: [String], days: Int64, isOld: Bool) throws {
        let found = try Self.findings(created: created) { $0.maxAge = days * 86400 }
        #expect(Self.codes(found) == (isOld ? ["lint.base-old"] : []))
        #expect(try Self.findings(created: created).isEmpty)
    }

    @Test(
        "a system past its end of life is named, whatever release it is of",
        arguments: [
            ("ID=debian\nVERSION_ID=\"10\"\n", true), ("ID=debian\nVERSION_ID=\"13\"\n", false),
            ("ID=alpine\nVERSION_ID=3.18.4\n", true), ("ID=alpine\nVERSION_ID=3.22.1\n", false),
            ("ID=\"almalinux\"\nVERSION_ID=\"7.9\"\n", true), ("ID=\"rhel\"\nVERSION_ID=\"9.4\"\n", false),
            ("ID=ubuntu\nVERSION_ID=\"24.10\"\n", true), ("ID=ubuntu\nVERSION_ID=\"24.04\"\n", false),
            ("ID=wolfi\nVERSION_ID=20230201\n", false), ("ID=debian\n", false), ("", false), ("=\n==\nID", false),
        ]
    )
    func endOfLife(release: String, hasEnded: Bool) throws {
        let found = try Self.findings([file("/etc/os-release", release, origin: .base)])
        #expect(Self.codes(found) == (hasEnded ? ["lint.base-end-of-life"] : []))
    }

    @Test(
        "a system is in long-term support between the two ends that its makers announced",
        arguments: [
            ("2026-07-11", []), ("2026-07-12", ["lint.base-long-term"]), ("2028-06-30", ["lint.base-long-term"]),
            ("2028-07-01", ["lint.base-end-of-life"]),
        ]
    )
    func longTerm(day: String, codes: [String]) throws {
        let release = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n"
        let found = try Self.findings([file("/etc/os-release", release, origin: .base)], now: "\(day)T23:59:59Z")
        #expect(Self.codes(found) == codes)
        #expect(found.allSatisfy { $0.summary.contains("Debian GNU/Linux 12 (bookworm)") })
        if codes == ["lint.base-long-term"] {
            #expect(
                found.allSatisfy { $0.summary.contains("2028-06-30") && $0.reason?.contains("separate team") == true }
            )
        }
    }

    @Test(
        "the end of the next support is announced as long before as was asked for",
        arguments: [
            // Regular support of Debian 13 ends on 2028-08-09, Ubuntu 26.04 on 2031-05-29, Alpine 3.24 on 2028-06-01.
            ("debian", "13", "2028-05-11", 90, "in 90 days"), ("debian", "13", "2028-05-10", 90, nil),
            ("debian", "13", "2028-08-09", 90, "today"), ("debian", "12", "2028-06-29", 7, "tomorrow"),
            ("ubuntu", "26.04", "2031-05-01", 30, "in 28 days"), ("alpine", "3.24.1", "2028-05-01", 0, nil),
            ("alpine", "3.24.1", "2028-06-01", 0, "today"), ("wolfi", "1", "2028-06-01", 90, nil),
        ] as [(String, String, String, Int64, String?)]
    )
    func endsSoon(id: String, version: String, day: String, days: Int64, words: String?) throws {
        let release = "ID=\(id)\nVERSION_ID=\"\(version)\"\n"
        let found = try Self.findings(
            [file("/etc/os-release", release, origin: .base)],
            now: "\(day)T12:00:00Z"
        ) { $0.warnBefore = days * 86400 }.filter { $0.rule.code == "lint.base-ends-soon" }
        #expect(found.count == (words == nil ? 0 : 1))
        if let words { #expect(found.allSatisfy { $0.summary.contains(words) }) }
    }

    @Test("the dates in coracle are those of the provenance, and name the newest releases")
    func dates() throws {
        let bases = try #require(#filePath.firstRange(of: "/Tests/")).lowerBound
        let provenance = String(decoding: try readFile("\(#filePath[..<bases])/Bases/PROVENANCE.md"), as: UTF8.self)
        let bytes = EndOfLife.embedded
        #expect(
            provenance.contains("| end-of-life.csv | \(bytes.count) | `\(Digest(sha256Of: bytes).hex)` |")
        )
        let debian = EndOfLife(name: "Debian 12 (bookworm)", date: "2026-07-11", longTermDate: "2028-06-30")
        #expect(EndOfLife.of(id: "debian", version: "12") == debian)
        #expect(EndOfLife.of(id: "ubuntu", version: "26.04")?.lastDate == "2031-05-29")
        #expect(EndOfLife.of(id: "alpine", version: "3.24.0")?.lastDate == "2028-06-01")
    }

    @Test("`latest` as the only tag is named, and no other")
    func latest() throws {
        #expect(Self.codes(try Self.findings(names: ["localhost/a"])) == ["lint.latest-only"])
        #expect(try Self.findings(names: ["localhost/a", "localhost/a:1"]).isEmpty)
        #expect(try Self.findings(names: []).isEmpty)
    }

    @Test("a shell and a package manager are found through links")
    func shell() throws {
        let found = try Self.findings([
            symlink("/bin", to: "usr/bin"), symlink("/usr/bin/sh", to: "dash"),
            file("/usr/bin/dash", "x", 0o755, origin: .base), file("/usr/bin/apt-get", "x", 0o755, origin: .base),
        ])
        #expect(Self.codes(found) == ["lint.shell", "lint.package-manager"])
        #expect(found.first?.reason == "`/bin/sh`, `/bin/dash`, `/usr/bin/sh`")
    }

    @Test("labels may be annotations, too, and empty ones count for nothing")
    func labels() throws {
        var labels = Self.labels
        labels["org.opencontainers.image.source"] = nil
        labels["org.opencontainers.image.version"] = ""
        let found = try Self.findings(labels: labels, annotations: ["org.opencontainers.image.source": "x"])
        #expect(found.map(\.reason) == ["`org.opencontainers.image.version`"])
    }

    @Test("a rule is as bad as the settings say")
    func levels() throws {
        let found = try Self.findings(labels: [:], names: ["localhost/a"]) { settings in
            settings.levels = ["lint.latest-only": .error, "lint.label-missing": .off]
        }
        #expect(found.map(\.rule.severity) == [.error])
    }

    @Test("ages are numbers with a unit", arguments: [("30d", 2_592_000), ("2w", 1_209_600), ("12h", 43200)])
    func ages(text: String, seconds: Int64) {
        #expect(LintSettings.seconds(text) == seconds)
    }

    @Test(
        "other texts are not ages",
        arguments: ["", "d", "30", "-1d", "1.5d", "99999999999999999999d", "9223372036854775807w"]
    )
    func noAges(text: String) {
        #expect(LintSettings.seconds(text) == nil)
    }
}
