import Diagnostics
import Images
import Layers
import OCI
import Plan
import Request
import Store

/// The layers of a build as an artifact that a machine which starts empty can go on from.
///
/// image-spec, manifest.md § Guidelines for Artifact Usage.
struct CacheArtifact {
    /// A layer, and what it takes to write the next one like it.
    struct Layer: Sendable {
        let planned: PlannedLayer
        let table: BlockTable
        let content: ImageSet.Blob
    }

    private static let empty = Array("{}".utf8)
    private static let emptyType = MediaType(rawValue: "application/vnd.oci.empty.v1+json")

    let set: ImageSet

    /// - Parameter layers: of all images, each once, the records in their order.
    init(_ layers: [Layer], named name: Reference) {
        let config = Descriptor(
            mediaType: Self.emptyType,
            digest: Digest(sha256Of: Self.empty),
            size: Int64(Self.empty.count)
        )
        var blobs: [(Descriptor, ImageSet.Blob)] = [(config, .bytes(Self.empty))]
        var entries = [Descriptor]()
        // What a table says of an indexed layer's files could be checked only by writing the layer.
        for layer in layers where !layer.table.codec.isIndexed {
            let record = CacheRecord.entry(of: layer.table, for: layer.planned)
            blobs.append((record.descriptor, .bytes(record.bytes)))
            blobs.append((layer.table.layer.descriptor, layer.content))
            // The layer stands beside its record, so that a registry keeps it as long.
            entries += [record.descriptor, layer.table.layer.descriptor]
        }
        let manifest = Document(
            encoding: Manifest(config: config, layers: entries, artifactType: CacheRecord.artifactType),
            as: .imageManifest
        )
        blobs.append((manifest.descriptor, .bytes(manifest.bytes)))
        set = ImageSet(top: manifest.descriptor, names: [name], listings: [], blobs: blobs)
    }
}

extension Builder {
    /// Writes the records of the layers of `images` where the request says. Failure is a note: it only makes later builds slower.
    func keepRecords(of images: AssembledImages, _ job: BuildJob) async {
        guard let name = job.reuse.target else { return }
        do throws(Diagnostic) {
            try await access.push(CacheArtifact(images.kept, named: name).set, to: [name])
        } catch {
            access.note(
                Diagnostic(
                    .reuseNotKept,
                    "nothing was stored in `\(name.text)` for later builds",
                    at: .option("--cache-to"),
                    because: [error.summary, error.reason].compactMap(\.self).joined(separator: ": "),
                    hint: error.hint
                )
            )
        }
    }
}

extension Diagnostic.Code {
    static let reuseNotKept = Self("reuse.not-kept", .network)
}
