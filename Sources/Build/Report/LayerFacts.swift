import Diagnostics
import Layers
import OCI
import Plan
import Request

/// What is known of one layer that is planned, or was built.
struct LayerFacts: Hashable, Sendable {
    /// How much the summary says of a layer.
    enum Detail {
        case plain
        /// With where its bytes come from.
        case provenance
    }

    /// Its place among all layers of the build.
    let index: Int
    let isRuntime: Bool
    /// What the layer is for.
    let createdBy: String
    let compression: String
    let entryCount: Int
    /// Size of the tar, in bytes.
    let uncompressedSize: Int64
    /// `nil` in a plan.
    let written: Written?

    /// What the layer became.
    struct Written: Hashable, Sendable {
        let digest: Digest
        /// In bytes.
        let size: Int64
        let diffID: DiffID
        let provenance: LayerProvenance
    }

    /// Size of the blob, in bytes; 0 in a plan.
    var size: Int64 { written?.size ?? 0 }
}

extension LayerFacts {
    /// A layer of a plan.
    init(_ layer: PlannedLayer, at index: Int) {
        self.init(layer, at: index, uncompressedSize: LayerLayout(layer.blueprint).size, nil)
    }

    /// A layer that was built.
    init(_ layer: PlannedLayer, at index: Int, written: WrittenLayer, _ provenance: LayerProvenance) {
        self.init(
            layer,
            at: index,
            uncompressedSize: written.uncompressedSize,
            Written(
                digest: written.descriptor.digest,
                size: written.descriptor.size,
                diffID: written.diffID,
                provenance: provenance
            )
        )
    }

    private init(_ layer: PlannedLayer, at index: Int, uncompressedSize: Int64, _ written: Written?) {
        self.index = index
        isRuntime = layer.blueprint.kind == .runtime
        createdBy = layer.blueprint.createdBy
        compression = layer.compression.description
        entryCount = layer.blueprint.entries.count
        self.uncompressedSize = uncompressedSize
        self.written = written
    }

    /// For a person.
    func line(_ detail: Detail) -> String {
        let line = "\(ByteCount(size).padded)  \(createdBy)"
        guard detail == .provenance, let written else { return line }
        return "\(line): \(written.provenance.explanation)"
    }

    /// For a program.
    ///
    /// - Parameter files: `nil` to leave them out.
    func json(_ files: [LayerFile]?) -> JSONObject {
        var json = JSONObject()
        if let written {
            json["digest"] = .string(written.digest.description)
            json["size"] = .int(written.size)
            json["diffID"] = .string(written.diffID.description)
        }
        json["uncompressedSize"] = .int(uncompressedSize)
        json["why"] = .string(createdBy)
        json["reuse"] = written?.provenance.json
        json["compression"] = .string(compression)
        json["entries"] = .int(entryCount)
        if let files { json["files"] = .array(files.map(\.json)) }
        return json
    }
}
