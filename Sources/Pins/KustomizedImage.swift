import YAML

/// An image that a kustomization puts in the place of another: an element of its `images` with a digest.
///
/// The kustomize reference, § images: `newName` replaces the name, `newTag` and `digest` replace what follows it. With a digest alone
/// the tag of the resources is gone in what kustomize prints, and is the name that the digest once stood for.
struct KustomizedImage {
    /// As it stands in manifests afterwards: `NAME:TAG@DIGEST`, or `NAME@DIGEST`.
    let text: String
    /// The text of its digest.
    let digest: YAMLScalar
    /// Where the digest is read, be it by an alias.
    let path: [YAMLScalar.Step]

    /// Whether a file of these texts is a kustomization.
    static func areIn(_ scalars: [YAMLScalar], named name: String) -> Bool {
        KustomizedTags.names.contains(name)
            || scalars.contains { $0.path == [.key("kind")] && ["Kustomization", "Component"].contains($0.text) }
    }

    /// In the order of the file.
    ///
    /// - Parameter tags: those of the resources, for an image with a digest alone.
    static func all(in scalars: [YAMLScalar], _ tags: KustomizedTags) -> [KustomizedImage] {
        entries(in: scalars).compactMap { index, members in
            guard let digest = members["digest"], let name = members["newName"] ?? members["name"] else { return nil }
            let known = members["newTag"]?.text ?? members["name"].flatMap { tags.tag(of: $0.text) }
            let tag = known.map { ":\($0)" } ?? ""
            return KustomizedImage(
                text: "\(name.text)\(tag)@\(digest.text)",
                digest: digest,
                path: [.key("images"), .element(index), .key("digest")]
            )
        }
    }

    /// The elements of `images`, with their places in the list, in the order of the file.
    static func entries(in scalars: [YAMLScalar]) -> [(index: Int, members: [String: YAMLScalar])] {
        var members: [Place: [String: YAMLScalar]] = [:]
        for scalar in scalars {
            for path in [scalar.path] + scalar.aliases {
                guard path.count == 3, path[0] == .key("images"), case .element(let index) = path[1],
                    case .key(let key) = path[2]
                else { continue }
                members[Place(document: scalar.document, index: index), default: [:]][key] = scalar
            }
        }
        return members.sorted { ($0.key.document, $0.key.index) < ($1.key.document, $1.key.index) }
            .map { ($0.key.index, $0.value) }
    }

    private struct Place: Hashable {
        let document: Int
        /// Counted from 0.
        let index: Int
    }
}
