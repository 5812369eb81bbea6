import Diagnostics
import Findings
import ScannerView
import TestSupport
import Testing

@Suite("What scanners see in a bill of materials") struct ScannerCheckTests {
    private static func check(_ text: String) throws -> ScannerCheck {
        ScannerCheck(try ScannedDocument(parsing: Array(text.utf8), named: "sbom.json"))
    }

    @Test("one change is one finding, and hides packages from some", arguments: SBOMSample.all)
    func changes(sample: SBOMSample) throws {
        let check = try Self.check(sample.text)
        #expect(check.findings.map(\.rule.code).sorted() == sample.codes, "\(check.findings)")
        #expect(Scanner.allCases.map { check.seen(by: $0) } == sample.seen)
        for finding in check.findings {
            #expect(finding.hint?.isEmpty == false && finding.reason?.isEmpty == false, "\(finding)")
            #expect(!finding.summary.hasSuffix("."), "\(finding)")
        }
        // A scanner that loses packages is an error, but for what has no list anywhere.
        if sample.seen.min() ?? 0 < (sample.seen.max() ?? 0) {
            #expect(check.findings.contains { $0.severity >= .warning }, "\(check.findings)")
        }
    }

    @Test("a package is named as the document names it, and of many only some")
    func names() throws {
        let packages = (1...8).map {
            #"{"type":"library","bom-ref":"\#($0)","name":"p\#($0)","version":"1","supplier":{"name":"x"}}"#
        }
        let text = #"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[\#(packages.joined(separator: ","))]}"#
        let finding = try #require(Self.check(text).findings.first { $0.rule.code == "sbom.no-package-url" })
        #expect(finding.summary == "8 packages without a package URL")
        #expect(finding.reason?.hasPrefix("`p1`, `p2`, `p3`, `p4`, `p5` and 3 more: ") == true)
    }

    @Test("an index whose document lists only its images has no packages")
    func index() throws {
        let images = ["amd64", "arm64"].map {
            #"{"type":"container","bom-ref":"\#($0)","name":"i","version":"1","purl":"pkg:oci/i@sha256:\#($0)"}"#
        }
        let text = #"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[\#(images.joined(separator: ","))]}"#
        let found = try Self.check(text).findings.filter { $0.rule.code == "sbom.no-packages" }
        #expect(found.map(\.severity) == [.error])
        let empty = try Self.check(#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#).findings
        #expect(empty.first { $0.rule.code == "sbom.no-packages" }?.severity == .warning)
    }

    @Test(
        "a document is found in a statement, an envelope and a bundle",
        arguments: [
            #"{"_type":"https://in-toto.io/Statement/v1","predicateType":"https://cyclonedx.org/bom","predicate":{"bomFormat":"CycloneDX","specVersion":"1.5"}}"#,
            #"{"payloadType":"application/vnd.in-toto+json","payload":"eyJwcmVkaWNhdGVUeXBlIjoieCIsInByZWRpY2F0ZSI6eyJib21Gb3JtYXQiOiJDeWNsb25lRFgiLCJzcGVjVmVyc2lvbiI6IjEuNSJ9fQ=="}"#,
            #"{"dsseEnvelope":{"payloadType":"x","payload":"eyJwcmVkaWNhdGVUeXBlIjoieCIsInByZWRpY2F0ZSI6eyJib21Gb3JtYXQiOiJDeWNsb25lRFgiLCJzcGVjVmVyc2lvbiI6IjEuNSJ9fQ=="}}"#,
        ]
    )
    func wrapped(text: String) throws {
        #expect(try Self.check(text).document.version == "1.5")
    }

    @Test(
        "what is not such a document is an error that says so",
        arguments: [
            ("", "sbom.unreadable", "it is empty"), ("<bom/>", "sbom.unreadable", "it is XML"),
            ("SPDXVersion: SPDX-2.3", "sbom.unreadable", "tag-value"), ("[]", "sbom.unreadable", "not JSON"),
            ("{}", "sbom.unreadable", "neither"), ("{\"a\":1", "json.malformed", "line 1"),
            (#"{"bomFormat":"CycloneDX","bomFormat":"CycloneDX"}"#, "json.malformed", "twice"),
            (#"{"predicateType":"x","predicate":[]}"#, "sbom.unreadable", "not a JSON object"),
            (#"{"payloadType":"x","payload":"%"}"#, "sbom.unreadable", "base64"),
            (
                #"{"bomFormat":"CycloneDX","specVersion":"1.6","components":"#
                    + String(repeating: #"[{"components":"#, count: 200), "json.malformed", "levels"
            ),
        ] as [(String, String, String)]
    )
    func unreadable(text: String, code: String, reason: String) throws {
        let error = #expect(throws: Diagnostic.self) { try Self.check(text) }
        #expect(error?.code.rawValue == code)
        #expect(error?.reason?.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test("SPDX 3 is a finding, and not an error of the file")
    func three() throws {
        let found = try Self.check(#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[]}"#)
            .findings
        #expect(found.map(\.rule.code) == ["sbom.version-unknown"])
        #expect(found.first?.severity == .error)
    }

    @Test(
        "members of the wrong kind are passed over",
        arguments: [
            #"{"bomFormat":"CycloneDX","specVersion":6,"components":{"a":1},"dependencies":[1,{"ref":[]}],"metadata":[]}"#,
            #"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[1,{},{"purl":5,"name":{}},{"components":[[]]}]}"#,
            #"{"spdxVersion":"SPDX-2.3","packages":[1,{},{"externalRefs":[1,{"referenceType":"purl"}]}],"relationships":[1,{}]}"#,
            #"{"spdxVersion":"","packages":"x","creationInfo":3,"files":[{"SPDXID":4}]}"#,
        ]
    )
    func strange(text: String) throws {
        let check = try Self.check(text)
        #expect(!check.findings.isEmpty)
        #expect(Scanner.allCases.allSatisfy { check.seen(by: $0) <= check.packages })
    }

    @Test("two runs say the same, in the same order")
    func deterministic() throws {
        for sample in SBOMSample.all {
            #expect(try Self.check(sample.text).findings == Self.check(sample.text).findings)
        }
    }
}
