import ByteIO
import Diagnostics
import Findings
import Glibc
import OCI

/// What GitHub reads of a step: outputs, a summary, and annotations.
///
/// https://docs.github.com/actions, "Workflow commands for GitHub Actions".
struct GitHubFiles {
    private let outcome: Handover.Outcome

    init(_ outcome: Handover.Outcome) { self.outcome = outcome }

    func write(_ outputs: FilePath, _ summary: FilePath?) throws(Diagnostic) {
        try outputText.append(to: outputs)
        try summary.map { path throws(Diagnostic) in try summaryText.append(to: path) }
    }

    // MARK: Outputs

    /// The outputs of the step: those of one image, and lists for several.
    var outputText: String {
        guard !outcome.images.isEmpty else { return "" }
        var values: [(String, String)] = []
        if outcome.images.count == 1, let image = outcome.images.first {
            values.append(("digest", image.top.digest.description))
            values.append(("reference", image.references[0]))
            values.append(("tags", image.names.joined(separator: "\n")))
            if let config = image.config { values.append(("imageid", config.digest.description)) }
            if let size = image.size { values.append(("size", String(size))) }
        }
        values.append(("references", outcome.images.flatMap(\.references).joined(separator: "\n")))
        values.append(("metadata", String(decoding: outcome.metadata.encoded(), as: UTF8.self)))
        return values.map(Self.output).joined()
    }

    /// `NAME<<DELIMITER`, the value, and the delimiter, which is not in the value.
    static func output(_ name: String, _ value: String) -> String {
        var delimiter = "CORACLE-\(Digest(sha256Of: Array(value.utf8)).hex.prefix(16))"
        while value.contains(delimiter) { delimiter += "-" }
        return "\(name)<<\(delimiter)\n\(value)\n\(delimiter)\n"
    }

    // MARK: Summary

    /// GitHub takes 1 MiB of a step; the rest is for others that write there.
    private static let largestSummary = 512 << 10
    private static let mostRows = 200

    /// Tables in Markdown.
    var summaryText: String {
        var lines = [String]()
        if !outcome.images.isEmpty {
            lines += ["### Images", "", "| image | digest | tags |", "|---|---|---|"]
            for image in outcome.images.prefix(Self.mostRows) {
                let title = image.name ?? image.names.first ?? "image"
                let tags = image.names.map(\.inMarkdown).joined(separator: "<br>")
                lines.append("| \(title.inMarkdown) | \(image.top.digest.description.inMarkdown) | \(tags) |")
            }
            lines += Self.more(than: Self.mostRows, of: outcome.images.count)
            lines.append("")
        }
        let layers = outcome.images.flatMap { image in
            image.parts.flatMap { part in part.layers.map { (image.name, part.platform, $0) } }
        }
        lines += Self.table("Layers", "| platform | size | layer |", layers) { name, platform, layer in
            [name, platform.description].compactMap { $0?.inMarkdown }.joined(separator: " ")
                + " | \(ByteCount(layer.size)) | \(layer.purpose.inMarkdown)"
        }
        let findings = outcome.images.flatMap { image in image.findings.map { (image.name, $0) } }
        lines += Self.table("Findings", "| finding | severity | rule |", findings) { name, finding in
            [name, finding.summary].compactMap { $0?.inMarkdown }.joined(separator: ": ")
                + " | \(finding.severity) | \(finding.rule.code.inMarkdown)"
        }
        lines += Self.table("Errors", "| error | what to do | code |", outcome.problems) { problem in
            "\(problem.summary.inMarkdown) | \((problem.hint ?? "").inMarkdown) | \(problem.code.rawValue.inMarkdown)"
        }
        var text = ""
        for line in lines {
            guard text.utf8.count + line.utf8.count < Self.largestSummary else { break }
            text += line + "\n"
        }
        return text
    }

    private static func table<Row>(
        _ title: String,
        _ heading: String,
        _ rows: [Row],
        _ text: (Row) -> String
    ) -> [String] {
        guard !rows.isEmpty else { return [] }
        return ["### \(title)", "", heading, "|---|---|---|"] + rows.prefix(mostRows).map { "| \(text($0)) |" }
            + more(than: mostRows, of: rows.count) + [""]
    }

    private static func more(than most: Int, of count: Int) -> [String] {
        count > most ? ["", "… and \(count - most) more"] : []
    }

    // MARK: Annotations

    /// GitHub shows ten of each kind for a step.
    private static let mostAnnotations = 10

    /// Workflow commands, the worst first, ten of each kind at most.
    var annotations: [String] {
        let errors = outcome.problems.map { Self.annotation("error", $0) }
        let findings = outcome.images.flatMap(\.findings)
        func found(_ kind: String, _ severities: Set<Rule.Severity>) -> [String] {
            findings.filter { severities.contains($0.severity) }.map { finding in
                // The path is one in the image: it means no file of the repository.
                var diagnostic = finding.diagnostic
                diagnostic.subject = nil
                return Self.annotation(kind, diagnostic)
            }
        }
        // An error that stopped nothing was allowed.
        return [errors, found("warning", [.warning, .error]), found("notice", [.note])]
            .flatMap { $0.prefix(Self.mostAnnotations) }
    }

    static func annotation(_ kind: String, _ problem: Diagnostic) -> String {
        var properties = [String]()
        if case .file(let path, let line)? = problem.subject {
            properties.append("file=\(path.asProperty)")
            if let line { properties.append("line=\(line)") }
        }
        properties.append("title=\(problem.code.rawValue.asProperty)")
        let texts = [problem.summary, problem.reason.map { "because: \($0)" }, problem.hint.map { "hint: \($0)" }]
        let message = texts.compactMap(\.self).joined(separator: "\n").asMessage
        return "::\(kind) \(properties.joined(separator: ","))::\(message)"
    }
}

extension String {
    /// As the message of a workflow command.
    fileprivate var asMessage: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { String($0).escapedForTerminal }
            .joined(separator: "\n")
            .replacing("%", with: "%25").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
    }

    /// As a property of a workflow command.
    fileprivate var asProperty: String {
        asMessage.replacing(":", with: "%3A").replacing(",", with: "%2C")
    }

    /// In a table of Markdown: no character of it means anything there.
    fileprivate var inMarkdown: String {
        var text = ""
        for scalar in excerptInSummary.escapedForTerminal.unicodeScalars {
            let isPlain =
                scalar.value >= 0x80 || scalar.properties.isAlphabetic || " ./:,-=".unicodeScalars.contains(scalar)
                || ("0"..."9").contains(scalar)
            if isPlain { text.unicodeScalars.append(scalar) } else { text += "&#\(scalar.value);" }
        }
        return text
    }

    private var excerptInSummary: String {
        guard unicodeScalars.count > 300 else { return self }
        var text = ""
        text.unicodeScalars.append(contentsOf: unicodeScalars.prefix(300))
        return text + "…"
    }

    /// Adds the text to a file that others add to as well.
    ///
    /// - Throws: `io.failed`.
    fileprivate func append(to path: FilePath) throws(Diagnostic) {
        guard !isEmpty else { return }
        do throws(SystemError) {
            let file = try OpenFile(path, O_WRONLY | O_APPEND | O_CREAT)
            try file.write(Array(utf8))
        } catch {
            throw error.diagnostic("write", path.display)
        }
    }
}
