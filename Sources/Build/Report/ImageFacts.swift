import Diagnostics
import OCI
import Plan
import Request

/// What is known of one image that was built.
struct ImageFacts: Hashable, Sendable {
    let platform: Platform
    /// What the platform was read from.
    let evidence: String
    /// `nil` for an image on `scratch`.
    let base: BaseLayers?
    let needs: NeedsReport
    /// `nil` if there is no runtime layer.
    let runtime: RuntimeReport?
    let manifest: Descriptor
    let config: Descriptor
    /// As the configuration says it.
    let user: String
    /// Those above the base's, the lowest first.
    let layers: [LayerFacts]
}

extension ImageFacts {
    init(_ planned: BuildPlan.Image, _ image: AssembledImages.Image, _ all: [PlannedLayer]) {
        platform = image.platform
        evidence = planned.evidence
        base = planned.base.map { BaseLayers($0) }
        needs = NeedsReport(planned.needs)
        runtime = planned.runtime
        manifest = image.manifest.descriptor
        config = image.config.descriptor
        user = image.config.content.config.user ?? ""
        layers = zip(zip(planned.layers, image.layers), image.provenance).map { layer, provenance in
            LayerFacts(all[layer.0], at: layer.0, written: layer.1, provenance)
        }
    }

    /// For a person.
    func lines(_ detail: LayerFacts.Detail) -> [String] {
        let count = layers.count + (base?.layers.count ?? 0)
        let own = layers.reduce(Int64(0)) { $0 + min($1.size, .max - $0) }
        let size = min(own, .max - (base?.size ?? 0)) + (base?.size ?? 0)
        var lines = ["  \(platform)  \(ByteCount(size)) in \(count == 1 ? "1 layer" : "\(count) layers"), user \(user)"]
        if let base { lines.append("    \(base.line)") }
        var parts = runtime?.lines(.asStored) ?? []
        for layer in layers {
            lines.append("    \(layer.line(detail))")
            guard layer.isRuntime else { continue }
            lines += parts.map { "               \($0)" }
            // What the user needs is another such layer, and no part of this list.
            parts = []
        }
        return lines + (needs.line.map { ["    program      \($0)"] } ?? [])
    }

    /// For a program.
    func json(_ files: [[LayerFile]]?) -> JSONObject {
        var json = JSONObject()
        json["platform"] = .string(platform.description)
        json["platformEvidence"] = .string(evidence)
        json["base"] = base?.json
        json["program"] = needs.makerJSON
        json["needs"] = needs.json
        json["runtime"] = runtime?.json
        json["manifest"] = Self.json(manifest)
        json["config"] = Self.json(config)
        json["layers"] = .array(
            layers.map { layer in
                .object(layer.json(files.flatMap { $0.indices.contains(layer.index) ? $0[layer.index] : nil }))
            }
        )
        return json
    }

    private static func json(_ descriptor: Descriptor) -> JSON {
        ["digest": .string(descriptor.digest.description), "size": .int(descriptor.size)]
    }
}
