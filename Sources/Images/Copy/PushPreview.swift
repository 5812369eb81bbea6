import Diagnostics
package import OCI
import Registry

/// What a push would send, and what it would not have to.
package struct PushPreview: Sendable {
    private let name: Reference
    private let plan: PushPlan

    init(_ name: Reference, _ plan: PushPlan) {
        self.name = name
        self.plan = plan
    }

    /// A blob or a manifest, and what happens to it, in words.
    package struct Step: Sendable {
        package let blob: Descriptor
        package let words: String
        /// Whether its bytes go over the line.
        package let isSent: Bool
    }

    /// As it was named.
    package var reference: Reference { name }

    /// In the order of a push: blobs, then manifests.
    package var steps: [Step] {
        plan.steps.map { step in
            switch step.action {
            case .exists: Step(blob: step.blob, words: "exists", isSent: false)
            case .mounts(let source): Step(blob: step.blob, words: "mount from \(source)", isSent: false)
            case .uploads: Step(blob: step.blob, words: "upload", isSent: true)
            }
        }
    }

    /// Size of all that is sent, in bytes.
    package var sentSize: Int64 { steps.lazy.filter(\.isSent).map(\.blob).totalSize }

    /// For a person, in lines.
    package var text: [String] {
        ["\(name.normalized) as \(plan.credential)"]
            + steps.map { "  \(ByteCount($0.blob.size).padded)  \($0.blob.digest)  \($0.words)" }
            + ["  \(ByteCount(sentSize)) to send"]
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["name"] = .string(name.normalized)
        json["credential"] = .string(plan.credential)
        json["blobs"] = .array(
            plan.steps.map { step in
                var entry = JSONObject()
                entry["digest"] = .string(step.blob.digest.description)
                entry["mediaType"] = .string(step.blob.mediaType.rawValue)
                entry["size"] = .int(step.blob.size)
                switch step.action {
                case .exists: entry["step"] = "exists"
                case .uploads: entry["step"] = "upload"
                case .mounts(let source):
                    entry["step"] = "mount"
                    entry["from"] = .string(source.description)
                }
                return .object(entry)
            }
        )
        return .object(json)
    }
}
