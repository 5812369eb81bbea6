package import OCI
import Store

/// An image that has arrived.
package struct CopyReport: Sendable {
    /// A document about the image that came along.
    private struct Attached {
        let digest: Digest
        /// Its artifact type, or the ending of its tag.
        let kind: String
        let tag: String?
    }

    /// Digest of the manifest or index.
    package let digest: Digest
    package let top: Descriptor
    package let names: [String]
    private let attached: [Attached]

    init(_ images: ImageSet, names: [String]) {
        digest = images.top.digest
        top = images.top
        self.names = names
        attached =
            images.referrers.map {
                Attached(digest: $0.digest, kind: ($0.artifactType ?? $0.mediaType).rawValue, tag: nil)
            }
            + images.tagged.compactMap { layers in
                layers.original.map {
                    let tag = layers.tag
                    return Attached(digest: $0.descriptor.digest, kind: ".\(tag.kind.rawValue)", tag: tag.name)
                }
            }
    }

    /// `REFERENCE@sha256:…` for each name, or the digest alone: what other programs are given.
    package var references: [String] { names.isEmpty ? [digest.description] : names.map { "\($0)@\(digest)" } }

    /// How many documents of which kind came along; `nil` if none did.
    var attachedText: String? { attached.isEmpty ? nil : Self.counted(attached.map(\.kind)) }

    /// Each kind once, sorted, with the number of times that it is there: `2 × application/spdx+json, .sig`.
    static func counted(_ kinds: [String]) -> String {
        let counts = Dictionary(kinds.map { ($0, 1) }, uniquingKeysWith: +)
        return counts.sorted { $0.key < $1.key }
            .map { $0.value == 1 ? $0.key.excerpt : "\($0.value) × \($0.key.excerpt)" }
            .joined(separator: ", ")
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["digest"] = .string(digest.description)
        json["mediaType"] = .string(top.mediaType.rawValue)
        json["names"] = .array(names.map { .string($0) })
        json["references"] = .array(references.map { .string($0) })
        guard !attached.isEmpty else { return .object(json) }
        json["attached"] = .array(
            attached.map { document in
                var entry = JSONObject()
                entry["digest"] = .string(document.digest.description)
                entry["kind"] = .string(document.kind)
                entry["tag"] = document.tag.map { .string($0) }
                return .object(entry)
            }
        )
        return .object(json)
    }
}
