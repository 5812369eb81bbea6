package import Diagnostics
package import Findings
import Layers

/// Ruby's gems: `specifications/NAME-VERSION.gemspec`, Ruby code that RubyGems writes itself, and that is not run here.
package enum GemReader: PackageReader {
    private static let limit: Int64 = 1 << 20

    package static func isRecord(_ entry: RootEntry) -> Bool {
        guard entry.path.name.hasSuffix(".gemspec"), let parent = entry.path.parent else { return false }
        return parent.name.elementsEqual("specifications".utf8)
            || (parent.name.elementsEqual("default".utf8)
                && parent.parent?.name.elementsEqual("specifications".utf8) == true)
    }

    package static func read(
        _ records: [RootEntry],
        of root: some ImageRoot,
        into draft: inout InventoryDraft
    ) throws(Diagnostic) {
        var gems: [String: Component.Key] = [:]
        var wishes = [(key: Component.Key, names: [String])]()
        for record in records {
            guard let bytes = try draft.bytes(of: record, in: root, upTo: limit) else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            let lines = text.split(separator: "\n").map { $0.drop { $0 == " " } }
            let stem = String(decoding: record.path.name.dropLast(".gemspec".utf8.count), as: UTF8.self)
            guard let (name, version, platform) = name(stem, lines) else {
                draft.remark(
                    .inventoryRecordMalformed,
                    "a record of a gem cannot be read",
                    record.path,
                    because: "neither it nor its name has a name and a version"
                )
                continue
            }
            let url = PackageURL("gem", name: name, version: version, qualifiers: ["platform": platform])
            var component = Component(name, version, url, as: .installed)
            component.knowsDependencies = true
            let licences = lines.first { $0.hasPrefix("s.licenses = ") }.map(strings) ?? []
            if !licences.isEmpty { component.licence = Component.Licence(saying: licences.joined(separator: " OR ")) }
            if let author = lines.first(where: { $0.hasPrefix("s.authors = ") }).map(strings)?.first {
                component.supplier = .person(author)
            }
            draft.add(component, at: record.path)
            gems[name] = component.key
            wishes.append((component.key, lines.compactMap(dependency)))
        }
        for wish in wishes { draft.add(wish.names.compactMap { gems[$0] }, to: wish.key) }
    }

    /// As the record says, else as its file is called.
    private static func name(_ stem: String, _ lines: [Substring]) -> (String, String, platform: String?)? {
        func value(_ key: String) -> String? {
            lines.first { $0.hasPrefix("s.\(key) = ") }.map(strings)?.first
        }
        let parts = stem.split(separator: "-")
        let index = parts.firstIndex { $0.first?.isNumber == true && $0.contains(".") }
        let name = value("name") ?? index.map { parts[..<$0].joined(separator: "-") } ?? ""
        let version = value("version") ?? index.map { String(parts[$0]) } ?? ""
        guard PackageName.isPlausible(name), PackageName.isPlausible(version) else { return nil }
        let rest = stem.hasPrefix("\(name)-\(version)-") ? String(stem.dropFirst(name.count + version.count + 2)) : nil
        return (name, version, rest)
    }

    /// The texts in double quotes.
    private static func strings(_ line: Substring) -> [String] {
        line.split(separator: "\"", omittingEmptySubsequences: false).enumerated().compactMap { index, part in
            index % 2 == 1 ? String(part) : nil
        }
    }

    /// `NAME` of `s.add_runtime_dependency(%q<NAME>.freeze, …)`.
    private static func dependency(_ line: Substring) -> String? {
        guard line.hasPrefix("s.add_runtime_dependency(%q<") || line.hasPrefix("s.add_dependency(%q<"),
            let start = line.firstIndex(of: "<"), let end = line.firstIndex(of: ">"), start < end
        else { return nil }
        return String(line[line.index(after: start)..<end])
    }
}
