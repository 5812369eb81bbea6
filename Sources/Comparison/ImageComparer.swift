package import ByteIO
import Check
package import Diagnostics
package import Images
import Layers
package import OCI
import Stack
package import Store

/// What is compared.
package enum ComparisonSubject: Sendable {
    /// An image, or an index of several, and what it is called.
    case image(any ImageProvider, name: String)
    /// A directory of this machine, as a root filesystem.
    case directory(FilePath)

    /// What `text` names: a directory that is there, an image that is there, a base of the catalogue, or a reference.
    ///
    /// - Parameter platforms: those that are wanted; empty for all.
    /// - Throws: `reference.malformed`, `location.malformed`, `base.…`; what opening it throws.
    package init(parsing text: String, for platforms: [Platform], _ access: ImageAccess) throws(Diagnostic) {
        let path = FilePath(text)
        if !text.isEmpty, (try? FileStatus(at: path, following: true))?.kind == .directory,
            (try? FileStatus(at: path.appending("oci-layout"))) == nil
        {
            self = .directory(path)
            return
        }
        let location =
            text.hasPrefix("docker://")
            ? ImageLocation.registry(try ImageLocation.reference(parsing: text)) : try access.location(ofBase: text)
        self = .image(try access.provider(for: location, on: platforms.isEmpty ? nil : platforms), name: text)
    }

    var name: String {
        switch self {
        case .image(_, let name): name
        case .directory(let path): path.display
        }
    }
}

/// Compares images.
package struct ImageComparer: Sendable {
    let access: ImageAccess
    let ignored: Set<DifferenceKind>
    let ignoredPaths: IgnoredPaths

    /// - Parameters:
    ///   - access: the way to images, and to the cache.
    ///   - ignored: the kinds of difference that do not matter.
    ///   - ignoredPaths: the files that do not matter. Their layers differ all the same: with any, `layering` is ignored as well.
    package init(
        _ access: ImageAccess,
        ignoring ignored: Set<DifferenceKind> = [],
        _ ignoredPaths: IgnoredPaths = IgnoredPaths()
    ) {
        self.access = access
        self.ignored = ignoredPaths.isEmpty ? ignored : ignored.union([.layering])
        self.ignoredPaths = ignoredPaths
    }

    /// - Parameter platforms: those that are compared; empty for all that both have. A single image is compared with the one
    ///   of an index that is for its platform.
    /// - Throws: `diff.directories`, `diff.which-platform`, `base.platform-missing`; what keeps images from being read.
    package func compare(
        _ left: ComparisonSubject,
        _ right: ComparisonSubject,
        for platforms: [Platform] = []
    ) async throws(Diagnostic) -> ImageDifference {
        switch (left, right) {
        case (.image(let one, _), .image(let other, _)):
            return try await compare(one, other, left.name, right.name, platforms)
        case (.image(let provider, _), .directory(let path)):
            return try await compare(provider, path, left, right, platforms, isDirectoryLeft: false)
        case (.directory(let path), .image(let provider, _)):
            return try await compare(provider, path, left, right, platforms, isDirectoryLeft: true)
        case (.directory, .directory):
            throw Diagnostic(
                .diffDirectories,
                "neither `\(left.name)` nor `\(right.name)` is an image",
                at: .option(left.name),
                because: "both are directories, and without the file `oci-layout` they are not layouts",
                hint: "compare two directories with `diff -r`, or name an image for one of them"
            )
        }
    }

    // MARK: Two images

    private func compare(
        _ left: any ImageProvider,
        _ right: any ImageProvider,
        _ leftName: String,
        _ rightName: String,
        _ platforms: [Platform]
    ) async throws(Diagnostic) -> ImageDifference {
        let (oldTop, newTop) = (try await left.top(), try await right.top())
        var difference = ImageDifference(
            left: ImageDifference.Side(name: leftName, digest: oldTop.digest),
            right: ImageDifference.Side(name: rightName, digest: newTop.digest)
        )
        (difference.ignored, difference.ignoredPaths) = (ignored, ignoredPaths.patterns)
        let (old, new) = (try await BaseManifests(left), try await BaseManifests(right))
        let pairing = try Pairing(old, new, platforms, oldTop, newTop)
        difference.onlyLeft = pairing.onlyLeft
        difference.onlyRight = pairing.onlyRight
        for pair in pairing.pairs {
            // One after the other, as the files of each take room.
            difference.platforms.append(
                try await compare(
                    ComparedImage(pair.left.manifest, of: left),
                    ComparedImage(pair.right.manifest, of: right),
                    pair.platform
                )
            )
        }
        guard platforms.isEmpty, oldTop.digest != newTop.digest else { return difference }
        let (oldIndex, newIndex) = (oldTop.mediaType.isIndex, newTop.mediaType.isIndex)
        if oldIndex != newIndex {
            difference.fields.append(
                FieldDifference(
                    .index,
                    "mediaType",
                    left: oldTop.mediaType.rawValue,
                    right: newTop.mediaType.rawValue,
                    .form
                )
            )
        } else if oldIndex {
            let documents = try await (index(oldTop, of: left), index(newTop, of: right))
            difference.fields =
                FieldComparison(.index, documents.0, documents.1) { path in
                    switch path[0] {
                    // The images are compared by their platforms, wherever they stand.
                    case "manifests", "schemaVersion": nil
                    case let name where name.hasPrefix("manifests["): nil
                    case "mediaType": .form
                    default: Self.isTime(path) ? .times : .description
                    }
                }.fields
        }
        // Whatever it is, it is not the same.
        if difference.fields.isEmpty, pairing.isPartial || difference.platforms.allSatisfy(\.kinds.isEmpty),
            difference.onlyLeft.isEmpty, difference.onlyRight.isEmpty
        {
            difference.fields.append(Self.digests(.index, oldTop.digest, newTop.digest))
        }
        return difference
    }

    private func index(_ top: Descriptor, of provider: any ImageProvider) async throws(Diagnostic) -> JSON {
        try JSON(parsing: try await provider.document(top), named: top.digest.description)
    }

    static func digests(_ document: FieldDifference.Document, _ left: Digest, _ right: Digest) -> FieldDifference {
        FieldDifference(document, "digest", left: left.description, right: right.description, .form)
    }

    /// Whether a member says when the image was made.
    static func isTime(_ path: [String]) -> Bool {
        path.last == "created" || path.last == "org.opencontainers.image.created"
    }

    // MARK: A directory

    private func compare(
        _ provider: any ImageProvider,
        _ path: FilePath,
        _ left: ComparisonSubject,
        _ right: ComparisonSubject,
        _ platforms: [Platform],
        isDirectoryLeft: Bool
    ) async throws(Diagnostic) -> ImageDifference {
        let top = try await provider.top()
        let choice = try await BaseManifests(provider)
        let candidate: BaseManifests.Candidate
        if let platform = platforms.first, platforms.count == 1 {
            candidate = try choice.candidate(for: platform)
        } else if let only = choice.candidates.first, choice.candidates.count == 1, platforms.isEmpty {
            candidate = only
        } else {
            let there = choice.candidates.prefix(20).map(\.platform.description).joined(separator: ", ")
            throw Diagnostic(
                .diffWhichPlatform,
                "which of the images of `\(provider.name)` is the directory to be compared with?",
                at: .image(provider.name),
                because: there.isEmpty ? "it holds no image" : "it has \(there)",
                hint: "choose one with `--platform`"
            )
        }
        let name = ImageDifference.Side(name: path.display, digest: nil)
        let image = ImageDifference.Side(name: isDirectoryLeft ? right.name : left.name, digest: top.digest)
        var difference = ImageDifference(
            left: isDirectoryLeft ? name : image,
            right: isDirectoryLeft ? image : name
        )
        (difference.ignored, difference.ignoredPaths) = (ignored, ignoredPaths.patterns)
        let directory = try ComparedDirectory(
            path,
            drafts: access.settings.temporaryDirectory,
            try access.settings.tableLimits
        )
        for note in directory.notes { access.note(note) }
        let compared = try await ComparedImage(candidate.manifest, of: provider)
        difference.platforms.append(
            try await compare(compared, directory, candidate.platform, isDirectoryLeft: isDirectoryLeft)
        )
        return difference
    }
}

