import Diagnostics
package import OCI

/// A manifest about another one, which its registry did not list by itself.
package struct UnlistedReferrer: Hashable, Sendable {
    /// The digest of the manifest that it is about.
    package let subject: Digest
    /// As a list of referrers has it.
    package let entry: Descriptor

    /// `nil` if the manifest or index is about nothing.
    ///
    /// distribution-spec § Pushing Manifests with Subject: the list has all annotations of the manifest, and its artifact
    /// type or else its config's media type.
    init?(_ bytes: [UInt8], _ manifest: Descriptor) throws(Diagnostic) {
        var entry = Descriptor(mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.size)
        let subject: Descriptor?
        if manifest.mediaType.isManifest {
            let content = try Document<Manifest>(decoding: bytes, of: manifest).content
            subject = content.subject
            entry.artifactType = content.artifactType ?? content.config.mediaType
            entry.annotations = content.annotations.isEmpty ? nil : content.annotations
        } else {
            let content = try Document<Index>(decoding: bytes, of: manifest).content
            subject = content.subject
            entry.artifactType = content.artifactType
            entry.annotations = content.annotations.isEmpty ? nil : content.annotations
        }
        guard let subject else { return nil }
        self.subject = subject.digest
        self.entry = entry
    }
}
