package import Diagnostics
package import OCI
package import Store

/// The images of a base, and which of them a program of some platform can stand on.
package struct BaseManifests {
    /// A manifest, and what it is for.
    package struct Candidate: Equatable {
        package let manifest: Descriptor
        package let platform: Platform
    }

    private static let deepestIndex = 4

    package let provider: any ImageProvider
    package private(set) var candidates: [Candidate] = []
    private var visited: Set<Digest> = []

    /// Reads the indexes, and no image.
    ///
    /// - Throws: `base.unsupported`, `base.too-deep`; what the provider throws.
    package init(_ provider: any ImageProvider) async throws(Diagnostic) {
        self.provider = provider
        try await add(try await provider.top(), depth: 0)
    }

    private mutating func add(_ entry: Descriptor, depth: Int) async throws(Diagnostic) {
        // Build records and the like are not images.
        if entry.isAttestation { return }
        // Many entries may have one digest.
        if depth > 0, entry.platform == nil, !visited.insert(entry.digest).inserted { return }
        if entry.mediaType.isManifest {
            try await add(manifest: entry, isTop: depth == 0)
            return
        }
        guard entry.mediaType.isIndex else {
            // Beside images, an index may have other things.
            guard depth == 0 else { return }
            throw .baseUnsupported(
                provider.name,
                because: entry.mediaType.isSchema1
                    ? "its manifest is of schema 1" : "its media type is `\(entry.mediaType.rawValue)`",
                hint: entry.mediaType.isSchema1 ? "push it again with a current program" : nil
            )
        }
        guard depth < Self.deepestIndex else {
            throw Diagnostic(
                .baseTooDeep,
                "`\(provider.name)` has indexes nested too deep",
                at: .image(provider.name),
                because: "at most \(Self.deepestIndex) are followed"
            )
        }
        let index = try Document<Index>(decoding: try await provider.document(entry), of: entry).content
        for child in index.manifests { try await add(child, depth: depth + 1) }
    }

    private mutating func add(manifest entry: Descriptor, isTop: Bool) async throws(Diagnostic) {
        if isTop {
            candidates.append(Candidate(manifest: entry, platform: try await BaseImage(entry, of: provider).platform))
            return
        }
        guard entry.artifactType == nil else { return }
        if let platform = entry.platform {
            let candidate = Candidate(manifest: entry, platform: platform)
            guard visited.insert(entry.digest).inserted || !candidates.contains(candidate) else { return }
            candidates.append(candidate)
            return
        }
        // Without a platform, it is that of the config. Beside images, an index may have other things.
        let manifest = try Document<Manifest>(decoding: try await provider.document(entry), of: entry).content
        guard manifest.isImage else { return }
        candidates.append(Candidate(manifest: entry, platform: try await BaseImage(entry, of: provider).platform))
    }

    /// The first image for `platform` itself; else the one that comes nearest to it, for an older processor of its kind.
    ///
    /// - Throws: `base.platform-missing`.
    package func candidate(for platform: Platform) throws(Diagnostic) -> Candidate {
        if let same = candidates.first(where: { $0.platform.matches(platform) }) { return same }
        let older = candidates.filter { platform.runs($0.platform) }
        let nearest = older.max { platform.isNearer($1.platform, than: $0.platform) }
        if let nearest { return nearest }
        // Go builds for the oldest ARM that there is, and many bases are for newer ones: what is built for the older runs on them.
        let newer = platform.architecture == "arm" ? candidates.filter { $0.platform.runs(platform) } : []
        if let lowest = newer.min(by: { $1.platform.isNewer(than: $0.platform) }) { return lowest }
        let there = candidates.prefix(20).map(\.platform.description).joined(separator: ", ")
        throw Diagnostic(
            .basePlatformMissing,
            "`\(provider.name)` has no image for \(platform)",
            at: .image(provider.name),
            because: candidates.isEmpty ? "it holds no image" : "it has \(there)",
            hint: "choose another base, or build for a platform that it has"
        )
    }
}

extension Platform {
    /// Whether a machine of this platform runs programs of `other`: the same, or an older variant.
    package func runs(_ other: Platform) -> Bool {
        guard os == other.os, architecture == other.architecture else { return false }
        if matches(other) { return true }
        guard let own = level, let others = other.level else { return false }
        return others.lexicographicallyPrecedes(own) || others == own
    }

    /// Whether it is for a newer variant of the same processor.
    package func isNewer(than other: Platform) -> Bool { runs(other) && !other.runs(self) }

    fileprivate func isNearer(_ first: Platform, than second: Platform) -> Bool {
        (second.level ?? []).lexicographicallyPrecedes(first.level ?? [])
    }

    /// The numbers of the variant, such as 8 and 2 for `v8.2`; `nil` if it is not a version.
    private var level: [Int]? {
        let usual: [String: String] = ["arm": "v7", "arm64": "v8", "amd64": "v1"]
        guard let variant = variant ?? usual[architecture], variant.hasPrefix("v") else { return nil }
        let numbers = variant.dropFirst().split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        let known = numbers.compactMap(\.self)
        return known.count == numbers.count ? known : nil
    }
}

extension Diagnostic {
    static func baseUnsupported(_ name: String, because reason: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(
            .baseUnsupported,
            "`\(name)` is not a runnable image that can be built upon",
            at: .image(name),
            because: reason,
            hint: hint
        )
    }
}

extension Diagnostic.Code {
    static let baseUnsupported = Self("base.unsupported", .verification)
    static let baseTooDeep = Self("base.too-deep", .verification)
    static let basePlatformMissing = Self("base.platform-missing", .notFound)
}
