import Findings
import Gate
import Layers
package import OCI
import Plan

/// What was found, in a form that can be printed.
package protocol FindingsReport: Sendable {
    /// For a program.
    var json: JSON { get }

    /// For pages that show the results of code scanners.
    ///
    /// - Parameter version: coracle's own.
    func sarif(version: String) -> JSON
}

extension CheckReport {
    package func sarif(version: String) -> JSON {
        SARIFLog(
            subjects: images.map {
                SARIFLog.Subject(name: $0.name, details: $0.platform.description, outcome: $0.outcome)
            }
        ).json(version: version)
    }
}

/// A log in the Static Analysis Results Interchange Format.
///
/// OASIS, SARIF 2.1.0 § 3.13 (sarifLog), § 3.14 (run), § 3.27 (result). A file of an image is an artifact with a path
/// relative to the image's root.
struct SARIFLog {
    /// What was looked at: an image, or a document.
    struct Subject {
        let name: String
        /// What distinguishes it from others of that name, such as its platform; the same in the next version of it.
        let details: String
        let outcome: GateOutcome
    }

    let subjects: [Subject]

    /// - Parameter version: coracle's own.
    func json(version: String) -> JSON {
        let rules = Rule.all.filter { rule in
            subjects.contains { $0.outcome.all.contains { $0.finding.rule.code == rule.code } }
        }
        return [
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                [
                    "tool": [
                        "driver": [
                            "name": "coracle",
                            "version": .string(version),
                            "rules": .array(rules.map(\.sarif)),
                        ]
                    ],
                    "originalUriBaseIds": ["IMAGE": ["description": ["text": "the root filesystem of the image"]]],
                    "columnKind": "utf16CodeUnits",
                    "results": .array(
                        subjects.flatMap { subject in
                            subject.outcome.all.map { $0.sarif(rules, of: subject) }
                        }
                    ),
                ]
            ],
        ]
    }
}

extension Rule {
    fileprivate var sarif: JSON {
        [
            "id": .string(code),
            "shortDescription": ["text": .string(title)],
            "defaultConfiguration": ["level": .string("\(severity)")],
        ]
    }
}

extension CheckedFinding {
    fileprivate func sarif(_ rules: [Rule], of subject: SARIFLog.Subject) -> JSON {
        let (rule, path) = (finding.rule, finding.path)
        let parts = [finding.reason.map { "because: \($0)" }, finding.hint.map { "hint: \($0)" }].compactMap(\.self)
        let message = [finding.summary] + parts
        var json = JSONObject()
        json["ruleId"] = .string(rule.code)
        json["ruleIndex"] = rules.firstIndex { $0.code == rule.code }.map { .int($0) }
        json["level"] = .string("\(finding.severity)")
        json["message"] = ["text": .string(message.joined(separator: "\n"))]
        // A result about the whole has it as its place: GitHub refuses a log with a result without a place.
        let artifact: JSON =
            if let path {
                ["uri": .string(Self.escaped(path.bytes)), "uriBaseId": "IMAGE"]
            } else {
                ["uri": .string(Self.escaped(subject.name.utf8.drop { $0 == UInt8(ascii: "/") }))]
            }
        json["locations"] = [
            [
                // A program has no lines, and pages want one.
                "physicalLocation": ["artifactLocation": artifact, "region": ["startLine": 1]],
                "logicalLocations": [
                    ["fullyQualifiedName": .string("\(subject.name) \(subject.details)"), "kind": "module"]
                ],
            ]
        ]
        // The same finding in the next version of the image is the same finding.
        json["partialFingerprints"] = [
            "finding/v1": .string(
                Digest(sha256Of: Array("\(rule.code)\n\(path?.description ?? "")\n\(subject.details)".utf8)).hex
            )
        ]
        if isAllowed { json["suppressions"] = [["kind": "external", "justification": "allowed with --allow"]] }
        return .object(json)
    }

    /// RFC 3986 § 2.1: everything but what is unreserved, and slashes.
    private static func escaped(_ bytes: some Sequence<UInt8>) -> String {
        let hexadecimal = Array("0123456789ABCDEF")
        return bytes.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E, 0x2F: String(UnicodeScalar(byte))
            default: "%\(hexadecimal[Int(byte >> 4)])\(hexadecimal[Int(byte & 15)])"
            }
        }.joined()
    }
}
