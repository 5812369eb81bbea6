import Diagnostics
import Findings
import Layers
import OCI

@testable import ELF
@testable import Inventory
@testable import SBOM
@testable import ScannerView

/// The records of all package managers, and the documents that are written of what they say.
///
/// An input is one or more files, with two bytes FF between them: a byte for the path of each, and its content.
enum InventoryProbe {
    /// In the order of the first byte's values.
    private static let paths = [
        "/var/lib/dpkg/status", "/var/lib/dpkg/status.d/a", "/var/lib/dpkg/status.d/a.md5sums", "/etc/os-release",
        "/app/package.json", "/app/node_modules/a/package.json", "/app/node_modules/@a/b/package.json",
        "/app/site-packages/a-1.dist-info/METADATA", "/app/site-packages/b.egg-info/PKG-INFO",
        "/app/specifications/a-1.0.gemspec", "/app/a.deps.json", "/app/vendor/composer/installed.json", "/app/a-1.jar",
        "/app/b.war", "/app/program", "/app/node_modules/a/node_modules/b/package.json",
    ]
    /// Names that are not paths: what Go's linker notes, and how it says which toolchain it was.
    private static let goModules = UInt8(paths.count)
    private static let count = UInt8(paths.count + 1)

    static func read(_ bytes: [UInt8]) {
        var files = [(path: String, content: [UInt8])]()
        var draft = InventoryDraft()
        for part in split(bytes).prefix(16) {
            guard let first = part.first else { continue }
            let content = Array(part.dropFirst())
            guard first % count != goModules else {
                let lines = String(decoding: content, as: UTF8.self)
                let version = String(lines.prefix { !$0.isNewline })
                ModuleComponents.add(
                    GoBuildInfo(version: version, moduleInformation: lines),
                    at: EntryPath(normalizing: "/app/go"),
                    to: &draft
                )
                continue
            }
            files.append((paths[Int(first % count)], content))
        }
        guard let inventory = try? Inventory(of: ProbeRoot(files)) else { return }
        if files.count > 1 {
            let other = try? Inventory(of: ProbeRoot(files.reversed()))
            let isOnce = Set(files.map(\.path)).count == files.count
            require(!isOnce || other == inventory, "an inventory depends on the order of files")
        }
        checkDocuments(of: .union([inventory, Inventory(components: draft.finished)]))
    }

    private static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var parts = [ArraySlice<UInt8>]()
        var start = 0
        var index = 0
        while index + 1 < bytes.count {
            if bytes[index] == 0xFF, bytes[index + 1] == 0xFF {
                parts.append(bytes[start..<index])
                index += 2
                start = index
            } else {
                index += 1
            }
        }
        return parts + [bytes[start...]]
    }

    /// What may not be wrong with a document of coracle's, whatever the records say.
    private static let forbidden: Set = [
        "sbom.schema", "sbom.identifier-invalid", "sbom.identifier-twice", "sbom.reference-dangling",
        "sbom.url-malformed", "sbom.version-unknown", "sbom.no-root",
    ]

    /// Both documents of an inventory are read as what was written.
    static func checkDocuments(of inventory: Inventory) {
        let subject = SBOMSubject(
            .image,
            name: "probe",
            digest: Digest(sha256Of: [0]),
            created: Timestamp(secondsSince1970: 0)
        )
        for format in SBOMFormat.allCases {
            let document = SBOMDocument(inventory, of: subject, as: format, by: "1")
            let read: ScannedDocument
            do throws(Diagnostic) {
                read = try ScannedDocument(parsing: document.bytes, named: "probe")
            } catch {
                fatalError("a document that was written cannot be read: \(error.reason ?? error.summary)")
            }
            for finding in ScannerCheck(read).findings where forbidden.contains(finding.rule.code) {
                fatalError("a document that was written has \(finding.rule.code): \(finding.summary)")
            }
            require(read.elements.count >= inventory.components.count, "a document lacks packages")
        }
    }
}
