import Diagnostics
import OCI
import Stack

/// What an image stands on, for reports.
struct BaseLayers: Hashable, Sendable {
    /// As the user named it.
    let name: String
    /// The full reference; `nil` if there is none.
    let reference: String?
    /// The digest of the manifest for the platform.
    let digest: Digest
    let platform: Platform
    let layers: [Descriptor]

    /// Size of all layers as they are stored, in bytes.
    var size: Int64 { layers.reduce(0) { $0 + min($1.size, .max - $0) } }

    /// For a person.
    var line: String {
        let count = layers.count == 1 ? "1 layer" : "\(layers.count) layers"
        return "\(ByteCount(size).padded)  base \(name): \(count)"
    }

    /// For a program.
    var json: JSON {
        var json = JSONObject()
        json["name"] = .string(name)
        json["reference"] = reference.map { .string($0) }
        json["digest"] = .string(digest.description)
        json["platform"] = .string(platform.description)
        json["layers"] = .array(
            layers.map { ["digest": .string($0.digest.description), "size": .int($0.size)] }
        )
        return .object(json)
    }
}

extension BaseLayers {
    init(_ base: Base) {
        name = base.name
        reference = base.reference
        digest = base.manifest.digest
        platform = base.platform
        layers = base.layers
    }
}
