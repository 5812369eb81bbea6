import Diagnostics
import OCI

@testable import Signing

/// Files of keys. No password is given: scrypt would take all the time.
enum KeyProbe {
    static func read(_ bytes: [UInt8]) {
        if let key = try? PublicKey(pem: bytes, named: "probe") {
            require((try? PublicKey(pem: key.pem, named: "probe")) == key, "a public key is not read as it was written")
        }
        read(file: bytes)
        // The same without base64, which the fuzzer would have to guess.
        for label in ["PRIVATE KEY", "EC PRIVATE KEY"] { read(file: PEM.encode(bytes, as: label)) }
        _ = try? PublicKey(pem: PEM.encode(bytes, as: "PUBLIC KEY"), named: "probe")
        _ = try? SealedKey(bytes, named: "probe")
        if let block = try? PEM(bytes, named: "probe") {
            let again = try? PEM(PEM.encode(block.bytes, as: block.label), named: "probe")
            require(again?.bytes == block.bytes || block.bytes.isEmpty, "a block is not read as it was written")
        }
    }

    private static func read(file bytes: [UInt8]) {
        let key = try? PrivateKey(pem: bytes, named: "probe") { () throws(Diagnostic) in
            throw Diagnostic(.keyPassword, "there is no password")
        }
        guard let key else { return }
        require(key.publicKey.verifies(key.signature(of: bytes), of: bytes), "a key does not sign")
    }
}
