package import Diagnostics
package import Findings
import Gate
package import Images
package import Layers
package import OCI
package import Request
package import Stack

/// Everything that decides the images, and none of their bytes: it can be printed, compared, and built.
package struct BuildPlan: Sendable {
    /// One image, for one platform.
    package struct Image: Sendable {
        package let platform: Platform
        /// What the platform was read from.
        package let evidence: String
        /// `nil` if the image is made from nothing.
        package let base: Base?
        /// Indexes of `layers`, those above the base's, the lowest first.
        package private(set) var layers: [Int]
        /// Without what only the written layers tell: diffIDs and history.
        package let config: ImageConfig
        /// Annotations of its manifest.
        package let annotations: [String: String]
        /// What the gate found, and refused nothing for.
        package let findings: [Finding]
        /// What the programs ask for.
        package let needs: ApplicationNeeds
        /// What of that the runtime layer brings; `nil` without one.
        package let runtime: RuntimeReport?
        /// What was asked about it beside whether it can run.
        package var policy = ImagePolicy()
    }

    /// Where the images go on this machine; `nil` if they are pushed and nothing stays here.
    package let output: BuildRequest.Output?
    /// Whether they go to the registries of `names`.
    package let isPushed: Bool
    /// Whether an engine of this machine gets them.
    package let isLoaded: Bool
    /// Which media types their documents have.
    package let format: ManifestFormat
    /// What the application is called, after which an output is named that the user names not.
    package let applicationName: String
    /// What they are called there.
    package let names: [Reference]
    /// All layers of all images, each once.
    package let layers: [PlannedLayer]
    /// In the order of the index.
    package let images: [Image]
    /// Where all images have their bases from; `nil` if they are made from nothing.
    package let baseLocation: ImageLocation?
    /// Other images, of which files are in them, in the order in which they were named.
    package let sourceImages: [SourceImage]
    /// Annotations of the index.
    package let annotations: [String: String]
    package let created: Timestamp
    /// Who said when that is, e.g. `SOURCE_DATE_EPOCH`.
    package let createdSource: String
    /// What is worth knowing and no reason to stop.
    package let notes: [Diagnostic]

    /// What the gate found, and refused nothing for: warnings, notes, and what the user allowed. Each once.
    package var findings: [Finding] { ImageGate.sorted(images.flatMap(\.findings)) }
}

extension BuildPlan.Image {
    /// The same image on top of `own`, which are added to `layers` unless another image has the same.
    func standing(on own: [PlannedLayer], of layers: inout [PlannedLayer]) -> BuildPlan.Image {
        var image = self
        image.layers = own.map { layer in
            if let known = layers.firstIndex(of: layer) { return known }
            layers.append(layer)
            return layers.count - 1
        }
        return image
    }
}

/// A layer to write, and how.
package struct PlannedLayer: Hashable, Sendable {
    package let blueprint: LayerBlueprint
    package let compression: LayerCompression
}
