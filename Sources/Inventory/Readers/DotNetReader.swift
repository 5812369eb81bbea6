package import Diagnostics
package import Findings
import Layers
import OCI

/// Packages of NuGet that a .NET program runs with, and its own projects: `NAME.deps.json`, which the .NET host reads, too.
package enum DotNetReader: PackageReader {
    private static let limit: Int64 = 16 << 20
    private static let members: Set<String> = ["runtimeTarget", "targets", "libraries"]
    /// Members of a library in a target that name files; without any, nothing of it is in the image.
    private static let contents = ["runtime", "runtimeTargets", "native", "resources"]

    package static func isRecord(_ entry: RootEntry) -> Bool { entry.path.name.hasSuffix(".deps.json") }

    package static func read(
        _ records: [RootEntry],
        of root: some ImageRoot,
        into draft: inout InventoryDraft
    ) throws(Diagnostic) {
        try draft.readJSON(records, of: root, upTo: limit, keeping: members, "a record of a .NET program", read)
    }

    private static func read(_ json: JSON, _ record: RootEntry, _ draft: inout InventoryDraft) {
        let targets = json["targets"]?.objectValue ?? JSONObject()
        // The named target counts, which is for this kind of machine.
        let target =
            (json["runtimeTarget"]?["name"]?.stringValue ?? json["runtimeTarget"]?.stringValue).flatMap { targets[$0] }
            ?? (targets.members.count == 1 ? targets.members.first?.value : nil)
        let entries = target?.objectValue
        var keys: [String: Component.Key] = [:]
        for (label, library) in json["libraries"]?.objectValue?.members ?? [] {
            let type = library["type"]?.stringValue?.lowercased()
            guard type == "package" || type == "project", let slash = label.lastIndex(of: "/") else { continue }
            if let entry = entries?[label], !contents.contains(where: { entry[$0]?.objectValue?.isEmpty == false }) {
                continue
            }
            let (name, version) = (String(label[..<slash]), String(label[label.index(after: slash)...]))
            guard PackageName.isPlausible(name), PackageName.isPlausible(version) else {
                draft.remark(
                    .inventoryRecordMalformed,
                    "a record of a .NET program names what cannot be a package",
                    record.path,
                    because: "`\(label.excerpt)` is not a name and a version"
                )
                continue
            }
            let url = PackageURL("nuget", name: name, version: version)
            var component = Component(name, version, url, as: type == "project" ? .mainModule : .installed)
            component.knowsDependencies = entries != nil
            draft.add(component, at: record.path)
            keys[name] = component.key
        }
        for (label, entry) in entries?.members ?? [] {
            guard let slash = label.lastIndex(of: "/"), let key = keys[String(label[..<slash])] else { continue }
            draft.add((entry["dependencies"]?.objectValue?.keys ?? []).compactMap { keys[$0] }, to: key)
        }
    }
}
