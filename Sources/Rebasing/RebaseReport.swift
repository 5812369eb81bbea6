package import Build
import Diagnostics
import Findings
package import Images
import Layers
package import OCI
import Stack

/// What became of images that were put on another base.
package struct RebaseReport: Sendable {
    let images: RebasedImages
    /// As the user named the new base.
    private let base: String
    /// `nil` if the images were put nowhere.
    let copy: CopyReport?
    /// Digest of the manifest or index.
    private let digest: Digest
    /// Names under which the image is already, where nothing was written.
    let names: [Reference]
    private let attached: [BuildStatement]

    /// - Parameters:
    ///   - base: as the user named it.
    ///   - copy: where the images are now; `nil` if nothing was written.
    ///   - names: names that they have already, if nothing was written for that reason.
    ///   - attached: what was said about them where they are.
    package init(
        _ images: RebasedImages,
        onto base: String,
        digest: Digest,
        _ copy: CopyReport? = nil,
        names: [Reference] = [],
        attached: [BuildStatement] = []
    ) {
        self.images = images
        self.base = base
        self.digest = digest
        self.copy = copy
        self.names = names
        self.attached = attached
    }

    /// `REFERENCE@sha256:…` for each name, or the digest alone: what other programs are given.
    package var references: [String] {
        if let copy { return copy.references }
        return names.isEmpty ? [digest.description] : names.map { "\($0.text)@\(digest)" }
    }

    /// For a person, in lines.
    package var text: [String] {
        let said = attached.compactMap(\.line)
        if images.isUnchanged { return ["\(images.name) is on `\(base)` already: nothing changes"] + said }
        var lines = images.images.flatMap(lines)
        if !images.leftEntries.isEmpty {
            lines.append("build records of the old image stay behind: \(images.leftEntries.count)")
        }
        return lines + said
    }

    private func lines(_ image: RebasedImage) -> [String] {
        let platform = image.platform.description
        guard !image.isUnchanged else { return ["\(platform)  on this base already: nothing changes"] }
        let own = image.ownLayers
        let kept = own.count == 1 ? "1 layer of the image stays" : "\(own.count) layers of the image stay"
        let old = image.oldBase
        return [
            "\(platform)  \(Self.count(old.layerCount)) of \(old.name) → \(Self.count(image.base.layers.count)) of \(base)",
            "  \(kept) as \(own.count == 1 ? "it is" : "they are"): \(ByteCount(own.totalSize))",
            "  the old base: \(old.how)",
        ] + image.changes.map { "  \($0)" }
    }

    private static func count(_ layers: Int) -> String { layers == 1 ? "1 layer" : "\(layers) layers" }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["from"] = .string(images.originalDigest.description)
        json["digest"] = .string(digest.description)
        json["references"] = .strings(references)
        json["changed"] = .bool(!images.isUnchanged)
        json["written"] = .bool(copy != nil)
        json["images"] = .array(
            images.images.enumerated().map { place, image in
                var entry = JSONObject()
                entry["platform"] = .string(image.platform.description)
                entry["from"] = .string(image.original.digest.description)
                entry["digest"] = .string(image.manifest.descriptor.digest.description)
                entry["changed"] = .bool(!image.isUnchanged)
                entry["oldBase"] = image.oldBase.json
                entry["newBase"] = image.newBaseJSON(base)
                entry["keptLayers"] = .array(
                    image.ownLayers.map { ["digest": .string($0.digest.description), "size": .int($0.size)] }
                )
                entry["configuration"] = .strings(image.changes)
                if images.hidden.indices.contains(place) {
                    entry["hidden"] = .strings(images.hidden[place].paths.prefix(Self.most).map(\.description))
                }
                if images.findings.indices.contains(place) {
                    entry["findings"] = .array(images.findings[place].map(\.json))
                }
                return .object(entry)
            }
        )
        json["attached"] = attached.json
        return .object(json)
    }

    /// Hidden files beyond these are not listed.
    private static let most = 1000
}

extension RebasedImage {
    package var platform: Platform { original.platform }

    /// What of the configuration is not as it was.
    var changes: [String] {
        isUnchanged ? [] : ConfigurationChange.list(from: original.config.content, to: config.content)
    }

    fileprivate func newBaseJSON(_ name: String) -> JSON {
        var json = JSONObject()
        json["name"] = .string(name)
        json["reference"] = base.reference.map { .string($0) }
        json["digest"] = .string(base.manifest.digest.description)
        json["layers"] = .int(base.layers.count)
        return .object(json)
    }
}

extension OldBase {
    /// As the image or the user named it.
    var name: String { (origin.name ?? origin.digest?.description ?? "the old base").excerpt }

    fileprivate var json: JSON {
        var json = JSONObject()
        json["name"] = origin.name.map { .string($0) }
        json["digest"] = origin.digest.map { .string($0.description) }
        json["layers"] = .int(layerCount)
        json["foundBy"] = .string(origin.evidence.word)
        json["proved"] = .bool(origin.standing == .proved)
        return .object(json)
    }
}

extension BaseOrigin.Evidence {
    /// For a program.
    package var word: String {
        switch self {
        case .named: "option"
        case .claim(let source): source.rawValue
        case .commonLayers: "commonLayers"
        case .packages: "packages"
        }
    }
}
