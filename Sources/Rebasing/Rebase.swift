import Diagnostics
import Findings
package import Images
package import OCI
package import Request
import Stack
import Store

/// Puts finished images on another base: their own layers stay as they are, byte for byte.
package struct Rebase: Sendable {
    /// The image, or the index of several.
    package var image: ImageLocation
    /// The new base.
    package var base: ImageLocation
    /// How the old base is found.
    package var oldBase = OldBase.Choice.search
    /// Images that could be the old base of one that does not say it.
    package var candidates: [ImageLocation] = []
    /// Empty for all that the image has.
    package var platforms: [Platform] = []
    /// What the check excuses; `nil` for an image that is not checked.
    package var gate: GateOptions? = GateOptions()
    /// The time that the images get; `nil` for their own.
    package var created: Timestamp?

    /// All platforms, checked.
    package init(_ image: ImageLocation, onto base: ImageLocation) {
        self.image = image
        self.base = base
    }

    /// Makes the images, and checks them; nothing is written.
    ///
    /// - Throws: `rebase.…`, `base.…`; what the check refuses them for; what reading the image and its base throws.
    package func run(_ access: ImageAccess) async throws -> RebasedImages {
        let provider = try access.provider(for: image, on: platforms.isEmpty ? nil : platforms)
        let originals = try await originals(of: provider)
        let wanted = originals.map(\.platform)
        let newProvider = try access.provider(for: base, on: wanted)
        let bases = try await BaseReader(base, newProvider, access).read(for: wanted)
        let search = BaseSearch(
            access,
            candidates: candidates,
            repositories: newProvider.repository.map { [$0] } ?? []
        )
        let siblings = SiblingBases(base)
        var images = [RebasedImage]()
        var grounds = [BaseReader.Found]()
        var problems = [Diagnostic]()
        for original in originals {
            do throws(Diagnostic) {
                guard let found = try bases[original.platform]?.get() else { continue }
                let old = try await OldBase(
                    of: original,
                    called: provider.name,
                    oldBase,
                    search,
                    siblings,
                    access
                )
                let base = found.base
                images.append(
                    try RebasedImage(original, called: provider.name, off: old, onto: base, created: created)
                )
                grounds.append(found)
            } catch {
                problems.append(error)
            }
        }
        if let problems = DiagnosticList(Self.distinct(problems)) { throw problems }
        var result = RebasedImages(
            images: images,
            top: try await provider.top(),
            newTop: try await newProvider.top().digest,
            isPartial: !platforms.isEmpty,
            provider: provider
        )
        for note in Self.distinct(images.flatMap { Self.notes(on: $0, provider.name) }) { access.note(note) }
        try await result.check(gate, grounds, access)
        return result
    }

    private func originals(of provider: any ImageProvider) async throws(Diagnostic) -> [PlatformImage] {
        let all = try await PlatformImage.all(of: provider)
        guard !all.isEmpty else {
            throw Diagnostic(.rebaseNoImage, "there is no image in `\(provider.name)`", at: .image(provider.name))
        }
        var chosen = [PlatformImage]()
        for platform in platforms {
            guard let image = all.first(where: { $0.platform.matches(platform) }) else {
                let there = all.prefix(20).map(\.platform.description).joined(separator: ", ")
                throw Diagnostic(
                    .rebaseNoImage,
                    "`\(provider.name)` has no image for \(platform)",
                    at: .option("--platform"),
                    because: "it has \(there)"
                )
            }
            chosen.append(image)
        }
        return platforms.isEmpty ? all : chosen
    }

    static func distinct(_ problems: [Diagnostic]) -> [Diagnostic] {
        var seen = Set<Diagnostic>()
        return problems.filter { seen.insert($0).inserted }
    }

    /// What is worth knowing about how the image was put together.
    private static func notes(on image: RebasedImage, _ name: String) -> [Diagnostic] {
        guard !image.isUnchanged else { return [] }
        var notes = image.base.oddities
        if image.oldBase.config == nil {
            notes.append(
                Diagnostic(
                    .rebaseBaseGone,
                    "the old base is not to be had: all that the image's configuration says stays",
                    at: .image(name),
                    because: "its layers end where the image's own begin, and which variables are its own is not known",
                    hint: "name the old base with `--old-base` if it is still somewhere"
                )
            )
        }
        let config = image.original.config.content
        if config.history.count(where: { !$0.isEmptyLayer }) != image.original.manifest.content.layers.count {
            notes.append(
                Diagnostic(
                    .rebaseHistory,
                    "the history of the image does not add up, and is written again",
                    at: .image(name),
                    because: "it has \(config.history.count { !$0.isEmptyLayer }) steps with a layer, the manifest"
                        + " \(image.original.manifest.content.layers.count) layers"
                )
            )
        }
        return notes
    }
}

extension Diagnostic.Code {
    static let rebaseNoImage = Self("rebase.no-image", .notFound)
    static let rebaseBaseGone = Self("rebase.base-gone", .notFound)
    static let rebaseHistory = Self("rebase.history", .verification)
}
