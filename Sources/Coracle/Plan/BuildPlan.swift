public import Diagnostics
public import Gate
package import Layers
public import OCI

/// Everything that decides the images, and none of their bytes: it can be printed, compared, and built.
public struct BuildPlan: Sendable {
    /// One image, for one platform.
    package struct Image: Sendable {
        package let platform: Platform
        /// What the platform was told from.
        package let evidence: String
        /// Nil for an image made from nothing.
        package let base: Base?
        /// Indexes of `layers`, those above the base's, the lowest first.
        package let layers: [Int]
        /// Without what only the written layers tell: diffIDs and history.
        package let config: ImageConfig
        /// Of its manifest.
        package let annotations: [String: String]
        /// What the gate found, and refused nothing for.
        package let findings: [Finding]
        /// What the programs ask for.
        let needs: ApplicationNeeds
        /// What of that the runtime layer brings; nil without one.
        let runtime: RuntimeReport?
        /// What was asked about it beside whether it can run.
        package var policy = ImagePolicy()
    }

    /// Where the images go on this machine; nil where they are pushed and nothing stays here.
    public let output: BuildRequest.Output?
    /// Whether they go to the registries of `names`.
    public let isPushed: Bool
    /// What they are called there.
    public let names: [Reference]
    /// All layers of all images, each once.
    package let layers: [PlannedLayer]
    /// In the order of the index.
    package let images: [Image]
    /// Where all images have their bases from; nil for images made from nothing.
    let baseLocation: ImageLocation?
    /// Of the index.
    package let annotations: [String: String]
    package let created: Timestamp
    /// The same images with a shell; nil where nobody asked for them.
    package internal(set) var debugTwin: DebugTwin?
    /// Where layers may be taken from that were made before.
    package internal(set) var reuse = ReuseOptions()
    /// Who said when that is, e.g. `SOURCE_DATE_EPOCH`.
    public let createdSource: String
    /// When the files began to be looked at, in seconds since 1970; nil if nothing is to be remembered of them.
    let startedAt: Int64?
    /// Whether they are read although they look as they did when they were read last.
    let isReadingAll: Bool
    /// What it was planned from, to be found again; nil for what is planned anew each time.
    let survey: InputSurvey?
    /// What is worth knowing and no reason to stop.
    public let notes: [Diagnostic]

    /// What the gate found, and refused nothing for: warnings, notes, and what the user allowed. Each once.
    public var findings: [Finding] { ImageGate.sorted(images.flatMap(\.findings)) }
}

/// A layer to write, and how.
package struct PlannedLayer: Hashable, Sendable {
    package let blueprint: LayerBlueprint
    package let compression: LayerCompression
}
