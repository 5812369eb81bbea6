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

    /// For a person, in lines.
    package var text: [String] {
        let sent = plan.steps.lazy.filter { $0.action == .uploads }.map(\.blob).totalSize
        return ["\(name.normalized) as \(plan.credential)"]
            + plan.steps.map { step in
                let what =
                    switch step.action {
                    case .exists: "exists"
                    case .mounts(let source): "mount from \(source)"
                    case .uploads: "upload"
                    }
                return "  \(ByteCount(step.blob.size).padded)  \(step.blob.digest)  \(what)"
            } + ["  \(ByteCount(sent)) to send"]
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
