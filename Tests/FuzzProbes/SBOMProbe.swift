import Diagnostics
import Findings
import Inventory
import OCI

@testable import SBOM
@testable import ScannerView

/// Bills of materials of other makers, to be checked and to be added to ours; and package URLs.
enum SBOMProbe {
    static func read(_ bytes: [UInt8]) {
        if let document = try? ScannedDocument(parsing: bytes, named: "probe") {
            let check = ScannerCheck(document)
            for scanner in Scanner.allCases {
                require((0...check.packages).contains(check.seen(by: scanner)), "a scanner sees more than there is")
            }
            for finding in check.findings { _ = finding.diagnostic }
        }
        if let added = try? AddedDocument(bytes, named: "probe") {
            require(!added.components.isEmpty, "nothing is added")
            InventoryProbe.checkDocuments(of: Inventory().adding([added]))
        }
        let text = String(decoding: bytes.prefix(512), as: UTF8.self)
        if let url = PackageURL(parsing: text) {
            require(PackageURL(parsing: url.description) == url, "a package URL is not read as it was written")
            require((try? ReadPackageURL(parsing: url.description)) != nil, "scanners do not read a package URL")
        }
        _ = try? ReadPackageURL(parsing: text)
    }
}
