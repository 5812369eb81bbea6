package import Diagnostics
package import Findings
import Layers
import OCI

/// Packages of PHP: `vendor/composer/installed.json`, which Composer writes in two forms.
package enum ComposerReader: PackageReader {
    private static let limit: Int64 = 32 << 20

    package static func isRecord(_ entry: RootEntry) -> Bool {
        entry.path.name.elementsEqual("installed.json".utf8)
            && entry.path.parent?.name.elementsEqual("composer".utf8) == true
    }

    package static func read(
        _ records: [RootEntry],
        of root: some ImageRoot,
        into draft: inout InventoryDraft
    ) throws(Diagnostic) {
        try draft.readJSON(records, of: root, upTo: limit, "a record of PHP packages") { json, record, draft in
            // Composer 1 writes the list alone.
            read(json.arrayValue ?? json["packages"]?.arrayValue ?? [], record, &draft)
        }
    }

    private static func read(_ packages: [JSON], _ record: RootEntry, _ draft: inout InventoryDraft) {
        var keys: [String: Component.Key] = [:]
        var wishes = [(key: Component.Key, names: [String])]()
        for package in packages {
            guard let name = package["name"]?.stringValue, let version = package["version"]?.stringValue,
                PackageName.isPlausible(name), PackageName.isPlausible(version)
            else {
                draft.remark(
                    .inventoryRecordMalformed,
                    "a record of PHP packages has one that cannot be used",
                    record.path,
                    because: "it has no name, or no version"
                )
                continue
            }
            let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
            let url = PackageURL(
                "composer",
                namespace: parts.count == 2 ? parts[0].lowercased() : "",
                name: (parts.last ?? name).lowercased(),
                version: version
            )
            var component = Component(name, version, url, as: .installed)
            component.knowsDependencies = true
            if parts.count == 2 { component.supplier = .organization(parts[0]) }
            // Several licences are a choice.
            let licences = (package["license"]?.arrayValue ?? []).compactMap(\.stringValue)
            if !licences.isEmpty { component.licence = Component.Licence(saying: licences.joined(separator: " OR ")) }
            draft.add(component, at: record.path)
            keys[name.lowercased()] = component.key
            wishes.append((component.key, package["require"]?.objectValue?.keys.map { $0.lowercased() } ?? []))
        }
        for wish in wishes { draft.add(wish.names.compactMap { keys[$0] }, to: wish.key) }
    }
}
