/// A tag that is made of a manifest's digest and under which documents about that manifest are kept.
///
/// cosign's older way to attach: one manifest for each kind, with a layer for each signature or attestation.
package struct AttachedTag: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Simple signing payloads.
        case signatures = "sig"
        /// DSSE envelopes around in-toto statements.
        case attestations = "att"
        /// A single list of packages, which no signature covers.
        case sbom
    }

    /// The digest of the manifest that the documents are about.
    package let subject: Digest
    package let kind: Kind

    /// `nil` if `subject` is not a SHA-256: the tag of a longer digest would be too long.
    package init?(_ kind: Kind, of subject: Digest) {
        guard subject.algorithm == .sha256 else { return nil }
        (self.kind, self.subject) = (kind, subject)
    }

    /// `nil` if `tag` is not such a tag.
    package init?(parsing tag: String) {
        let fields = tag.split(separator: ".", omittingEmptySubsequences: false)
        guard fields.count == 2, let kind = Kind(rawValue: String(fields[1])), fields[0].hasPrefix("sha256-"),
            let subject = try? Digest(parsing: "sha256:\(fields[0].dropFirst(7))")
        else { return nil }
        (self.kind, self.subject) = (kind, subject)
    }

    /// Those of all kinds.
    package static func all(of subject: Digest) -> [AttachedTag] {
        Kind.allCases.compactMap { AttachedTag($0, of: subject) }
    }

    /// The tag: `sha256-HEX.sig`.
    package var name: String { "\(subject.algorithm.rawValue)-\(subject.hex).\(kind.rawValue)" }
}

extension Digest {
    /// The tag under which the referrers of a manifest are listed (distribution-spec § Referrers Tag Schema): the algorithm
    /// has at most 32 characters, and the digits are cut after 64.
    package var referrersTag: String { "\(algorithm.rawValue.prefix(32))-\(hex.prefix(64))" }

    /// Whether `tag` is where the referrers of a manifest are listed, or one of cosign's tags.
    package static func isAttached(tag: String) -> Bool {
        if AttachedTag(parsing: tag) != nil { return true }
        guard let algorithm = Algorithm.allCases.first(where: { tag.hasPrefix("\($0.rawValue)-") }) else {
            return false
        }
        let digits = tag.utf8.dropFirst(algorithm.rawValue.utf8.count + 1)
        return digits.count == 64 && digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
