import ByteIO
package import Diagnostics
package import Images
import Layers
package import OCI
package import Plan
import Stack
import Store

/// How much of a planned image would be new to a registry that has an earlier one.
package struct NextPush: Sendable {
    private struct Layer {
        let name: String
        let size: Int64
        let provenance: LayerProvenance
    }

    private let layers: [Layer]

    /// Size of the new layers as they are stored, in bytes.
    package var newSize: Int64 { layers.reduce(0) { $1.provenance.isReused ? $0 : $0.addingClamped($1.size) } }
    /// Size of all layers.
    package var size: Int64 { layers.reduce(0) { $0.addingClamped($1.size) } }

    /// For a person, in lines.
    ///
    /// - Parameter explains: whether there is a line for each layer.
    package func text(explains: Bool) -> [String] {
        let lines = layers.map { "    \(ByteCount($0.size).padded)  \($0.name): \($0.provenance.explanation)" }
        return (explains ? lines : []) + ["  next push \(ByteCount(newSize)) of \(ByteCount(size))"]
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["newSize"] = .int(newSize)
        json["size"] = .int(size)
        json["layers"] = .array(
            layers.map { layer in
                var json = JSONObject()
                json["name"] = .string(layer.name)
                json["size"] = .int(layer.size)
                json["reuse"] = layer.provenance.json
                return .object(json)
            }
        )
        return .object(json)
    }

    /// Compares `plan` with `images`. What is new is compressed, and dropped.
    ///
    /// - Throws: `layer.file-changed`.
    package init(
        _ plan: BuildPlan,
        comparedWith images: [PreviousImage],
        _ access: ImageAccess,
        cores: Int
    ) async throws(Diagnostic) {
        let reuse = LayerReuse(
            earlier: EarlierBuildsReader { EarlierBuilds(images: images) },
            cache: nil,
            cores: cores,
            note: access.note
        )
        let own = try await concurrently(plan.layers, atMost: 2) { layer async throws(Diagnostic) in
            let name = layer.blueprint.createdBy
            switch try await reuse.match(layer) {
            case .found(let candidates, _):
                return Layer(
                    name: name,
                    size: candidates[0].layer.blob.size,
                    provenance: .image(candidates[0].image.name)
                )
            case .none(let reason):
                var sink = CountingSink()
                let written = try await LayerWriter(cores: cores)
                    .write(layer.blueprint, layer.compression, to: &sink).table.layer
                return Layer(name: name, size: written.descriptor.size, provenance: .built(reason))
            }
        }
        layers = Self.base(plan, images) + own
    }

    /// The layers of all bases, each once.
    private static func base(_ plan: BuildPlan, _ images: [PreviousImage]) -> [Layer] {
        var seen = Set<Digest>()
        return plan.images.compactMap(\.base).flatMap { base in
            base.layers.filter { seen.insert($0.digest).inserted }.map { layer in
                let owner = images.first { $0.layers.contains { $0.blob.digest == layer.digest } }
                let reason = LayerProvenance.Reason.unknown(images.map(\.name))
                return Layer(
                    name: "base \(base.name)",
                    size: layer.size,
                    provenance: owner.map { .image($0.name) } ?? .built(images.isEmpty ? .nothingToCompare : reason)
                )
            }
        }
    }
}

/// Takes everything and keeps nothing.
private struct CountingSink: ByteSink {
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) {}
}
