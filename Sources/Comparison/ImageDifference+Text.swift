import Diagnostics
import Layers
import OCI

extension ImageDifference {
    /// For a person, in lines.
    ///
    /// - Parameter most: number of fields, packages, files and layers that are shown of each; `nil` for all.
    package func text(atMost most: Int? = 20) -> [String] {
        var lines = [sentence]
        if let first { lines.append("First: \(first.text(namesPlatform: platforms.count > 1))") }
        for platform in onlyLeft { lines.append("Only \(left.name) has \(platform)") }
        for platform in onlyRight { lines.append("Only \(right.name) has \(platform)") }
        let shown = fields.filter { !ignored.contains($0.kind) }
        if !shown.isEmpty { lines += Self.section("index", shown.map(Self.line), most) }
        for difference in platforms where !difference.kinds(ignoring: ignored).isEmpty {
            lines.append("")
            lines.append("\(difference.platform)")
            lines += text(of: difference, most)
        }
        if left.digest == nil || right.digest == nil {
            lines.append("")
            lines.append(
                "Of a directory, owners, times, hard links, extended attributes and device numbers are not compared."
            )
        }
        return lines
    }

    private func text(of difference: PlatformDifference, _ most: Int?) -> [String] {
        var lines = [String]()
        let packages = difference.packages
        let width = packages.map(\.name.count).max().map { min($0, 40) } ?? 0
        let kinds = packages.map(\.ecosystem.count).max() ?? 0
        lines += Self.section(
            "packages",
            packages.map {
                "\($0.ecosystem.leftAligned(kinds))  \($0.name.leftAligned(width))  \($0.change)"
            },
            most
        )
        for gap in difference.gaps { lines.append("  note: \(gap)") }
        lines += Self.section("fields", difference.fields(ignoring: ignored).map(Self.line), most)
        var files = [String]()
        for file in difference.filesBySize.prefix(most ?? .max) { files += Self.lines(file) }
        if !files.isEmpty { lines += ["  files, by the size of the change"] + files.map { "    \($0)" } }
        let leftOut = difference.files.count - (most ?? .max) > 0 ? difference.files.count - (most ?? 0) : 0
        if leftOut + difference.filesLeftOut > 0 { lines.append("    and \(leftOut + difference.filesLeftOut) more") }
        lines += Self.section(
            "layers",
            difference.layers(ignoring: ignored).map { "[\($0.position + 1)] \($0.text)" },
            most
        )
        if let fetch = difference.fetch { lines.append("  to fetch: \(fetch.text)") }
        return lines
    }

    private static func section(_ title: String, _ lines: [String], _ most: Int?) -> [String] {
        guard !lines.isEmpty else { return [] }
        let shown = lines.prefix(most ?? .max).map { "    \($0)" }
        return ["  \(title)"] + shown + (lines.count > shown.count ? ["    and \(lines.count - shown.count) more"] : [])
    }

    private static func line(_ field: FieldDifference) -> String {
        func value(_ text: String?) -> String { text.map { "`\($0.excerpt)`" } ?? "nothing" }
        return "\(field.place): \(value(field.left)) → \(value(field.right))"
    }

    private static func lines(_ file: FileDifference) -> [String] {
        let size =
            (file.growth > 0 ? "+" : file.growth < 0 ? "-" : "")
            + "\(ByteCount(Int64(clamping: file.growth.magnitude)))"
        let target = file.change == .changed ? "" : (file.left ?? file.right)?.target ?? ""
        let path = file.path.description + (target.isEmpty ? "" : " -> \(target)")
        var lines = ["\(size.rightAligned(10))  \(file.change.rawValue.leftAligned(7))  \(path)"]
        let changes = file.changes + (file.elf?.changes ?? [])
        lines += changes.map { String(repeating: " ", count: 21) + $0 }
        return lines
    }
}
