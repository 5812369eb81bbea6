import Diagnostics
import Findings
import Hygiene
package import Layers
package import OCI
import Plan
import Stack
package import Store

/// The images of a plan as bytes, ready for a destination.
package struct AssembledImages: Sendable {
    package struct Image: Sendable {
        package let documents: ImageDocuments.Image
        /// Those that were written, above the base's.
        package let layers: [WrittenLayer]
        /// For each of `layers`, where its bytes come from.
        package let provenance: [LayerProvenance]

        package var platform: Platform { documents.platform }
        package var manifest: Document<Manifest> { documents.manifest }
        package var config: Document<ImageConfig> { documents.config }
    }

    package let images: [Image]
    package let set: ImageSet
    /// The layers of which it is known how they are made.
    let kept: [CacheArtifact.Layer]
    /// The layers that were written just now.
    let written: [LayerBlob]
    /// By the digests of their layers, what was written; empty unless it was asked for.
    package var files: [Digest: WrittenFiles] = [:]
}

extension AssembledImages {
    /// Checks that all images are as small as `plan` wants them.
    ///
    /// - Throws: `size.over-budget`.
    func checkSizes(_ plan: BuildPlan) throws(Diagnostic) {
        for (planned, image) in zip(plan.images, images) {
            let own = image.layers.reduce(Int64(0)) { $0.addingClamped($1.descriptor.size) }
            guard let finding = planned.policy.budget?.finding(own: own, base: planned.base?.size ?? 0) else {
                continue
            }
            throw finding.diagnostic
        }
    }
}
