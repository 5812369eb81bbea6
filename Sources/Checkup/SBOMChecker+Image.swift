import Check
package import Diagnostics
package import Images
import OCI
import ScannerView
import Store

extension SBOMChecker {
    /// So many documents of an image are looked at; one of ten platforms has 22.
    private static let mostDocuments = 500

    /// Looks at all documents that hang on the image, on its index and on its platforms. Signatures are not checked.
    ///
    /// - Throws: `sbom.not-attached` if there is none, `sbom.unreadable`, `json.malformed`; what reading them throws.
    package func check(_ location: ImageLocation, _ access: ImageAccess) async throws(Diagnostic) -> SBOMReport {
        let provider = try access.provider(for: location)
        let tree = try await access.attached(to: location)
        var report = SBOMReport(documents: [])
        for subject in tree.subjects {
            var found = [SBOMReport.Document]()
            for node in subject.attached where node.isSBOM {
                for layer in (node.content?.layers ?? []).filter({ Self.isDocument($0, in: node) }) {
                    guard report.documents.count + found.count < Self.mostDocuments else {
                        throw Diagnostic(
                            .imageTooLarge,
                            "more than \(Self.mostDocuments) bills of materials hang on the image",
                            at: .image(tree.name)
                        )
                    }
                    var document = try document(try await Self.bytes(of: layer, provider), named: tree.name)
                    document.subject = subject.manifest.digest
                    document.digest = layer.digest
                    found.append(document)
                }
            }
            if found.isEmpty { report.missing.append(subject.manifest.digest) }
            report.documents += found
        }
        guard !report.documents.isEmpty else {
            throw Diagnostic(
                .sbomNotAttached,
                "no bill of materials hangs on `\(tree.name)`",
                at: .image(tree.name),
                because: "neither its index nor one of its platforms has a referrer or a tag of that kind",
                hint: "name the document's file, or attach it to the image first"
            )
        }
        return report
    }

    /// The layers that list packages, or do not say what they list; BuildKit and cosign put several into a manifest.
    private static func isDocument(_ layer: Descriptor, in node: AttachedTree.Node) -> Bool {
        let keys = ["predicateType", "in-toto.io/predicate-type", "dev.sigstore.bundle.predicateType"]
        guard let type = keys.lazy.compactMap({ layer.annotations?[$0] }).first else { return true }
        return type.hasPrefix("https://spdx.dev/Document") || type.hasPrefix("https://cyclonedx.org/bom")
    }

    private static func bytes(of layer: Descriptor, _ provider: any ImageProvider) async throws(Diagnostic) -> [UInt8] {
        guard layer.size <= ScannedDocument.limit else {
            throw Diagnostic(
                .sbomUnreadable,
                "the document \(layer.digest) is too large to be read",
                at: .image(provider.name),
                because: "it has \(layer.size) bytes, and at most \(ScannedDocument.limit) are read"
            )
        }
        let blob = try await provider.blob(layer).verified()
        return try blob.read(at: 0, count: Int(layer.size))
    }
}

extension Diagnostic.Code {
    static let sbomNotAttached = Self("sbom.not-attached", .notFound)
}
