package import Findings
package import OCI

/// An image that is where it was to go: what other programs are given of it.
package struct DeliveredImage: Sendable {
    /// The image of one platform.
    package struct Part: Sendable {
        package let platform: Platform
        package let manifest: Descriptor
        package let config: Descriptor
        package let layers: [Layer]

        package init(platform: Platform, manifest: Descriptor, config: Descriptor, layers: [Layer]) {
            (self.platform, self.manifest, self.config, self.layers) = (platform, manifest, config, layers)
        }

        /// Size of the layers as they are stored, in bytes.
        var size: Int64 { layers.map(\.size).totalClamped }
    }

    /// A layer, and what it is for.
    package struct Layer: Sendable {
        package let size: Int64
        package let purpose: String

        package init(size: Int64, purpose: String) { (self.size, self.purpose) = (size, purpose) }
    }

    /// What a file of images calls it; `nil` if no file does.
    package let name: String?
    /// The manifest, or the index of several.
    package let top: Descriptor
    /// References with tags, as they were asked for.
    package let names: [String]
    /// Empty where only the top is known, such as of a copy.
    package let parts: [Part]
    package let findings: [Finding]

    package init(
        _ top: Descriptor,
        called name: String? = nil,
        names: [String],
        parts: [Part] = [],
        findings: [Finding] = []
    ) {
        (self.name, self.top, self.names, self.parts, self.findings) = (name, top, names, parts, findings)
    }

    /// `REFERENCE@sha256:…` for each name, or the digest alone; never empty.
    package var references: [String] {
        names.isEmpty ? [top.digest.description] : names.map { "\($0)@\(top.digest)" }
    }

    /// The configuration, if the image is of one platform.
    var config: Descriptor? { parts.count == 1 ? parts[0].config : nil }

    /// Size of the layers of all platforms as they are stored, in bytes; `nil` if they are not known.
    var size: Int64? { parts.isEmpty ? nil : parts.map(\.size).totalClamped }

    /// The image among others.
    package func named(_ name: String) -> DeliveredImage {
        DeliveredImage(top, called: name, names: names, parts: parts, findings: findings)
    }

    /// The document that buildx writes with `--metadata-file`.
    var metadata: JSONObject {
        var json = JSONObject()
        json["containerimage.config.digest"] = config.map { .string($0.digest.description) }
        var descriptor = JSONObject()
        descriptor["mediaType"] = .string(top.mediaType.rawValue)
        descriptor["digest"] = .string(top.digest.description)
        descriptor["size"] = .int(top.size)
        json["containerimage.descriptor"] = .object(descriptor)
        json["containerimage.digest"] = .string(top.digest.description)
        json["image.name"] = names.isEmpty ? nil : .string(names.joined(separator: ","))
        return json
    }
}

extension [Int64] {
    /// The sum; they are others' numbers.
    fileprivate var totalClamped: Int64 { reduce(0) { $0.addingClamped($1) } }
}
