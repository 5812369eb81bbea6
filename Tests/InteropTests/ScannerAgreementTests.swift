import TestSupport
import Testing

/// What trivy finds in an image, it finds in coracle's document of the image, one for one.
@Suite(
    "trivy, of an image and of its document",
    .enabled(if: Judge.areThere, "`make test-deps` could not install the judges")
)
struct ScannerAgreementTests {
    /// The packages of an image of which trivy's data has something to say.
    struct Known: Sendable, CustomStringConvertible {
        let image: String
        /// As trivy's database calls it.
        let ecosystem: String
        /// Names as the database has them, with more spellings than there are packages.
        let names: [String]
        /// What trivy names in its findings, sorted.
        let found: [String]
        /// What only the document shows.
        var more: [String] = []

        var description: String { image }
    }

    static let all = [
        Known(
            image: "debian",
            ecosystem: "debian 13",
            names: ["glibc", "gcc-14", "zlib", "netbase", "libc6", "libgcc-s1", "zlib1g", "tzdata", "ca-certificates"],
            found: ["gcc-14-base", "libc6", "libgcc-s1", "libstdc++6", "netbase", "zlib1g"]
        ),
        Known(
            image: "go",
            ecosystem: "go",
            names: [
                "stdlib", "example.com/Foo/bar", "example.com/foo/bar", "example.com/much/deeper/v2", "example.com/old",
                "example.com/fork", "example.com/lib",
            ],
            found: ["example.com/Foo/bar", "example.com/fork", "example.com/much/deeper/v2", "stdlib"],
            // A module in a directory of its maker: trivy passes it over in a program.
            more: ["example.com/lib"]
        ),
        Known(
            image: "rust",
            ecosystem: "cargo",
            names: ["tool", "serde", "itoa", "cc"],
            found: ["itoa", "serde", "tool"]
        ),
        Known(
            image: "node",
            ecosystem: "npm",
            names: ["own", "left", "deep", "@scope/right", "right"],
            found: ["@scope/right", "deep", "deep", "left", "own"]
        ),
        Known(
            image: "python",
            ecosystem: "pip",
            names: ["flask-x", "flask.x", "click", "typing-extensions", "typing_extensions", "torch", "older"],
            found: ["Flask.X", "click", "older", "torch", "typing_extensions"]
        ),
        Known(
            image: "java",
            ecosystem: "maven",
            names: [
                "org.example:inner", "org.example:shaded", "com.other:part", "com.example.me:app", "net.plain:plain",
                "plain:plain",
            ],
            found: [
                "com.example.me:app", "com.other:part", "net.plain:plain", "org.example:inner", "org.example:shaded",
            ]
        ),
        Known(
            image: "dotnet",
            ecosystem: "nuget",
            names: ["newtonsoft.json", "other.part", "app"],
            found: ["Newtonsoft.Json", "Other.Part", "app"]
        ),
        Known(image: "ruby", ecosystem: "rubygems", names: ["nokogiri", "rack"], found: ["nokogiri", "rack"]),
        Known(
            image: "php",
            ecosystem: "composer",
            names: ["monolog/monolog", "psr/log"],
            found: ["monolog/monolog", "psr/log"]
        ),
    ]

    /// Findings, each once: in an image it names a package again for each place.
    private static func trivy(_ what: [String], cache: String, directory: String) throws -> Set<String> {
        let words = what + quietly(cache)
        return try found(in: Judge.offline("trivy", words, directory: directory).output())
    }

    private static func quietly(_ cache: String) -> [String] {
        [
            "--quiet", "--cache-dir", cache, "--skip-db-update", "--skip-java-db-update", "--offline-scan",
            "--skip-version-check", "--format", "json", "--scanners", "vuln",
        ]
    }

    private static func found(in report: String) throws -> Set<String> {
        Set(try Tool.python(findings, [report]).split(separator: "\n").map(String.init))
    }

    /// A finding a line. The version of Go's standard library has a `v` in programs.
    private static let findings = """
        import json, sys
        for result in json.loads(sys.argv[1]).get("Results") or []:
            for found in result.get("Vulnerabilities") or []:
                version = found["InstalledVersion"]
                if found["PkgName"] == "stdlib": version = version.removeprefix("v")
                print(found["PkgName"], version, found["VulnerabilityID"], found.get("FixedVersion"))
        """

