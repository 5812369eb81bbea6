import ByteIO
package import Diagnostics
package import OCI

/// One image, or an index of several, in a layout or an archive of this machine.
package struct LocalProvider: ImageProvider {
    package let name: String
    package var repository: RepositoryName? { nil }

    private let source: ImageSource
    private let index: Index
    private let entry: Descriptor

    /// Chooses what is called `reference` in `source`: a full reference, a tag or a digest; `nil` for the only image.
    ///
    /// - Throws: `image.not-found`, `image.which`; `layout.malformed`, `json.…`.
    package init(_ source: ImageSource, called reference: String? = nil) throws(Diagnostic) {
        self.source = source
        let path = source.path.display
        name = reference.map { "\(path):\($0)" } ?? path
        index = try source.index()
        entry = try index.entry(called: reference, at: path)
    }

    /// As the index has it, with the names there as annotations.
    package func top() async throws(Diagnostic) -> Descriptor { entry }

    package func document(_ blob: Descriptor) async throws(Diagnostic) -> [UInt8] { try source.document(blob) }

    /// - Throws: `blob.missing`, `blob.size`. The digest is checked when the blob is read.
    package func blob(_ blob: Descriptor) async throws(Diagnostic) -> LocalBlob { try source.blob(blob) }

    /// Those that the layout's index lists with `digest` as their subject, and those that the tag `sha256-HEX` lists.
    package func referrers(of digest: Digest) async throws(Diagnostic) -> [Descriptor] {
        var found = [Descriptor]()
        let tag = "\(digest.algorithm.rawValue)-\(digest.hex)"
        for entry in index.manifests where entry.digest != digest {
            if entry.entryTag == tag, entry.mediaType.isIndex {
                found += try Document<Index>(decoding: try source.document(entry), of: entry).content.manifests
            } else if let referrer = try referrer(entry, to: digest) {
                found.append(referrer)
            }
        }
        var seen = Set<Digest>()
        return found.filter { seen.insert($0.digest).inserted }
    }

    package func existing(tags: [String]) async throws(Diagnostic) -> [String] {
        tags.filter { tag in index.manifests.contains { $0.entryTag == tag } }
    }

    /// The entry as a registry would list it; `nil` if it is about something else.
    ///
    /// distribution-spec § Listing Referrers.
    private func referrer(_ entry: Descriptor, to digest: Digest) throws(Diagnostic) -> Descriptor? {
        let about: (subject: Descriptor?, type: MediaType?, annotations: [String: String])
        if entry.mediaType.isManifest {
            let manifest = try Document<Manifest>(decoding: try source.document(entry), of: entry).content
            about = (manifest.subject, manifest.artifactType ?? manifest.config.mediaType, manifest.annotations)
        } else if entry.mediaType.isIndex {
            let index = try Document<Index>(decoding: try source.document(entry), of: entry).content
            about = (index.subject, index.artifactType, index.annotations)
        } else {
            return nil
        }
        guard about.subject?.digest == digest else { return nil }
        return Descriptor(
            mediaType: entry.mediaType,
            digest: entry.digest,
            size: entry.size,
            platform: entry.platform,
            annotations: about.annotations.isEmpty ? nil : about.annotations,
            artifactType: about.type
        )
    }
}
