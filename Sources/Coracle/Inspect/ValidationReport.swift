import Check
public import Diagnostics
public import OCI

/// What a validation found.
public struct ValidationReport: Sendable {
    /// What is wrong; nothing in a sound image.
    public let findings: [Diagnostic]
    private let imageCount: Int
    private let blobCount: Int
    private let blobSize: Int64

    init(_ validator: ImageValidator) {
        findings = validator.findings
        imageCount = validator.imageCount
        blobCount = validator.blobCount
        blobSize = validator.blobSize
    }

    /// For a person, in one line.
    public var summary: String {
        let images = imageCount == 1 ? "1 image" : "\(imageCount) images"
        let read = "\(images), \(blobCount) blobs, \(ByteCount(blobSize)) read"
        return findings.isEmpty
            ? "valid: \(read)" : "\(findings.count) \(findings.count == 1 ? "finding" : "findings"): \(read)"
    }

    /// For a program.
    public var json: JSON {
        [
            "valid": .bool(findings.isEmpty),
            "images": .int(imageCount),
            "blobs": .int(blobCount),
            "bytes": .int(blobSize),
            "findings": .array(findings.map(\.json)),
        ]
    }
}

extension Diagnostic {
    var json: JSON {
        var json = JSONObject()
        json["code"] = .string(code.rawValue)
        json["summary"] = .string(summary)
        json["at"] = subject.map { .string($0.description) }
        json["because"] = reason.map { .string($0) }
        json["hint"] = hint.map { .string($0) }
        return .object(json)
    }
}
