package import Diagnostics
package import OCI

/// What a statement says about its subject (in-toto, "Statement" § `predicateType`).
package struct PredicateType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// A URI.
    package let rawValue: String

    /// Takes any URI.
    package init(rawValue: String) { self.rawValue = rawValue }

    /// That the signer stands for the image; all that a signature says.
    package static let signature = Self(rawValue: "https://sigstore.dev/cosign/sign/v1")
    /// An SPDX document.
    package static let spdx = Self(rawValue: "https://spdx.dev/Document")
    /// A CycloneDX document.
    package static let cycloneDX = Self(rawValue: "https://cyclonedx.org/bom")
    /// Provenance of SLSA, version 1.
    package static let provenance = Self(rawValue: "https://slsa.dev/provenance/v1")
    /// An OpenVEX document.
    package static let openVEX = Self(rawValue: "https://openvex.dev/ns")

    /// The short names of options, in the order that help lists them.
    package static let names: [(name: String, type: PredicateType)] = [
        ("spdx", .spdx), ("cyclonedx", .cycloneDX), ("slsa", .provenance), ("openvex", .openVEX),
    ]

    /// Other names that users of cosign know.
    private static let others = ["spdxjson": spdx, "slsaprovenance1": provenance, "vex": openVEX]

    /// What `text` names: a short name or a URI; `nil` if it is neither.
    package init?(named text: String) {
        if let known = Self.names.first(where: { $0.name == text })?.type ?? Self.others[text] {
            self = known
        } else {
            guard let colon = text.firstIndex(of: ":"), colon != text.startIndex, text.utf8.count <= 1000,
                text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), text[colon...].count > 1
            else { return nil }
            self.init(rawValue: text)
        }
    }

    /// The short name; the URI if there is none.
    package var description: String { Self.names.first { $0.type == self }?.name ?? rawValue }

    /// Whether a statement of type `other` is one of this: versions of a URI that others write count as the same.
    package func includes(_ other: PredicateType) -> Bool {
        if self == other { return true }
        switch self {
        case .spdx, .cycloneDX, .openVEX: return Self.isVersion(other.rawValue, of: rawValue)
        default: return false
        }
    }

    /// Whether `text` is `base`, a slash or `/v`, and a version such as `1.6`.
    private static func isVersion(_ text: String, of base: String) -> Bool {
        guard text.hasPrefix(base + "/") else { return false }
        let rest = text.dropFirst(base.count + 1)
        let version = rest.hasPrefix("v") ? rest.dropFirst() : rest
        return !version.isEmpty && version.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
    }
}

extension PredicateType {
    /// Members that a document of a type has, by which another's is noticed.
    private static let marks = [
        spdx: "spdxVersion", cycloneDX: "bomFormat", provenance: "buildDefinition", openVEX: "@context",
    ]

    /// Checks that a document can be what it is called.
    ///
    /// - Throws: `attestation.predicate`.
    package func check(_ document: JSON, named name: String) throws(Diagnostic) {
        func unfit(_ reason: String, _ hint: String) -> Diagnostic {
            Diagnostic(
                .attestationPredicate,
                "`\(name)` is not a document of type `\(self)`",
                at: .file(path: name),
                because: reason,
                hint: hint
            )
        }
        guard let members = document.objectValue else { throw unfit("it is not a JSON object", "give another file") }
        if members["_type"] != nil, members["predicate"] != nil {
            throw unfit("it is a whole statement", "give its member `predicate` in a file of its own")
        }
        if let mark = Self.marks[self], members[mark] == nil {
            throw unfit("it has no `\(mark)`", "give another file, or say what this one is")
        }
    }
}

extension Diagnostic.Code {
    static let attestationPredicate = Self("attestation.predicate", .input)
}
