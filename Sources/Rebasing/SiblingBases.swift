import ByteIO
import Diagnostics
import Images
import OCI
import Stack
import Store

/// Other tags of a base's repository, of the same family, such as `12-slim` beside `13-slim`: one of them may be what an image
/// is built upon that does not say it.
package struct SiblingBases: Sendable {
    /// The repository, as the user named it.
    let name: String
    private let reference: Reference
    private let family: TagFamily

    /// So many tags are looked at, the newest first.
    private static let most = 32
    private static let width = 4

    /// `nil` if `base` is not a tag in a registry.
    init?(_ base: ImageLocation) {
        guard case .registry(let reference) = base,
            let tag = reference.tag ?? (reference.digest == nil ? "latest" : nil)
        else { return nil }
        self.reference = reference
        name = "\(reference.repositoryName)"
        family = TagFamily(of: tag)
    }

    /// The one that has the most of the image's layers, be they compressed in another way; `nil` if none stands below it. A registry that does not list its tags is not
    /// an error here.
    func origin(of image: PlatformImage, _ access: ImageAccess) async -> BaseOrigin? {
        guard let lowest = image.manifest.content.layers.first?.digest,
            let tags = try? await access.tags(in: reference)
        else { return nil }
        let known = family.members(of: tags).prefix(Self.most)
        let names = known.compactMap { try? Reference(parsing: "\(name):\($0)") }
        let begun = try? await concurrently(names, atMost: Self.width) { name async throws(Diagnostic) in
            await Beginning(of: name, for: image.platform, access)
        }
        let beginnings = (begun ?? []).compactMap(\.self)
        var candidates = beginnings.filter { $0.layer == lowest }.map(\.name)
        // A base that was compressed again has the same layers by their diffIDs, which the configs say.
        if candidates.isEmpty, let lowest = image.config.content.diffIDs.first {
            let same = try? await concurrently(beginnings, atMost: Self.width) { other async throws(Diagnostic) in
                await other.diffID == lowest ? other.name : nil
            }
            candidates = (same ?? []).compactMap(\.self)
        }
        guard !candidates.isEmpty else { return nil }
        return await BaseSearch(access, candidates: candidates.map { .registry($0) }).bestCandidate(for: image)
    }

    /// What the manifest of a tag says of the lowest layer.
    private struct Beginning: Sendable {
        let name: Reference
        let layer: Digest
        private let config: Descriptor
        private let provider: any ImageProvider

        /// `nil` if there is no manifest for `platform`, or no layer.
        init?(of name: Reference, for platform: Platform, _ access: ImageAccess) async {
            guard let provider = try? access.provider(for: .registry(name)),
                let entry = try? await BaseManifests(provider).candidate(for: platform).manifest,
                let bytes = try? await provider.document(entry),
                let manifest = try? Document<Manifest>(decoding: bytes, of: entry),
                let layer = manifest.content.layers.first?.digest
            else { return nil }
            (self.name, self.layer, self.provider) = (name, layer, provider)
            config = manifest.content.config
        }

        /// The layer's, as the config says; `nil` if it is not to be had.
        var diffID: DiffID? {
            get async {
                guard let bytes = try? await provider.document(config) else { return nil }
                return try? Document<ImageConfig>(decoding: bytes, of: config).content.diffIDs.first
            }
        }
    }
}

/// Tags that differ in a version, or in a word in front: `13-slim`, `12.5-slim`; `trixie-slim`, `bookworm-slim`.
struct TagFamily: Sendable {
    private let tag: String
    private let shape: [String]

    init(of tag: String) {
        self.tag = tag
        shape = Self.shape(of: tag)
    }

    /// A tag's words, with `#` for a version and `*` for a word in front.
    private static func shape(of tag: String) -> [String] {
        let words = tag.split(separator: "-", omittingEmptySubsequences: false)
        return words.enumerated().map { place, word in
            let digits = word.hasPrefix("v") ? word.dropFirst() : word
            if digits.utf8.first.map({ (0x30...0x39).contains($0) }) ?? false {
                return "#" + digits.drop { $0.isNumber || $0 == "." }
            }
            return place == 0 ? "*" : String(word)
        }
    }

    /// Those of `tags` that belong to it, without itself: the newest version first, and those beyond it last.
    func members(of tags: [String]) -> [String] {
        let own = Self.numbers(in: tag)
        return tags.filter { $0 != tag && Self.shape(of: $0) == shape }
            .map { (tag: $0, numbers: Self.numbers(in: $0)) }
            .sorted { left, right in
                let isLeftNewer = own.lexicographicallyPrecedes(left.numbers)
                let isRightNewer = own.lexicographicallyPrecedes(right.numbers)
                if isLeftNewer != isRightNewer { return isRightNewer }
                if left.numbers == right.numbers { return left.tag < right.tag }
                return right.numbers.lexicographicallyPrecedes(left.numbers)
            }
            .map(\.tag)
    }

    /// The numbers of a tag, in their order; those that are too long to be one are the largest.
    private static func numbers(in tag: String) -> [Int] {
        tag.split { !$0.isASCII || !$0.isNumber }.map { Int($0) ?? .max }
    }
}
