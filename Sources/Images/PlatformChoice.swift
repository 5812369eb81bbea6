package import Diagnostics
import OCI
import Store

/// Finds the one image for a platform in what may be an index of several.
struct PlatformChoice {
    private let provider: any ImageProvider
    private let platform: Platform
    private static let deepestIndex = 4
    /// The documents that were looked at: many entries may have one digest.
    private var visited: Set<Digest> = []

    init(_ provider: any ImageProvider, _ platform: Platform) {
        self.provider = provider
        self.platform = platform
    }

    /// The first manifest for the platform at or below `top`, with the names that `top` has in a layout.
    ///
    /// - Throws: `image.platform-missing` with the platforms that are there.
    mutating func choose(from top: Descriptor) async throws(Diagnostic) -> Descriptor {
        var there = [Platform]()
        guard var chosen = try await first(at: top, depth: 0, &there) else {
            throw Diagnostic(
                .imagePlatformMissing,
                "`\(provider.name)` has no image for \(platform)",
                because: there.isEmpty
                    ? "it holds no image" : "it has " + there.prefix(20).map(\.description).joined(separator: ", ")
            )
        }
        for key in [AnnotationKey.refName, AnnotationKey.containerdImageName] {
            guard let name = top.annotations?[key] else { continue }
            chosen.annotations = (chosen.annotations ?? [:]).merging([key: name]) { $1 }
        }
        return chosen
    }

    private mutating func first(
        at entry: Descriptor,
        depth: Int,
        _ there: inout [Platform]
    ) async throws(Diagnostic) -> Descriptor? {
        if entry.isAttestation { return nil }
        if entry.platform == nil || entry.mediaType.isIndex, !visited.insert(entry.digest).inserted { return nil }
        if entry.mediaType.isManifest {
            guard let own = try await platform(of: entry) else { return nil }
            if own.matches(platform) { return entry }
            there.append(own)
            return nil
        }
        guard entry.mediaType.isIndex, depth < Self.deepestIndex else { return nil }
        let bytes = try await provider.document(entry)
        for child in try Document<Index>(decoding: bytes, of: entry).content.manifests {
            if let found = try await first(at: child, depth: depth + 1, &there) { return found }
        }
        return nil
    }

    /// What an index says of the image, else what its config says; `nil` if it is not an image.
    private func platform(of entry: Descriptor) async throws(Diagnostic) -> Platform? {
        if let platform = entry.platform { return platform }
        let manifest = try Document<Manifest>(decoding: try await provider.document(entry), of: entry).content
        guard manifest.isImage else { return nil }
        let config = try await provider.document(manifest.config)
        return try Document<ImageConfig>(decoding: config, of: manifest.config).content.platform
    }
}

extension Diagnostic.Code {
    package static let imagePlatformMissing = Self("image.platform-missing", .notFound)
}
