package import Diagnostics
package import Findings
import Layers

/// Python's packages: `NAME-VERSION.dist-info/METADATA`, and the older `.egg-info`.
///
/// PyPA, "Core metadata specifications" and "Recording installed projects".
package enum PythonPackageReader: PackageReader {
    /// More of a record is not read: behind the fields at its start is a text for people.
    private static let limit: Int64 = 1 << 20

    package static func isRecord(_ entry: RootEntry) -> Bool {
        let name = entry.path.name
        if name.elementsEqual("METADATA".utf8) { return entry.path.parent?.name.hasSuffix(".dist-info") == true }
        if name.elementsEqual("PKG-INFO".utf8) { return entry.path.parent?.name.hasSuffix(".egg-info") == true }
        return name.hasSuffix(".egg-info")
    }

    package static func read(
        _ records: [RootEntry],
        of root: some ImageRoot,
        into draft: inout InventoryDraft
    ) throws(Diagnostic) {
        // By the directory with the packages, and the name as it is compared.
        var installed: [EntryPath: [String: Component.Key]] = [:]
        var wishes = [(place: EntryPath, key: Component.Key, names: [String])]()
        for record in records {
            guard record.size > 0,
                let bytes = try root.bytes(of: record, at: 0, count: Int(min(record.size, limit)))
            else { continue }
            let fields = Fields(bytes)
            guard let name = fields.first("name"), let version = fields.first("version"),
                PackageName.isPlausible(name), PackageName.isPlausible(version)
            else {
                draft.remark(
                    .inventoryRecordMalformed,
                    "a record of a package cannot be read",
                    record.path,
                    because: "it has no name, or no version"
                )
                continue
            }
            let component = component(name, version, fields)
            draft.add(component, at: record.path)
            check(name, version, record.path, &draft)
            let isDirectory = !record.path.name.hasSuffix(".egg-info")
            guard let place = isDirectory ? record.path.parent?.parent : record.path.parent else { continue }
            installed[place, default: [:]][normalized(name)] = component.key
            let names = fields.all("requires-dist").compactMap(requirement)
            if !names.isEmpty { wishes.append((place, component.key, names)) }
        }
        for wish in wishes { draft.add(wish.names.compactMap { installed[wish.place]?[$0] }, to: wish.key) }
    }

    private static func component(_ name: String, _ version: String, _ fields: Fields) -> Component {
        let url = PackageURL("pypi", name: name, version: version)
        var component = Component(name, version, url, as: .installed)
        component.knowsDependencies = true
        // An address alone is `Name <address>`.
        let names = ["author", "maintainer", "author-email", "maintainer-email"].lazy.compactMap { fields.first($0) }
        if let person = names.first(where: { $0.lowercased() != "unknown" }) {
            let text = person.split(separator: "<")[0].filter { $0 != "\"" }
            component.supplier = .person(text.isEmpty ? person : String(text))
        }
        if let text = fields.first("license-expression") ?? fields.first("license"), text.utf8.count <= 200 {
            component.licence = Component.Licence(saying: text)
        }
        return component
    }

    /// Compares with the directory's name, by which installers find packages.
    private static func check(_ name: String, _ version: String, _ path: EntryPath, _ draft: inout InventoryDraft) {
        guard let directory = path.parent?.name, directory.hasSuffix(".dist-info") else { return }
        let text = String(decoding: directory.dropLast(".dist-info".utf8.count), as: UTF8.self)
        guard let dash = text.lastIndex(of: "-") else { return }
        let (folderName, folderVersion) = (String(text[..<dash]), String(text[text.index(after: dash)...]))
        let isSame =
            normalized(folderName) == normalized(name)
            && folderVersion.replacing("_", with: "-").lowercased() == version.replacing("_", with: "-").lowercased()
        if !isSame {
            draft.remark(
                .inventoryRecordContradicts,
                "a record names another package than its directory",
                path,
                because: "it says `\(name)` \(version), and stands in `\(String(decoding: directory, as: UTF8.self))`"
            )
        }
    }

    /// PEP 503: letters without case; `-`, `_` and `.` are the same.
    private static func normalized(_ name: String) -> String {
        var text = ""
        for character in name.lowercased() {
            if "-_.".contains(character) {
                if text.last != "-" { text.append("-") }
            } else {
                text.append(character)
            }
        }
        return text
    }

    /// PEP 508: the name of what is needed; `nil` if it is needed only for an extra.
    private static func requirement(_ text: String) -> String? {
        let parts = text.split(separator: ";", maxSplits: 1)
        guard let first = parts.first, parts.count < 2 || !parts[1].contains("extra") else { return nil }
        let name = first.drop { $0 == " " }.prefix { $0.isLetter || $0.isNumber || "-_.".contains($0) }
        return name.isEmpty ? nil : normalized(String(name))
    }

    /// The fields at the start of a record, as of a mail: the text after the first empty line is for people.
    private struct Fields {
        private var values: [String: [String]] = [:]

        init(_ bytes: [UInt8]) {
            for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
                let line = line.last == 0x0D ? line.dropLast() : line
                if line.isEmpty { break }
                // A value that goes on: only texts do.
                guard line.first != 0x20, line.first != 0x09, let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
                    continue
                }
                let key = String(decoding: line[..<colon], as: UTF8.self).lowercased()
                let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
                values[key, default: []].append(String(decoding: value, as: UTF8.self))
            }
        }

        func first(_ key: String) -> String? { values[key]?.first.flatMap { $0.isEmpty ? nil : $0 } }

        func all(_ key: String) -> [String] { values[key] ?? [] }
    }
}
