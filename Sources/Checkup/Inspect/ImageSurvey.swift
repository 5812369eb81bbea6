import Applications
import Check
package import Diagnostics
package import Findings
import Gate
package import Hygiene
package import Images
package import Inventory
package import Layers
package import OCI
import Store

/// All that is to be seen of one image: how it runs, where its bytes are, what is wasted, which packages it has, what checks
/// find.
package struct ImageSurvey: Sendable {
    /// Who makes a layer.
    package enum Maker: Hashable, Sendable {
        case base
        /// coracle, by itself.
        case runtime
        case application
        case unknown
    }

    package struct Layer: Sendable {
        package let descriptor: Descriptor
        /// `nil` if the config has too few.
        package let diffID: DiffID?
        /// What made it, by the history; `nil` if the history has too few steps.
        package let step: String?
        package let maker: Maker
        /// Size of all contents, unpacked, in bytes.
        package let size: Int64
        /// Number of files with a content.
        package let fileCount: Int
        /// The files that a container sees.
        package let files: SizeTree
        /// The files that no container sees.
        package let hidden: SizeTree
    }

    /// As the user named it.
    package let name: String
    /// What it is called where it is.
    package let references: [Reference]
    package let manifest: Document<Manifest>
    package let config: ImageConfig
    /// The platforms of the other images there.
    package let otherPlatforms: [Platform]
    /// The lowest first.
    package let layers: [Layer]
    /// Number of files and directories that a container sees.
    package let entryCount: Int
    package let waste: ImageWaste
    package let inventory: Inventory
    /// What `check` and `lint` find, the most severe first.
    package let findings: [Finding]

    /// Surveys one image at `location`.
    ///
    /// - Parameters:
    ///   - platform: of the image; `nil` for this machine's, or for the first one if there is none for it.
    ///   - now: what ages are counted from.
    ///   - withChecks: whether packages and findings are wanted, for which more is read.
    /// - Throws: what keeps it from being read.
    package init(
        of location: ImageLocation,
        for platform: Platform?,
        at now: Timestamp,
        withChecks: Bool = true,
        _ access: ImageAccess
    ) async throws(Diagnostic) {
        let all = try await FinishedImage.candidates(at: location, access)
        var chosen = all.first { $0.platform.matches(.ofThisMachine) } ?? all.first
        if let platform { chosen = try await FinishedImage.candidates(at: location, for: [platform], access).first }
        guard let chosen else {
            throw Diagnostic(.imageNotFound, "there is no image in `\(location)`", at: .image("\(location)"))
        }
        let image = try await chosen.open()
        let root = image.gated.root
        (name, manifest, config) = (image.name, image.manifest, image.config)
        references = try ImageLinter.names(of: image, at: location)
        otherPlatforms = all.map(\.platform).filter { $0 != chosen.platform }
        waste = try ImageWaste(in: root)
        let descriptors = image.manifest.content.layers
        let origins = LayerOrigins(image.manifest.content, image.config)
        // What is smaller than a two-thousandth is seen in no picture.
        let smallest = waste.total / 2000
        var sizes = [LayerFiles](repeating: LayerFiles(smallest: smallest), count: descriptors.count)
        var count = 0
        for entry in root.entries {
            count += 1
            guard entry.kind == .file, entry.size > 0, let layer = root.layer(ofContentAt: entry.path) else { continue }
            sizes[layer].seen.add(entry.path, size: entry.size)
        }
        entryCount = count
        for file in root.discarded.sorted(by: { $0.path < $1.path }) {
            sizes[file.layer].hidden.add(file.path, size: file.size)
        }
        let steps = image.config.history.filter { !$0.isEmptyLayer }
        layers = descriptors.indices.map { index in
            let (seen, hidden) = (sizes[index].seen.finish(), sizes[index].hidden.finish())
            return Layer(
                descriptor: descriptors[index],
                diffID: image.config.diffIDs.indices.contains(index) ? image.config.diffIDs[index] : nil,
                step: steps.indices.contains(index) ? steps[index].createdBy : nil,
                maker: origins.maker(ofLayer: index),
                size: seen.size.addingClamped(hidden.size),
                fileCount: seen.count + hidden.count,
                files: seen,
                hidden: hidden
            )
        }
        guard withChecks else {
            (inventory, findings) = (Inventory(), [])
            return
        }
        let diffIDs = image.config.diffIDs
        inventory = try Inventory(
            of: root,
            layer: { path in
                root.layer(of: path).flatMap { diffIDs.indices.contains($0) ? diffIDs[$0] : nil }
            },
            // Only packages are shown.
            digests: { _ in FileDigests.Running().finalize() }
        )
        let conventions = try image.conventions(LintSettings(), names: references, at: now)
        findings = ImageGate.sorted(try image.gateFindings(access) + conventions)
    }

    private struct LayerFiles {
        var seen: SizeTreeDraft
        var hidden: SizeTreeDraft

        init(smallest: Int64) {
            (seen, hidden) = (SizeTreeDraft(smallest: smallest), SizeTreeDraft(smallest: smallest))
        }
    }

    /// The first of its names; else how the user named it.
    package var title: String { references.first?.familiar ?? name }

    /// Size of all layers as they are stored, in bytes.
    package var storedSize: Int64 { manifest.content.layers.totalSize }

    /// The same of the layers by these makers.
    package func storedSize(by makers: Set<Maker>) -> Int64 {
        layers.filter { makers.contains($0.maker) }.map(\.descriptor).totalSize
    }

    /// Whether it is known who makes which layer.
    package var knowsMakers: Bool { layers.contains { $0.maker != .unknown } }
}

extension LayerOrigins {
    fileprivate func maker(ofLayer layer: Int) -> ImageSurvey.Maker {
        guard let origin = origin(ofLayer: layer) else { return .unknown }
        return switch origin {
        case .base: .base
        case .runtime: .runtime
        case .application, .addition: .application
        }
    }
}
