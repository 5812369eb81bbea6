import ByteIO
import Diagnostics
import Layers
import OCI
import Plan
import Store

/// Finds planned layers in images that were made before.
///
/// A layer is only taken where its bytes are those that would be written: what the image has to do with that is no more
/// than where to look.
package struct LayerReuse: Sendable {
    /// A layer of an earlier image that is said to be the planned one.
    struct Candidate: Sendable {
        let image: PreviousImage
        let layer: PreviousImage.Layer
    }

    /// What the images say.
    enum Match: Sendable {
        /// At least one, the first asked first.
        case found([Candidate], DiffID)
        case none(LayerProvenance.Reason)
    }

    /// A layer that need not be written.
    struct Taken: Sendable {
        let layer: WrittenLayer
        let blob: ImageSet.RemoteBlob
        let image: String
    }

    enum Outcome: Sendable {
        case taken(Taken)
        case none(LayerProvenance.Reason)
    }

    let earlier: EarlierBuildsReader
    let cache: BlobCache?
    let cores: Int
    let note: @Sendable (Diagnostic) -> Void

    /// Asks the images. No blob of theirs is fetched, and the files of `layer` are only read if an image has a layer of
    /// the same origin and compression.
    ///
    /// - Throws: `layer.file-changed`.
    func match(_ layer: PlannedLayer) async throws(Diagnostic) -> Match {
        guard !layer.compression.codec.isIndexed else { return .none(.indexed(layer.compression.codec)) }
        let images = await earlier.builds.images
        guard !images.isEmpty else { return .none(.nothingToCompare) }
        let all = images.flatMap { image in image.layers.map { Candidate(image: image, layer: $0) } }
        let same = all.filter { $0.layer.createdBy == layer.blueprint.createdBy }
        guard let first = same.first else { return .none(.unknown(images.map(\.name))) }
        let compression = layer.compression.description
        let alike = all.filter {
            $0.layer.compression == compression && $0.layer.blob.mediaType == layer.compression.codec.mediaType
        }
        guard let nearest = alike.first(where: { $0.layer.createdBy == layer.blueprint.createdBy }) else {
            return .none(.otherCompression(first.layer.compression, in: first.image.name))
        }
        let diffID = try await LayerLayout(layer.blueprint).diffID(cores: cores)
        var seen = Set<Descriptor>()
        let equal = alike.filter { $0.layer.diffID == diffID && seen.insert($0.layer.blob).inserted }
        return equal.isEmpty ? .none(.changed(since: nearest.image.name)) : .found(equal, diffID)
    }

    /// Takes the layer from the first image whose word for it holds. Where one's does not, that is noted.
    ///
    /// - Throws: `layer.file-changed`.
    func take(_ layer: PlannedLayer) async throws(Diagnostic) -> Outcome {
        switch try await match(layer) {
        case .none(let reason): return .none(reason)
        case .found(let candidates, let diffID):
            var reason = LayerProvenance.Reason.nothingToCompare
            for candidate in candidates {
                let proof = LayerProof(candidate, diffID, layer, cores: cores)
                do throws(Diagnostic) {
                    return .taken(
                        Taken(layer: proof.written, blob: try await proof.prove(cache), image: candidate.image.name)
                    )
                } catch {
                    note(proof.refusal(error))
                    reason = .untrusted(in: candidate.image.name)
                }
            }
            return .none(reason)
        }
    }
}
