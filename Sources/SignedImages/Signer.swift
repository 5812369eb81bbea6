package import Signing

/// Who signs: a key at hand, or one elsewhere whose signatures were brought.
package enum Signer: Sendable {
    case key(PrivateKey)
    /// Signatures in DER, made with a key whose public half this is, such as one in an HSM.
    case made([[UInt8]], PublicKey)

    package var publicKey: PublicKey {
        switch self {
        case .key(let key): key.publicKey
        case .made(_, let key): key
        }
    }

    /// A signature of `message`; `nil` if none of those that were brought is one.
    func signature(of message: [UInt8]) -> [UInt8]? {
        switch self {
        case .key(let key): key.signature(of: message)
        case .made(let signatures, let key): signatures.first { key.verifies($0, of: message) }
        }
    }
}

/// The bytes that a signature of an image is of, in both forms: for a key that is not at hand.
package struct SignaturePayloads: Sendable {
    /// What is under cosign's tag.
    package let simple: [UInt8]
    /// What the bundle's signature is of.
    package let bundle: [UInt8]
}