    @Test("it finds the same", arguments: all)
    func same(known: Known) throws {
        let place = try TemporaryDirectory()
        var database = TrivyDatabase()
        for (number, name) in known.names.enumerated() {
            if known.ecosystem.hasPrefix("debian ") {
                database.add(debian: "13", name, "CVE-2099-1\(number)", fixed: "2:99")
            } else {
                database.add(known.ecosystem, name, "CVE-2099-1\(number)", fixed: "99.0.0")
            }
        }
        // Not of these versions.
        database.add(debian: "13", "zlib", "CVE-2099-2001", fixed: "1:1.3.dfsg+really1.3.1-1")
        database.add("npm", "left", "CVE-2099-2002", fixed: "2.0.1")
        try database.write(to: place("cache"))
        try TrivyDatabase.writeArchives([("net.plain", "plain")], to: place("cache"))
        let folder = try EcosystemImages.folder()
        let image = try Self.trivy(
            ["image", "--input", "\(folder)/\(known.image)"],
            cache: place("cache"),
            directory: place.path
        )
        #expect(image.map { String($0.prefix { $0 != " " }) }.sorted() == known.found)
        // The images of the index have Debian's packages.
        let documents = EcosystemImages.formats.flatMap { _, ending in
            (known.image == "debian" ? [known.image, EcosystemImages.index] : [known.image]).map { "\($0).\(ending)" }
        }
        for name in documents {
            let document = try Self.trivy(["sbom", "\(folder)/\(name)"], cache: place("cache"), directory: place.path)
            let more = document.filter { line in known.more.contains { line.hasPrefix("\($0) ") } }
            #expect(more.count == known.more.count, "\(name): \(document)")
            #expect(document.subtracting(more) == image, "\(name)")
        }
    }

    @Test(
        "it finds a document that hangs on an index, and in it what is in the images",
        arguments: EcosystemImages.formats
    )
    func attached(format: String, ending: String) throws {
        let place = try TemporaryDirectory()
        let home = try DockerConfiguration()
        let registry = try FaultyRegistry()
        var database = TrivyDatabase()
        database.add(debian: "13", "glibc", "CVE-2099-0001", fixed: "2.41-13")
        database.add(debian: "13", "gcc-14", "CVE-2099-0002", fixed: "15")
        try database.write(to: place("cache"))
        let folder = try EcosystemImages.folder()
        let programs = try ["amd64", "arm64"].map { try FixtureProgram("hello", .go(architecture: $0)).path() }
        let name = "\(registry.address)/me/app:1"
        try Built.coracle(
            ["build"] + programs + ["-t", name, "--push", "--sbom", format, "--add", "\(folder)/files/debian:/"],
            environment: home.environment,
            directory: place.path
        ).output()
        // The registry is on this machine's loopback, and nothing else is asked.
        let report = try Judge.command(
            "trivy",
            ["image", "--sbom-sources", "oci", name] + Self.quietly(place("cache")),
            directory: place.path
        ).output()
        #expect(report.contains("\"ArtifactType\": \"\(format)\""), "\(report.prefix(1000))")
        let document = try Self.trivy(
            ["sbom", "\(folder)/\(EcosystemImages.index).\(ending)"],
            cache: place("cache"),
            directory: place.path
        )
        #expect(document.count == 4)
        #expect(try Self.found(in: report) == document)
    }

    @Test("it finds the same in a program's image on a base of the catalogue, whose document no judge finds fault with")
    func base() throws {
        let place = try TemporaryDirectory()
        var database = TrivyDatabase()
        for (number, source) in ["glibc", "gcc-14", "openssl", "zlib", "libzstd", "base-files", "netbase"].enumerated()
        {
            database.add(debian: "13", source, "CVE-2099-1\(number)", fixed: "2:99")
        }
        try database.write(to: place("cache"))
        let program = try FixtureProgram("hello-c", .dynamicC).path()
        let bases = ["--bases", try RealBases.locked()]
        try RealBases.coracle(["build", program, "--base", "debian13/cc", "-o", "image"] + bases, in: place).output()
        let image = try Self.trivy(["image", "--input", place("image")], cache: place("cache"), directory: place.path)
        let found = Set(image.map { String($0.prefix { $0 != " " }) })
        #expect(found.isSuperset(of: ["libc6", "libgcc-s1", "libstdc++6", "libssl3t64", "base-files"]), "\(found)")
        for (format, ending) in EcosystemImages.formats {
            let file = place("document.\(ending)")
            let words = ["sbom", "write", "image", "--format", format, "--supplier", "Example", "-o", file]
            try RealBases.coracle(words, in: place).output()
            #expect(try Self.trivy(["sbom", file], cache: place("cache"), directory: place.path) == image, "\(ending)")
            let lines = try SBOMJudgeTests.judge([file])
            #expect(lines.count == 1, "\(lines)")
        }
    }
}