/// Which images are compared with each other.
private struct Pairing {
    struct Pair {
        let left: BaseManifests.Candidate
        let right: BaseManifests.Candidate
        let platform: Platform
    }

    private(set) var pairs: [Pair] = []
    private(set) var onlyLeft: [Platform] = []
    private(set) var onlyRight: [Platform] = []
    /// Whether an index has images that a single one cannot be compared with.
    private(set) var isPartial = false

    init(
        _ left: BaseManifests,
        _ right: BaseManifests,
        _ platforms: [Platform],
        _ oldTop: Descriptor,
        _ newTop: Descriptor
    ) throws(Diagnostic) {
        if !platforms.isEmpty {
            for platform in platforms {
                let (old, new) = (try left.candidate(for: platform), try right.candidate(for: platform))
                pairs.append(Pair(left: old, right: new, platform: platform))
            }
            return
        }
        if let old = left.candidates.first, let new = right.candidates.first, left.candidates.count == 1,
            right.candidates.count == 1, !(oldTop.mediaType.isIndex && newTop.mediaType.isIndex)
        {
            pairs = [Pair(left: old, right: new, platform: new.platform)]
            return
        }
        // A single image and an index: the platform of the single one.
        if !oldTop.mediaType.isIndex, let old = left.candidates.first {
            pairs = [Pair(left: old, right: try right.candidate(for: old.platform), platform: old.platform)]
            isPartial = true
            return
        }
        if !newTop.mediaType.isIndex, let new = right.candidates.first {
            pairs = [Pair(left: try left.candidate(for: new.platform), right: new, platform: new.platform)]
            isPartial = true
            return
        }
        var rest = right.candidates
        for old in left.candidates {
            if let place = rest.firstIndex(where: { $0.platform.matches(old.platform) }) {
                pairs.append(Pair(left: old, right: rest.remove(at: place), platform: old.platform))
            } else {
                onlyLeft.append(old.platform)
            }
        }
        onlyRight = rest.map(\.platform)
    }
}

extension Diagnostic.Code {
    static let diffDirectories = Self("diff.directories", .usage)
    static let diffWhichPlatform = Self("diff.which-platform", .usage)
}
