package import Diagnostics
import Findings
import Gate
package import OCI
import Plan
package import Request
import ScannerView

/// What scanners will not see in one or more documents.
package struct SBOMReport: FindingsReport {
    package struct Document: Sendable {
        /// Where it was found, as the user named it.
        let name: String
        /// Digest of the manifest that the document is attached to; `nil` for a file.
        var subject: Digest?
        /// Digest of the document in a registry or layout; `nil` for a file.
        var digest: Digest?
        let check: ScannerCheck
        let outcome: GateOutcome
    }

    package var documents: [Document]
    /// Digests of the image's manifests and indexes that no document is attached to.
    package var missing: [Digest] = []

    /// Whether something was found that refuses a document, and is not allowed.
    package var isRefused: Bool { documents.contains { !$0.outcome.refused.isEmpty } }

    /// For a person, in lines. What hangs on an image as a document and as an attestation is printed once.
    package var text: [String] {
        let texts = documents.map { $0.outcome.lines + [$0.line] }
        let counts = Dictionary(texts.map { ($0, 1) }, uniquingKeysWith: +)
        var told = Set<[String]>()
        let once = texts.filter { told.insert($0).inserted }.flatMap { lines in
            counts[lines, default: 1] == 1 ? lines : lines + ["  \(counts[lines, default: 1]) documents say the same"]
        }
        return once + missing.map { "\($0): no bill of materials" }
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["refused"] = .bool(isRefused)
        json["documents"] = .array(documents.map(\.json))
        if !missing.isEmpty { json["missing"] = JSON.strings(missing.map(\.description)) }
        return .object(json)
    }

    package func sarif(version: String) -> JSON {
        SARIFLog(
            subjects: documents.map {
                let subject = $0.subject.map { "\($0)" } ?? ""
                return SARIFLog.Subject(name: $0.name, details: subject, outcome: $0.outcome)
            }
        ).json(version: version)
    }
}

extension SBOMReport.Document {
    /// Which scanner looks up how many packages.
    fileprivate var line: String {
        let format = "\(check.document.format.rawValue) \(check.document.version)"
        let packages = check.packages == 1 ? "1 package" : "\(check.packages) packages"
        let seen = Scanner.allCases.map { "\($0.rawValue) \(check.seen(by: $0))" }.joined(separator: ", ")
        let place = subject.map { "\(name) of \($0)" } ?? name
        return "\(place): \(format), \(packages); looked up: \(seen); \(outcome.counts)"
    }

    fileprivate var json: JSON {
        var json = JSONObject()
        json["name"] = .string(name)
        json["format"] = .string(check.document.format.rawValue)
        json["formatVersion"] = .string(check.document.version)
        json["subject"] = subject.map { .string($0.description) }
        json["digest"] = digest.map { .string($0.description) }
        json["packages"] = .int(check.packages)
        var seen = JSONObject()
        for scanner in Scanner.allCases { seen[scanner.rawValue] = .int(check.seen(by: scanner)) }
        json["seen"] = .object(seen)
        json["findings"] = outcome.json
        return .object(json)
    }
}

/// Looks at documents with scanners' eyes.
package struct SBOMChecker: Sendable {
    private let options: GateOptions

    package init(_ options: GateOptions) { self.options = options }

    /// Looks at the document in a file.
    ///
    /// - Throws: `sbom.unreadable`, `json.malformed`.
    package func check(_ bytes: [UInt8], named name: String) throws(Diagnostic) -> SBOMReport {
        SBOMReport(documents: [try document(bytes, named: name)])
    }

    func document(_ bytes: [UInt8], named name: String) throws(Diagnostic) -> SBOMReport.Document {
        let check = ScannerCheck(try ScannedDocument(parsing: bytes, named: name))
        return SBOMReport.Document(
            name: name,
            check: check,
            outcome: GateOutcome(ImageGate.sorted(check.findings), options)
        )
    }
}
