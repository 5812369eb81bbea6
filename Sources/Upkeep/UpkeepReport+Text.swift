import BaseLocking
import Bases
import Diagnostics
import Lifetimes
import OCI

extension UpkeepReport {
    /// Packages that are listed of one image for a person.
    private static let mostPackages = 20

    /// For a person, in lines.
    package var text: [String] { rows.flatMap { lines(of: $0) } + [summary] }

    /// `2 images: 1 outdated, 1 up to date`.
    package var summary: String {
        let verdicts = rows.map { $0.verdict(at: now) }
        let counts = [UpkeepRow.Verdict.outdated, .unknown, .upToDate].compactMap { verdict in
            let count = verdicts.count { $0 == verdict }
            return count == 0 ? nil : "\(count) \(verdict.rawValue)"
        }
        return (rows.count == 1 ? "1 image: " : "\(rows.count) images: ")
            + (counts.isEmpty ? "nothing to look at" : counts.joined(separator: ", "))
    }

    private func lines(of row: UpkeepRow) -> [String] {
        func line(_ title: String, _ value: String?) -> [String] {
            value.map { ["  \(title.leftAligned(12)) \($0)"] } ?? []
        }
        var lines = ["\(row.title): \(row.verdict(at: now).rawValue)"]
        if row.line == nil { lines += line("base", row.base.map { $0 + (row.evidence.map { ", \($0)" } ?? "") }) }
        lines += line("name", row.name?.words)
        lines += line("new base", row.change.map { "\($0.words) (\($0.platform), \($0.sizes))" })
        for package in row.change?.packages.prefix(Self.mostPackages) ?? [] { lines.append("    \(package.words)") }
        if let more = row.change.map({ $0.packages.count - Self.mostPackages }), more > 0 {
            lines.append("    and \(more) more")
        }
        lines += line("made", made(row))
        lines += line("support", row.support(at: now))
        lines += line("packages", row.updates?.words)
        for update in row.updates?.prefix(Self.mostPackages) ?? [] {
            lines.append(
                "    \(update.name) \(update.old) → \(update.new)" + (update.isSecurity ? ", a security update" : "")
            )
        }
        if let more = row.updates.map({ $0.count - Self.mostPackages }), more > 0 {
            lines.append("    and \(more) more")
        }
        for unknown in row.unknowns { lines += line("unknown", unknown) }
        for remark in row.remarks { lines += line("note", remark) }
        return lines
    }

    private func made(_ row: UpkeepRow) -> String? {
        guard let age = row.age(at: now), let created = row.created else { return nil }
        let days = age == 0 ? "today" : age == 1 ? "1 day ago" : "\(age) days ago"
        return "\(created.description.prefix(10)), \(days)"
    }

    /// A table for a pull request or an issue.
    package var markdown: [String] {
        let head = "| image | base | state | age | support | packages |"
        let rows = rows.map { row in
            let base = row.line == nil ? row.base : row.base.map { "\($0)" }
            var state = "**\(row.verdict(at: now).rawValue)**"
            if let words = row.name?.words { state += "<br>\(words.escapedForMarkdown)" }
            if let change = row.change { state += "<br>new base: \(change.words)" }
            for unknown in row.unknowns { state += "<br>unknown: \(unknown.escapedForMarkdown)" }
            let cells = [
                row.title.escapedForMarkdown, base?.escapedForMarkdown ?? "–", state,
                row.age(at: now).map { $0 == 1 ? "1 day" : "\($0) days" } ?? "–",
                row.support(at: now)?.escapedForMarkdown ?? "–", packages(row),
            ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
        return [head, "|---|---|---|---|---|---|"] + rows + ["", summary]
    }

    private func packages(_ row: UpkeepRow) -> String {
        guard let updates = row.updates else { return "–" }
        guard !updates.isEmpty else { return "newest" }
        let list = updates.prefix(Self.mostPackages).map { update in
            let words = "\(update.name) \(update.old) → \(update.new)".escapedForMarkdown
            return update.isSecurity ? "**\(words)** (security)" : words
        }
        return list.joined(separator: "<br>")
            + (updates.count > list.count ? "<br>and \(updates.count - list.count) more" : "")
    }
}

extension [PackageUpdates.Update] {
    fileprivate var words: String {
        if isEmpty { return "no newer versions" }
        let security = count { $0.isSecurity }
        return (count == 1 ? "1 has a newer version" : "\(count) have newer versions")
            + (security == 0
                ? ""
                : ", \(security == count ? (count == 1 ? "a" : "all") : "\(security)") security update\(security == 1 ? "" : "s")")
    }
}

extension BaseChange.Package {
    /// `libc6 1 → 2`.
    package var words: String {
        switch (old, new) {
        case (let old?, let new?): "\(name) \(old) → \(new)"
        case (nil, let new?): "\(name) \(new), new"
        case (let old?, nil): "\(name) \(old), no longer there"
        case (nil, nil): name
        }
    }
}

extension UpkeepRow {
    /// The image and its platform, or the file with its line and the name in it.
    package var title: String {
        guard let line else { return subject + (platform.map { " \($0)" } ?? "") }
        return "\(subject):\(line) " + String((base ?? place ?? "").prefix { $0 != "@" })
    }

    /// Until when there are security updates, and of whom.
    func support(at now: Timestamp) -> String? {
        guard let endOfLife else { return nil }
        switch endOfLife.phase(at: now) {
        case .regular:
            return "\(endOfLife.name) until \(endOfLife.date)"
                + (endOfLife.longTermDate.map { ", long-term until \($0)" } ?? "")
        case .longTerm:
            return "\(endOfLife.name) has long-term support alone since \(endOfLife.date), until \(endOfLife.lastDate)"
        case .ended: return "\(endOfLife.name) has had none since \(endOfLife.lastDate)"
        }
    }
}

extension NameState {
    /// In one line; `nil` if there is nothing to say beside why it is not known.
    var words: String? {
        switch self {
        case .current(let digest): "still \(digest)"
        case .moved(let old?, let new): "moved from \(old) to \(new)"
        case .moved(nil, let new): "moved to \(new)"
        case .unpinned(let digest): "not pinned, now \(digest)"
        case .fixed: "a digest alone"
        case .unknown: nil
        }
    }
}

extension String {
    /// Without what Markdown and HTML would read as theirs, on one line.
    var escapedForMarkdown: String {
        var text = ""
        for character in self.escapedForTerminal {
            switch character {
            case "|", "*", "_", "`", "[", "]", "\\", "#", "~": text += "\\\(character)"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "&": text += "&amp;"
            case "@": text += "&#64;"
            case "\n", "\r", "\r\n": text += " "
            default: text.append(character)
            }
        }
        return text
    }
}
