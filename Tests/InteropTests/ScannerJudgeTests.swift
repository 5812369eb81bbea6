import TestSupport
import Testing

/// What `coracle sbom check` says that scanners see, judged by what they find.
@Suite("Scanners and bills of materials", .enabled(if: Judge.areThere, "`make test-deps` could not install the judges"))
struct ScannerJudgeTests {
    @Test("trivy finds one vulnerability of each package that it is said to look up, and no other")
    func trivy() throws {
        let place = try TemporaryDirectory()
        var database = TrivyDatabase()
        database.add(debian: "13", "glibc", "CVE-2099-0001", fixed: "2.41-13")
        database.add("go", "github.com/Foo/bar", "CVE-2099-0002", fixed: "2.0.0")
        database.add("npm", "@angular/core", "CVE-2099-0003", fixed: "2.0.0")
        database.add("npm", "in", "CVE-2099-0004", fixed: "2.0.0")
        database.add("maven", "org.x:y", "CVE-2099-0005", fixed: "2.0.0")
        try database.write(to: place("cache"))
        for sample in SBOMSample.all {
            let file = try place.file(sample.isSPDX ? "sbom.spdx.json" : "sbom.cdx.json", sample.text)
            let outcome = try Judge.offline(
                "trivy",
                [
                    "sbom", "--quiet", "--cache-dir", place("cache"), "--skip-db-update", "--skip-java-db-update",
                    "--offline-scan", "--skip-version-check", "--format", "json", file,
                ],
                directory: place.path
            ).run()
            // Which of two systems trivy takes is left to chance.
            if sample.description.hasSuffix("two systems") { continue }
            let found = outcome.output.matches(of: #/"VulnerabilityID": "CVE-2099-/#).count
            #expect(found == sample.seen[0], "\(sample): \(outcome.errors)")
            #expect(outcome.end == .exited(0) || sample.seen[0] == 0, "\(sample): \(outcome.errors)")
        }
    }

    @Test("syft, which reads documents for grype, reads as many packages with what grype looks them up by")
    func syft() throws {
        let place = try TemporaryDirectory()
        for sample in SBOMSample.all {
            // How the name of a component with a group is put together differs between syft's releases.
            if sample.codes.contains("sbom.name-differs") { continue }
            try place.file("sbom.json", sample.text)
            let outcome = try Judge.offline(
                "syft",
                ["convert", "--quiet", "sbom.json", "-o", "syft-json=syft.json"],
                directory: place.path
            ).run()
            guard outcome.end == .exited(0) else {
                #expect(sample.seen[1] == 0, "\(sample): \(outcome.errors)")
                continue
            }
            let seen = try Tool.python(
                """
                import json, sys
                document = json.load(open(sys.argv[1]))
                distribution = document["distro"].get("id") and document["distro"].get("versionID")
                def found(one):
                    if one.get("cpes") and not one["purl"]: return True
                    if one["type"] in ("", "UnknownPackage", "operating-system") or not one["version"]: return False
                    system = one["type"] in ("deb", "rpm", "apk")
                    return not system or (distribution and "upstream=" in one["purl"])
                print(sum(1 for one in document["artifacts"] if found(one)))
                """,
                [place("syft.json")]
            )
            #expect(Int(seen.split(separator: "\n")[0]) == sample.seen[1], "\(sample)")
        }
    }
}
