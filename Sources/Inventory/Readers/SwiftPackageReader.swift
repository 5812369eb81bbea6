package import Diagnostics
package import Findings
import Layers
import OCI

/// Packages of Swift: a `Package.resolved` that lies in the image, such as that of a checkout that was packed as it is.
package enum SwiftPackageReader: PackageReader {
    private static let limit: Int64 = 16 << 20

    package static func isRecord(_ entry: RootEntry) -> Bool { entry.path.name.elementsEqual("Package.resolved".utf8) }

    package static func read(
        _ records: [RootEntry],
        of root: some ImageRoot,
        into draft: inout InventoryDraft
    ) throws(Diagnostic) {
        try draft.readJSON(records, of: root, upTo: limit, "a record of Swift packages") { json, record, draft in
            for component in SwiftPins.components(of: json) ?? [] { draft.add(component, at: record.path) }
        }
    }
}
