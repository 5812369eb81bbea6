import Diagnostics
import Layers
import OCI

extension ImageDifference {
    /// For a pull request, in lines of Markdown as GitHub and GitLab read it.
    ///
    /// - Parameter most: number of rows of each table; `nil` for all.
    package func markdown(atMost most: Int? = 50) -> [String] {
        var lines = ["**\(Self.plain(sentence))**", ""]
        lines += Self.table(["", "image", "digest"], [row("from", left), row("to", right)], nil)
        if let first { lines += ["First: \(Self.plain(first.text(namesPlatform: platforms.count > 1)))", ""] }
        for platform in onlyLeft { lines += ["Only the first has \(Self.code(platform.description)).", ""] }
        for platform in onlyRight { lines += ["Only the second has \(Self.code(platform.description)).", ""] }
        lines += Self.fields(fields.filter { !ignored.contains($0.kind) }, "Index", most)
        for difference in platforms where !difference.kinds(ignoring: ignored).isEmpty {
            lines += ["### \(Self.plain(difference.platform.description))", ""]
            if let fetch = difference.fetch { lines += ["To fetch: \(Self.plain(fetch.text)).", ""] }
            lines += Self.titled(
                "Packages",
                ["package", "old", "new"],
                difference.packages.map { package in
                    let name = package.ecosystem.isEmpty ? package.name : "\(package.ecosystem)/\(package.name)"
                    return [Self.code(name), Self.versions(package.old), Self.versions(package.new)]
                },
                most
            )
            for gap in difference.gaps { lines += ["Note: \(Self.plain(gap)).", ""] }
            lines += Self.fields(difference.fields(ignoring: ignored), "Fields", most)
            lines += Self.titled(
                "Files",
                ["size", "change", "path", "what"],
                difference.filesBySize.map { file in
                    let sign = file.growth > 0 ? "+" : file.growth < 0 ? "-" : ""
                    return [
                        "\(sign)\(ByteCount(Int64(clamping: file.growth.magnitude)))", file.change.rawValue,
                        Self.code(file.path.description),
                        Self.plain((file.changes + (file.elf?.changes ?? [])).joined(separator: "; ")),
                    ]
                },
                most,
                leftOut: difference.filesLeftOut
            )
            lines += Self.titled(
                "Layers",
                ["layer", "what"],
                difference.layers(ignoring: ignored).map { ["\($0.position + 1)", Self.plain($0.text)] },
                most
            )
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    private func row(_ label: String, _ side: Side) -> [String] {
        [label, Self.code(side.name), side.digest.map { Self.code($0.description) } ?? "–"]
    }

    private static func fields(_ fields: [FieldDifference], _ title: String, _ most: Int?) -> [String] {
        titled(
            title,
            ["field", "old", "new"],
            fields.map { [code($0.place), value($0.left), value($0.right)] },
            most
        )
    }

    private static func titled(
        _ title: String,
        _ head: [String],
        _ rows: [[String]],
        _ most: Int?,
        leftOut: Int = 0
    ) -> [String] {
        rows.isEmpty ? [] : ["#### \(title)", ""] + table(head, rows, most, leftOut: leftOut)
    }

    private static func table(_ head: [String], _ rows: [[String]], _ most: Int?, leftOut: Int = 0) -> [String] {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let shown = rows.prefix(most ?? .max)
        let rest = rows.count - shown.count + leftOut
        return [line(head), line(head.map { _ in "---" })] + shown.map(line) + [""]
            + (rest > 0 ? ["And \(rest) more.", ""] : [])
    }

    private static func versions(_ versions: [String]) -> String {
        versions.isEmpty ? "–" : versions.map { code($0.isEmpty ? "?" : $0) }.joined(separator: ", ")
    }

    private static func value(_ text: String?) -> String { text.map { code($0.excerpt) } ?? "–" }

    /// Words of strangers as code, which nothing in them can end: in a table, `|` would be the next cell.
    private static func code(_ text: String) -> String {
        let safe = text.escapedForTerminal.replacing("|", with: "\\|")
        var longest = 0
        var run = 0
        for character in safe {
            run = character == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: longest + 1)
        let space = safe.hasPrefix("`") || safe.hasSuffix("`") || safe.isEmpty ? " " : ""
        return fence + space + safe + space + fence
    }

    /// Words of strangers in text: no character of them means anything in Markdown or HTML.
    private static func plain(_ text: String) -> String {
        var plain = ""
        for scalar in text.escapedForTerminal.unicodeScalars {
            switch scalar {
            case "&": plain += "&amp;"
            case "<": plain += "&lt;"
            case ">": plain += "&gt;"
            case "@": plain += "&#64;"
            case "\\", "`", "*", "_", "[", "]", "|", "#", "~", "!": plain += "\\\(scalar)"
            default: plain.unicodeScalars.append(scalar)
            }
        }
        return plain
    }
}
