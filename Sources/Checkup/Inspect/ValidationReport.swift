import Check
package import Diagnostics
package import OCI

/// What a validation found.
package struct ValidationReport: Sendable {
    /// What is wrong; nothing in a sound image.
    package let findings: [Diagnostic]
    private let imageCount: Int
    private let blobCount: Int
    private let blobSize: Int64
    private let elsewhereCount: Int

    init(_ validator: ImageValidator) {
        findings = validator.findings
        imageCount = validator.imageCount
        blobCount = validator.blobCount
        blobSize = validator.blobSize
        elsewhereCount = validator.elsewhereCount
    }

    /// For a person, in one line.
    package var summary: String {
        let images = imageCount == 1 ? "1 image" : "\(imageCount) images"
        var read = "\(images), \(blobCount) blobs, \(ByteCount(blobSize)) read"
        if elsewhereCount > 0 { read += "; \(elsewhereCount) not distributed with the image, and not read" }
        return findings.isEmpty
            ? "valid: \(read)" : "\(findings.count) \(findings.count == 1 ? "finding" : "findings"): \(read)"
    }

    /// For a program.
    package var json: JSON {
        [
            "valid": .bool(findings.isEmpty),
            "images": .int(imageCount),
            "blobs": .int(blobCount),
            "bytes": .int(blobSize),
            "findings": .array(findings.map(\.json)),
        ]
    }
}
