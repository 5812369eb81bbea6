import ByteIO
package import Diagnostics
package import OCI
import Synchronization

/// One image, or an index of several, in a layout or an archive of this machine.
package struct LocalProvider: ImageProvider {
    package let name: String
    package var repository: RepositoryName? { nil }

    private let source: ImageSource
    private let index: Index
    private let entry: Descriptor
    private let listed = ListedReferrers()

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
        var found = try listed.bySubject { () throws(Diagnostic) in try self.referrersBySubject() }[digest] ?? []
        for entry in index.manifests where entry.entryTag == digest.referrersTag && entry.mediaType.isIndex {
            guard entry.digest != digest else { continue }
            found += try Document<Index>(decoding: try source.document(entry), of: entry).content.manifests
        }
        var seen = Set<Digest>()
        return found.filter { seen.insert($0.digest).inserted }
    }

    package func siblings(tagged tags: [String]) async throws(Diagnostic) -> [String: Descriptor] {
        let wanted = Set(tags)
        var found = [String: Descriptor]()
        for entry in index.manifests {
            if let tag = entry.entryTag, wanted.contains(tag), found[tag] == nil { found[tag] = entry }
        }
        return found
    }

    private func referrersBySubject() throws(Diagnostic) -> [Digest: [Descriptor]] {
        var bySubject = [Digest: [Descriptor]]()
        for entry in index.manifests {
            do throws(Diagnostic) {
                guard let (subject, referrer) = try referrer(entry) else { continue }
                bySubject[subject, default: []].append(referrer)
            } catch {
                // An entry whose blob is gone may have been about anything; what is wanted of it is missed when it is read.
                guard error.code == .blobMissing else { throw error }
            }
        }
        return bySubject
    }

    /// The entry as a registry would list it, and its subject; `nil` if it is about nothing.
    ///
    /// distribution-spec § Listing Referrers.
    private func referrer(_ entry: Descriptor) throws(Diagnostic) -> (subject: Digest, referrer: Descriptor)? {
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
        guard let subject = about.subject?.digest, subject != entry.digest else { return nil }
        let referrer = Descriptor(
            mediaType: entry.mediaType,
            digest: entry.digest,
            size: entry.size,
            platform: entry.platform,
            annotations: about.annotations.isEmpty ? nil : about.annotations,
            artifactType: about.type
        )
        return (subject, referrer)
    }
}

/// The referrers in a layout's index, read once: an image of many platforms is asked for many times.
private final class ListedReferrers: Sendable {
    private let found = Mutex<[Digest: [Descriptor]]?>(nil)

    func bySubject(
        _ read: () throws(Diagnostic) -> [Digest: [Descriptor]]
    ) throws(Diagnostic) -> [Digest: [Descriptor]] {
        if let found = found.withLock({ $0 }) { return found }
        let read = try read()
        found.withLock { $0 = read }
        return read
    }
}
