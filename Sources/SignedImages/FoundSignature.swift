package import Diagnostics
import OCI
package import Signing

/// A signature that hangs on an image: not verified yet.
package struct FoundSignature: Sendable {
    enum Content: Sendable {
        case bundle(SignatureBundle)
        /// What an attestation was before there were bundles.
        case envelope(Envelope)
        /// `signature` is DER in base64.
        case simple(payload: [UInt8], signature: String)
        case unreadable(Diagnostic)
    }

    /// A referrer's digest, or a tag.
    package let place: String
    let content: Content

    /// What it states, by whatever key it is signed; `nil` if it cannot be read, or is no more than a signature.
    package var claim: Statement? {
        let envelope: Envelope
        switch content {
        case .bundle(let bundle): envelope = bundle.envelope
        case .envelope(let found): envelope = found
        case .simple, .unreadable: return nil
        }
        return try? Statement(decoding: envelope.payload, named: place)
    }

    /// What it states, if `key` has signed that.
    ///
    /// - Throws: `signature.corrupt`, `signature.invalid`, `signature.other-key`, `signature.certificate`.
    package func statement(signedBy key: PublicKey) throws(Diagnostic) -> Statement {
        switch content {
        case .unreadable(let problem): throw corrupt(problem)
        case .simple(let payload, let text):
            guard let signature = Base64Text.decode(text) else { throw corrupt(nil) }
            guard key.verifies(signature, of: payload) else { throw otherKey() }
            return try read { () throws(Diagnostic) in
                .signature(of: try SimpleSigning(decoding: payload, named: place).digest)
            }
        case .envelope(let envelope): return try statement(in: envelope, key)
        case .bundle(let bundle):
            switch bundle.material {
            case .certificate: throw certificate()
            case .key(let hint):
                if hint == key.hint, !bundle.envelope.isSigned(by: key) { throw invalid() }
                return try statement(in: bundle.envelope, key)
            }
        }
    }

    /// What the signer calls the image, in the form that podman reads; `nil` in bundles, which have no name.
    package var signedName: String? {
        guard case .simple(let payload, _) = content else { return nil }
        return try? SimpleSigning(decoding: payload, named: place).repository
    }

    /// Whether it is the form that podman reads, and not the bundle.
    package var isTagged: Bool {
        switch content {
        case .bundle: false
        case .simple, .envelope: true
        case .unreadable: place.contains(".")
        }
    }

    private func statement(in envelope: Envelope, _ key: PublicKey) throws(Diagnostic) -> Statement {
        guard envelope.isSigned(by: key) else { throw otherKey() }
        guard envelope.payloadType == Statement.mediaType else { throw corrupt(nil) }
        return try read { () throws(Diagnostic) in try Statement(decoding: envelope.payload, named: place) }
    }

    private func read<Value>(_ body: () throws(Diagnostic) -> Value) throws(Diagnostic) -> Value {
        do throws(Diagnostic) {
            return try body()
        } catch {
            throw corrupt(error)
        }
    }

    // MARK: Problems

    private func corrupt(_ problem: Diagnostic?) -> Diagnostic {
        Diagnostic(
            .signatureCorrupt,
            "a signature is corrupt",
            at: .image(place),
            because: problem.map { $0.reason ?? $0.summary } ?? "it is not what its kind has",
            hint: "sign the image again; what cannot be read proves nothing"
        )
    }

    private func invalid() -> Diagnostic {
        Diagnostic(
            .signatureInvalid,
            "a signature is not of what it stands at",
            at: .image(place),
            because: "it names this key, and the key did not sign these bytes",
            hint: "what it states was changed after it was signed: do not trust it"
        )
    }

    private func otherKey() -> Diagnostic {
        Diagnostic(.signatureOtherKey, "a signature is of another key", at: .image(place))
    }

    private func certificate() -> Diagnostic {
        Diagnostic(
            .signatureCertificate,
            "a signature is of a certificate and not of a key",
            at: .image(place),
            because: "such a signature is verified over the network",
            hint: "verify it with cosign"
        )
    }
}

extension Diagnostic.Code {
    package static let signatureCorrupt = Self("signature.corrupt", .policy)
    package static let signatureInvalid = Self("signature.invalid", .policy)
    package static let signatureOtherKey = Self("signature.other-key", .policy)
    package static let signatureCertificate = Self("signature.certificate", .policy)
}
