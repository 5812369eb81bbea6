import Build
import Diagnostics
import Findings
import OCI
import Plan
import Store

/// What was built.
public struct BuildResult: Hashable, Sendable {
    /// One image, for one platform.
    public struct Image: Hashable, Sendable {
        /// Such as `linux/amd64`.
        public let platform: String
        /// The digest of the image's manifest.
        public let digest: String
        /// The base's layers and those above them, the lowest first.
        public let layers: [ImageLayer]
        /// `UID:GID`, as the configuration says it.
        public let user: String
    }

    /// `NAME@sha256:…` for the recipe's first name, or `sha256:…` without one: what other programs take.
    public let reference: String
    /// The same for each name.
    public let references: [String]
    /// The digest of the index, or of the manifest of a single image.
    public let digest: String
    /// In the order of the index.
    public let images: [Image]
    /// What the checks found and did not refuse, and what else is worth knowing.
    public let warnings: [Problem]

    init(_ report: BuildReport) {
        reference = report.reference
        references = report.references
        digest = report.images.set.top.digest.description
        images = report.images.images.map { Image($0.platform, $0.manifest, $0.config.content) }
        warnings = Self.warnings(report.plan.notes, report.plan.findings)
    }

    init(_ recalled: RecalledBuild) throws(Diagnostic) {
        reference = recalled.references[0]
        references = recalled.references
        digest = recalled.top.digest.description
        images = try recalled.images().map { Image($0.platform, $0.manifest, $0.config) }
        warnings = Self.warnings(recalled.notes, recalled.findings)
    }

    private static func warnings(_ notes: [Diagnostic], _ findings: [Finding]) -> [Problem] {
        notes.map { Problem($0) } + findings.map { Problem($0.diagnostic) }
    }
}

extension BuildResult.Image {
    fileprivate init(_ platform: Platform, _ manifest: Document<Manifest>, _ config: ImageConfig) {
        self.init(
            platform: platform.description,
            digest: manifest.descriptor.digest.description,
            layers: ImageLayer.all(manifest.content, config),
            user: config.config.user ?? ""
        )
    }
}
