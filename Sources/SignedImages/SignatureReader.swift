package import Diagnostics
package import Images
package import OCI
import Signing
import Store

/// Reads what is signed about an image, wherever the image is: referrers, and cosign's tags beside it.
package struct SignatureReader: Sendable {
    private let provider: any ImageProvider
    /// Where what hangs on the images is.
    private let signatures: any ImageProvider

    /// Limits that only a made image exceeds.
    private static let mostImages = 1000
    private static let mostReferrers = 1000
    private static let deepestIndex = 4
    /// Size limit of a bundle, in bytes: a document about an image may be large.
    private static let largestBundle: Int64 = 128 << 20
    /// Size limit of all that hangs on one manifest, in bytes: it is held in memory.
    private static let largestTogether: Int64 = 256 << 20
    private static let envelope = MediaType(rawValue: "application/vnd.dsse.envelope.v1+json")

    /// - Throws: what opening `location` throws.
    package init(_ access: ImageAccess, _ location: ImageLocation) throws(Diagnostic) {
        provider = try access.provider(for: location)
        signatures = try access.signatureProvider(for: location)
    }

    /// The image at the location, and with `isRecursive` each image of an index.
    ///
    /// - Throws: `image.too-large`; what reading the image throws.
    package func images(isRecursive: Bool) async throws(Diagnostic) -> [Descriptor] {
        var found = [try await provider.top()]
        var next = 0
        var depth = [0]
        while isRecursive, next < found.count {
            let image = found[next]
            if image.mediaType.isIndex, depth[next] < Self.deepestIndex {
                let bytes = try await provider.document(image)
                for child in try Document<Index>(decoding: bytes, of: image).content.manifests
                where (child.mediaType.isManifest || child.mediaType.isIndex) && !child.isAttestation
                    && !found.contains(where: { $0.digest == child.digest })
                {
                    found.append(child)
                    depth.append(depth[next] + 1)
                }
            }
            guard found.count <= Self.mostImages else {
                throw Diagnostic(
                    .signatureTooMany,
                    "`\(provider.name)` has more than \(Self.mostImages) images",
                    at: .image(provider.name),
                    hint: "leave out `--recursive`: a signature of the index is one of all its images"
                )
            }
            next += 1
        }
        return found
    }

    /// All signatures of one manifest, of any key: first the referrers, then the tags. What cannot be read is among
    /// them, with its problem.
    package func signatures(of digest: Digest) async throws(Diagnostic) -> [FoundSignature] {
        var found = [FoundSignature]()
        var left = Self.largestTogether
        let referrers = try await signatures.referrers(of: digest)
        guard referrers.count <= Self.mostReferrers else {
            throw Diagnostic(
                .signatureTooMany,
                "`\(provider.name)` has more than \(Self.mostReferrers) referrers",
                at: .image(provider.name),
                because: "each of them could be a signature"
            )
        }
        for referrer in referrers where referrer.mediaType.isManifest {
            if let signature = try await bundle(referrer, of: digest, &left) { found.append(signature) }
        }
        for kind in [AttachedTag.Kind.signatures, .attestations] {
            guard let tag = AttachedTag(kind, of: digest) else { continue }
            found += try await signatures(under: tag, &left)
        }
        return found
    }

    // MARK: Referrers

    private func bundle(
        _ referrer: Descriptor,
        of digest: Digest,
        _ left: inout Int64
    ) async throws(Diagnostic) -> FoundSignature? {
        let place = referrer.digest.description
        return try await reading(place) { () async throws(Diagnostic) -> FoundSignature.Content? in
            let document = try await signatures.document(referrer)
            let manifest = try Document<Manifest>(decoding: document, of: referrer).content
            // A list may say anything; the manifest is what counts.
            guard manifest.subject?.digest == digest, manifest.layers.count == 1,
                SignatureBundle.hasMediaType(manifest.layers[0].mediaType)
            else { return nil }
            let bytes = try await content(of: manifest.layers[0], &left)
            return .bundle(try SignatureBundle(decoding: bytes, named: place))
        }
    }

    // MARK: Tags

    private func signatures(
        under tag: AttachedTag,
        _ left: inout Int64
    ) async throws(Diagnostic) -> [FoundSignature] {
        guard let top = try await signatures.siblings(tagged: [tag.name])[tag.name], top.mediaType.isManifest else {
            return []
        }
        let manifest: Manifest
        do throws(Diagnostic) {
            manifest = try Document<Manifest>(decoding: try await signatures.document(top), of: top).content
        } catch {
            guard let found = Self.finding(error, at: tag.name) else { throw error }
            return [found]
        }
        var found = [FoundSignature]()
        for layer in manifest.layers.prefix(TaggedLayers.mostLayers) {
            let signature = try await reading(tag.name) { () async throws(Diagnostic) -> FoundSignature.Content? in
                if layer.mediaType == Self.envelope {
                    return .envelope(try Envelope(decoding: try await content(of: layer, &left), named: tag.name))
                }
                guard layer.mediaType == SimpleSigning.mediaType,
                    let text = layer.annotations?[SimpleSigning.signatureKey]
                else { return nil }
                return .simple(payload: try await content(of: layer, &left), signature: text)
            }
            if let signature { found.append(signature) }
        }
        return found
    }

    // MARK: Blobs

    /// Turns what is wrong with one signature into a finding; what is wrong with the registry stays an error.
    private func reading(
        _ place: String,
        _ body: () async throws(Diagnostic) -> FoundSignature.Content?
    ) async throws(Diagnostic) -> FoundSignature? {
        do throws(Diagnostic) {
            return try await body().map { FoundSignature(place: place, content: $0) }
        } catch {
            guard let found = Self.finding(error, at: place) else { throw error }
            return found
        }
    }

    private static func finding(_ problem: Diagnostic, at place: String) -> FoundSignature? {
        guard [.verification, .notFound].contains(problem.code.category) else { return nil }
        return FoundSignature(place: place, content: .unreadable(problem))
    }

    /// - Parameter left: how many bytes may still be read for this manifest.
    private func content(of blob: Descriptor, _ left: inout Int64) async throws(Diagnostic) -> [UInt8] {
        guard blob.size <= Self.largestBundle else {
            throw Diagnostic(
                .blobTooLarge,
                "a signature is too large",
                at: .blob(blob.digest.description),
                because: "\(blob.size) bytes; at most 128 MiB are read"
            )
        }
        guard blob.size <= left else {
            throw Diagnostic(
                .blobTooLarge,
                "the signatures of an image are too large",
                at: .blob(blob.digest.description),
                because: "at most \(Self.largestTogether >> 20) MiB of them are read"
            )
        }
        left -= blob.size
        if blob.size <= 4 << 20 { return try await signatures.document(blob) }
        let local = try await signatures.blob(blob).verified()
        return try local.read(at: 0, count: Int(blob.size))
    }
}

extension Diagnostic.Code {
    static let signatureTooMany = Self("signature.too-many", .verification)
}
