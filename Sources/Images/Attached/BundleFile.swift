package import Diagnostics
package import OCI

/// A Sigstore bundle that another program made, and what it is about. Its signature is not checked.
///
/// sigstore/protobuf-specs, `sigstore_bundle.proto`; cosign, `specs/BUNDLE_SPEC.md`.
package struct BundleFile: Sendable {
    /// As it is attached, without parameters.
    package let mediaType: MediaType
    /// The digests that it is about; for an envelope those of its statement.
    package let subjects: [Digest]
    /// What its statement says; `nil` if it signs the image's bytes themselves.
    package let predicateType: String?

    /// Size limit, in bytes.
    package static let largest = 32 << 20
    private static let prefix = "application/vnd.dev.sigstore.bundle"
    private static let oldVersion = "+json;version=0."

    /// - Parameter name: what messages call the file.
    /// - Throws: `bundle.malformed`, `json.…`.
    package init(parsing bytes: [UInt8], named name: String) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            Diagnostic(
                .bundleMalformed,
                "`\(name)` is not a Sigstore bundle that can be attached",
                at: .file(path: name),
                because: reason,
                hint: "name a bundle as cosign and CI services write it; other documents need a media type instead"
            )
        }
        let json = try JSON(parsing: bytes, named: name)
        guard let type = json["mediaType"]?.stringValue, type.hasPrefix(Self.prefix) else {
            throw malformed("its `mediaType` is not that of a bundle")
        }
        // Older bundles have their version in a parameter, which the type of an artifact cannot have.
        let version = type.dropFirst(Self.prefix.count)
        let minor = version.dropFirst(Self.oldVersion.count)
        if version.hasPrefix(Self.oldVersion), (1...2).contains(minor.count), minor.allSatisfy(\.isWholeNumber) {
            mediaType = MediaType(rawValue: "\(Self.prefix).v0.\(minor)+json")
        } else {
            mediaType = MediaType(rawValue: type)
        }
        guard mediaType.isWellFormed, mediaType.essence == mediaType else {
            throw malformed("its `mediaType` is `\(type.excerpt)`")
        }
        if let message = json["messageSignature"]?["messageDigest"] {
            guard message["algorithm"]?.stringValue == "SHA2_256",
                let digest = message["digest"]?.stringValue.flatMap({ Base64Text.decode($0) }), digest.count == 32
            else { throw malformed("its `messageDigest` is not a SHA-256") }
            (subjects, predicateType) = ([Digest(sha256: digest)], nil)
            return
        }
        guard let envelope = json["dsseEnvelope"] else {
            throw malformed("it has neither a `dsseEnvelope` nor a `messageSignature`")
        }
        guard envelope["payloadType"]?.stringValue == "application/vnd.in-toto+json",
            let payload = envelope["payload"]?.stringValue.flatMap({ Base64Text.decode($0) })
        else { throw malformed("its envelope does not hold an in-toto statement") }
        let statement = try JSON(parsing: payload, named: "the statement in \(name)")
        predicateType = statement["predicateType"]?.stringValue
        subjects = (statement["subject"]?.arrayValue ?? []).compactMap { subject in
            (subject["digest"]?["sha256"]?.stringValue).flatMap { try? Digest(parsing: "sha256:\($0)") }
        }
        guard predicateType != nil, !subjects.isEmpty else {
            throw malformed("its statement has no `predicateType`, or no subject with a SHA-256")
        }
    }

    /// Annotations by which programs choose among bundles without reading them.
    package var annotations: [String: String] {
        var annotations = ["dev.sigstore.bundle.content": predicateType == nil ? "message-signature" : "dsse-envelope"]
        annotations["dev.sigstore.bundle.predicateType"] = predicateType
        annotations["in-toto.io/predicate-type"] = predicateType
        return annotations
    }

    /// The attachment for `subject`.
    ///
    /// - Throws: `bundle.other-subject` if it is about something else.
    package func attachment(_ bytes: [UInt8], on subject: Descriptor, in file: String) throws(Diagnostic) -> Attachment
    {
        guard subjects.contains(subject.digest) else {
            throw Diagnostic(
                .bundleOtherSubject,
                "the bundle `\(file)` is about another image",
                at: .file(path: file),
                because: "it is about \(subjects[0]), and the image is \(subject.digest)",
                hint: "name the image by that digest: `REPOSITORY@\(subjects[0])`"
            )
        }
        return Attachment(bytes, as: mediaType, annotations: annotations)
    }
}

extension Diagnostic.Code {
    static let bundleMalformed = Self("bundle.malformed", .verification)
    static let bundleOtherSubject = Self("bundle.other-subject", .verification)
}
