package import Diagnostics
package import OCI

/// What someone states about an image: in-toto's Statement, versions 0.1 and 1.
package struct Statement: Hashable, Sendable {
    /// The digests that it is about, as it writes them; those that are not SHA-256 are left out.
    package let subjects: [Digest]
    package let predicateType: PredicateType
    /// What is stated.
    package let predicate: JSON

    /// The media type that envelopes call it by.
    package static let mediaType = "application/vnd.in-toto+json"
    private static let types = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"]
    private static let mostSubjects = 10_000

    /// A statement about one image.
    package init(about subject: Digest, _ predicateType: PredicateType, _ predicate: JSON) {
        subjects = [subject]
        self.predicateType = predicateType
        self.predicate = predicate
    }

    /// The statement of a signature: that there is one.
    package static func signature(of subject: Digest) -> Statement { Statement(about: subject, .signature, [:]) }

    /// Reads a statement; `name` is what messages call it.
    ///
    /// - Throws: `json.malformed`, `json.unexpected`.
    package init(decoding bytes: [UInt8], named name: String) throws(Diagnostic) {
        let reader = JSONReader(try JSON(parsing: bytes, named: name), named: name)
        let type = try reader.member("_type")
        guard Self.types.contains(try type.string()) else { throw type.malformed("it is not a statement of in-toto") }
        let list = try reader.member("subject").array()
        guard list.count <= Self.mostSubjects else { throw reader.malformed("it has too many subjects") }
        var subjects = [Digest]()
        for subject in list {
            guard let hex = try subject.member("digest").optional("sha256")?.string() else { continue }
            subjects.append(try Digest(parsing: "sha256:\(hex)"))
        }
        self.subjects = subjects
        predicateType = PredicateType(rawValue: try reader.member("predicateType").string())
        predicate = try reader.optional("predicate")?.value ?? .null
    }

    /// What is signed: compact JSON.
    package var bytes: [UInt8] {
        let subjects = subjects.map { digest -> JSON in
            ["digest": ["sha256": .string(digest.hex)]]
        }
        let json: JSON = [
            "_type": .string(Self.types[0]), "subject": .array(subjects),
            "predicateType": .string(predicateType.rawValue), "predicate": predicate,
        ]
        return json.encoded()
    }
}
