package import OCI

extension AttachedTree {
    /// What hangs on the manifest with `digest`, and on the indexes that it is in.
    package func nodes(coveringImage digest: Digest) -> [Node] {
        subjects.filter { $0.manifest.digest == digest || $0.manifest.mediaType.isIndex }.flatMap(\.attached)
    }
}

extension AttachedTree.Node {
    /// Whether it is a signature of what it hangs on: a bundle, cosign's tag, or Notation's signature. An attestation is not.
    package var isSignature: Bool {
        if case .tag(let tag) = way { return tag.kind == .signatures && content?.layers.isEmpty == false }
        guard let content else { return false }
        if content.artifactType.rawValue == "application/vnd.cncf.notary.signature" { return true }
        guard content.artifactType.rawValue.hasPrefix("application/vnd.dev.sigstore.bundle") else { return false }
        return predicateTypes.contains { $0.hasPrefix("https://sigstore.dev/cosign/sign/") }
            || content.annotations["dev.sigstore.bundle.content"] == "message-signature"
    }

    /// Whether it lists packages: a document, cosign's tag, or an attestation that says so of itself.
    package var isSBOM: Bool {
        if case .tag(let tag) = way, tag.kind == .sbom { return content != nil }
        guard let content else { return false }
        let types = [content.artifactType] + content.layers.map(\.mediaType)
        let known: Set = [
            "application/spdx+json", "text/spdx", "text/spdx+json", "application/vnd.cyclonedx+json",
            "application/vnd.cyclonedx+xml", "application/vnd.syft+json",
        ]
        return types.contains { known.contains($0.essence.rawValue) }
            || predicateTypes.contains { type in
                ["https://spdx.dev/Document", "https://cyclonedx.org/bom"].contains { type.hasPrefix($0) }
            }
    }
}
