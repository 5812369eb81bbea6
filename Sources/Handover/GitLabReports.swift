import ByteIO
import Diagnostics
import Findings
import OCI

/// What GitLab reads of a job by `artifacts: reports:`: a code quality report, and variables for later jobs.
struct GitLabReports {
    static let qualityName = "gl-code-quality-report.json"
    static let variablesName = "coracle.env"

    private let outcome: Handover.Outcome

    init(_ outcome: Handover.Outcome) { self.outcome = outcome }

    func write(into directory: FilePath) throws(Diagnostic) {
        try [quality.encoded(pretty: true)].write(to: directory.appending(Self.qualityName))
        try [Array(variables.utf8)].write(to: directory.appending(Self.variablesName))
    }

    /// Each finding and each error, as an issue.
    var quality: JSON {
        var seen = [String: Int]()
        func issue(_ problem: Diagnostic, _ severity: String, _ image: String?) -> JSON {
            let place: (path: String, line: Int) =
                switch problem.subject {
                case .file(let path, let line)?: (path, line ?? 1)
                case .image(let name)?, .blob(let name)?, .option(let name)?: (name, 1)
                case nil: (image ?? "coracle.yaml", 1)
                }
            let text = [image, problem.code.rawValue, place.path, problem.summary].compactMap(\.self)
                .joined(separator: "\n")
            let count = seen[text, default: 0]
            seen[text] = count + 1
            let print = Digest(sha256Of: Array("\(text)\n\(count)".utf8)).hex
            // The path of a file in an image has no repository to be absolute in.
            let path = place.path.hasPrefix("/") ? String(place.path.dropFirst()) : place.path
            return [
                "description": .string([problem.summary, problem.reason].compactMap(\.self).joined(separator: ": ")),
                "check_name": .string(problem.code.rawValue),
                "fingerprint": .string(print),
                "severity": .string(severity),
                "location": ["path": .string(path), "lines": ["begin": .int(place.line)]],
            ]
        }
        let errors = outcome.problems.map { issue($0, "blocker", nil) }
        let findings = outcome.images.flatMap { image in
            image.findings.map { finding in
                let severity =
                    switch finding.severity {
                    case .error: "major"
                    case .warning: "minor"
                    case .note: "info"
                    }
                return issue(finding.diagnostic, severity, image.name)
            }
        }
        return .array(Array((errors + findings).prefix(Self.most)))
    }

    /// What GitLab shows of a report is far less.
    private static let most = 5000

    /// GitLab takes 5 KB of variables, and no line feed in a value.
    private static let largestList = 4000

    /// `CORACLE_…=VALUE`, a line each.
    var variables: String {
        var lines = [String]()
        if outcome.images.count == 1, let image = outcome.images.first {
            lines.append("CORACLE_DIGEST=\(image.top.digest)")
            lines.append("CORACLE_REFERENCE=\(image.references[0])")
            if let size = image.size { lines.append("CORACLE_SIZE=\(size)") }
        }
        let all = outcome.images.flatMap(\.references).joined(separator: " ")
        if !all.isEmpty, all.utf8.count < Self.largestList { lines.append("CORACLE_REFERENCES=\(all)") }
        return lines.map { $0 + "\n" }.joined()
    }
}
