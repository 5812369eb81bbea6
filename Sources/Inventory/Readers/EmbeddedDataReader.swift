import Diagnostics
import Findings
import Layers
import Rootfs

/// Certificates, time zones and media types that coracle puts into images: Debian's, and so said.
enum EmbeddedDataReader {
    /// Adds what `root` has of it and no package of its system owns.
    ///
    /// - Throws: what keeps the image from being read.
    static func read(
        _ root: some ImageRoot,
        ownedBySystem owned: Set<EntryPath>,
        into draft: inout InventoryDraft
    ) throws(Diagnostic) {
        guard EmbeddedData.paths.contains(where: { root[$0]?.kind == .file && !owned.contains($0) }) else { return }
        for data in try EmbeddedData.all() where !owned.contains(data.path) {
            guard let entry = root[data.path], entry.kind == .file, entry.size == Int64(data.content.count),
                try root.bytes(of: entry, at: 0, count: data.content.count) == data.content
            else { continue }
            // The image's system has no such package, so scanners are not to look it up there: its origin is a property.
            let url = PackageURL("generic", name: data.package, version: data.version)
            let origin = PackageURL(
                "deb",
                namespace: "debian",
                name: data.package,
                version: data.version,
                qualifiers: ["arch": "all", "distro": EmbeddedData.release]
            )
            var component = Component(data.package, data.version, url, as: .data)
            component.properties["debian.package"] = origin.description
            component.supplier = .organization("Debian")
            component.knowsDependencies = true
            draft.add(component, at: data.path)
        }
    }
}
