package import OCI

/// An image that has arrived.
package struct CopyReport: Sendable {
    /// Digest of the manifest or index.
    package let digest: Digest
    private let top: Descriptor
    private let names: [String]

    init(_ top: Descriptor, names: [String]) {
        digest = top.digest
        self.top = top
        self.names = names
    }

    /// `REFERENCE@sha256:…` for each name, or the digest alone: what other programs are given.
    package var references: [String] { names.isEmpty ? [digest.description] : names.map { "\($0)@\(digest)" } }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["digest"] = .string(digest.description)
        json["mediaType"] = .string(top.mediaType.rawValue)
        json["names"] = .array(names.map { .string($0) })
        json["references"] = .array(references.map { .string($0) })
        return .object(json)
    }
}
