package import Findings
import Gate
package import OCI
import Plan
import Pods
import Request

/// What the gate found in one or more images.
package struct CheckReport: FindingsReport {
    package struct Image: Sendable {
        /// As the user named it; what is started, where nothing has a name yet.
        let name: String
        let platform: Platform
        /// Digest of its manifest; `nil` if the image is only planned.
        let digest: Digest?
        let outcome: GateOutcome
        /// What a pod says that runs it; `nil` unless it was asked for.
        var pod: Pod?
    }

    /// What a pod says, and how it names the image.
    struct Pod: Sendable {
        let snippet: PodSnippet
        let image: PodImage
    }

    package let images: [Image]

    package init(images: [Image]) { self.images = images }

    /// Whether something was found that refuses an image, and is not allowed.
    package var isRefused: Bool { images.contains { !$0.outcome.refused.isEmpty } }

    /// How many findings the first image has of each severity, in words.
    package var counts: String? { images.first?.outcome.counts }

    /// The same with what else was found about each image.
    package func adding(_ findings: (Platform) -> [Finding]) -> CheckReport {
        CheckReport(
            images: images.map { image in
                var added = CheckReport.Image(
                    name: image.name,
                    platform: image.platform,
                    digest: image.digest,
                    outcome: GateOutcome(
                        ImageGate.sorted(image.outcome.all.map(\.finding) + findings(image.platform)),
                        GateOptions()
                    )
                )
                added.pod = image.pod
                return added
            }
        )
    }

    /// YAML for the `spec` of a pod that runs the first image; `nil` unless it was asked for.
    package var kubernetes: [String]? { images.first?.pod.map { $0.snippet.lines($0.image) } }

    /// For a person, in lines.
    package var text: [String] { images.flatMap(\.text) }

    /// For a program.
    package var json: JSON {
        [
            "refused": .bool(isRefused),
            "images": .array(
                images.map { image in
                    var json = JSONObject()
                    json["name"] = .string(image.name)
                    json["platform"] = .string(image.platform.description)
                    json["digest"] = image.digest.map { .string($0.description) }
                    json["findings"] = image.outcome.json
                    json["pod"] = image.pod.map { $0.snippet.json($0.image) }
                    return .object(json)
                }
            ),
        ]
    }
}

extension CheckReport.Image {
    /// What another check found of an image.
    package init(_ name: String, _ platform: Platform, _ findings: [Finding]) {
        self.init(name: name, platform: platform, digest: nil, outcome: GateOutcome(findings, GateOptions()))
    }

    fileprivate var text: [String] { outcome.lines + ["\(name) \(platform): \(outcome.counts)"] }
}

/// A finding as a report has it.
struct CheckedFinding {
    let finding: Finding
    /// Whether the user allowed it, so that it refuses nothing.
    let isAllowed: Bool
}

extension GateOutcome {
    /// Everything that was found, and whether it was allowed.
    var all: [CheckedFinding] {
        refused.map { CheckedFinding(finding: $0, isAllowed: false) }
            + excused.map { CheckedFinding(finding: $0, isAllowed: true) }
            + reported.map { CheckedFinding(finding: $0, isAllowed: false) }
    }

    /// All findings for a person.
    var lines: [String] {
        all.flatMap { checked in
            let finding = checked.finding
            let label = checked.isAllowed ? "allowed" : "\(finding.severity)"
            return ["\(label)[\(finding.rule.code)]: \(finding.summary)"]
                + [finding.reason.map { "  because: \($0)" }, finding.hint.map { "  hint: \($0)" }].compactMap(\.self)
        }
    }

    /// How many findings there are of each severity, in words.
    var counts: String {
        let counts = [
            (refused.count, "error"), (reported.count { $0.severity == .warning }, "warning"),
            (reported.count { $0.severity == .note }, "note"), (excused.count, "allowed"),
        ]
        let found = counts.filter { $0.0 > 0 }.map { count, word in
            "\(count) \(word)" + (count == 1 || word == "allowed" ? "" : "s")
        }
        return found.isEmpty ? "nothing found" : found.joined(separator: ", ")
    }

    /// All findings for a program.
    var json: JSON {
        .array(
            all.map { checked in
                var json = checked.finding.json.objectValue ?? JSONObject()
                json["allowed"] = checked.isAllowed ? true : nil
                return .object(json)
            }
        )
    }
}
