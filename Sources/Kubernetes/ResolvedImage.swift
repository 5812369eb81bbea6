/// The image that takes the place of a mention.
package struct ResolvedImage: Hashable, Sendable {
    /// With its registry.
    package let repository: String
    package let tag: String?
    /// `nil` if the tag alone is wanted.
    package let digest: String?

    package init(repository: String, tag: String?, digest: String?) {
        (self.repository, self.tag, self.digest) = (repository, tag, digest)
    }

    /// Takes what a build prints: `REPOSITORY[:TAG]@DIGEST`.
    ///
    /// `latest` is left out beside a digest: of a name with that tag, the kubelet asks the registry at every start.
    package init(reference: String, isTagOnly: Bool = false) {
        let parts = reference.split(separator: "@", maxSplits: 1)
        let name = parts.first ?? ""
        let end = name.lastIndex(of: "/") ?? name.startIndex
        let colon = name[end...].lastIndex(of: ":")
        repository = String(colon.map { name[..<$0] } ?? name)
        let tag = colon.map { String(name[name.index(after: $0)...]) }
        digest = parts.count < 2 || isTagOnly ? nil : String(parts[1])
        self.tag = tag == "latest" && digest != nil ? nil : tag
    }

    package var text: String {
        repository + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }
}
