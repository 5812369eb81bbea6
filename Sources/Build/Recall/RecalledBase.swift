import Diagnostics
import Images
import OCI
import Plan
import Stack
import Store

/// What the images of an earlier build stand on.
struct RecalledBase: Sendable {
    /// `nil` for where the request says.
    let location: ImageLocation?
    let platforms: [Platform]
    /// What the name stood for.
    let top: Digest
    /// The layers of all images.
    let layers: [Descriptor]
    /// Brings the layers; `nil` until it is known to have them.
    var provider: (any ImageProvider)?
}

extension RecalledBase {
    /// `nil` for a plan of images on `scratch`.
    init?(of plan: BuildPlan) async throws(Diagnostic) {
        let bases = plan.images.compactMap(\.base)
        guard let first = bases.first else { return nil }
        // A place is where the request says, whatever it is called; a choice from the catalogue is one of the planner's.
        if case .catalogue? = plan.baseLocation { location = plan.baseLocation } else { location = nil }
        platforms = plan.images.map(\.platform)
        top = try await first.provider.top().digest
        layers = bases.flatMap(\.layers)
    }

    var kept: JSON {
        var json = JSONObject()
        if case .catalogue(let name)? = location { json["catalogue"] = .string(name) }
        json["platforms"] = .array(platforms.map { .string($0.description) })
        json["top"] = .string(top.description)
        json["layers"] = .array(layers.map(\.json))
        return .object(json)
    }

    init(kept json: JSONReader) throws(Diagnostic) {
        location = try json.optional("catalogue").map { name throws(Diagnostic) in .catalogue(try name.string()) }
        platforms = try json.member("platforms").strings().map { text throws(Diagnostic) in
            try Platform(parsing: text)
        }
        top = try json.member("top").digest()
        layers = try json.member("layers").array().map { layer throws(Diagnostic) in try Descriptor(kept: layer) }
    }
}
