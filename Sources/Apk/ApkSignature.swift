import Archive
import ByteIO
package import Diagnostics
package import OCI
import Signing

/// A key that signs indexes and packages, by the name that signatures call it.
package struct ApkKey: Hashable, Sendable {
    /// The name of its file in `/etc/apk/keys`, such as `alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub`.
    package let name: String
    private let key: RSAPublicKey

    /// The SHA-256 of its encoding in DER.
    package var fingerprint: Digest { key.fingerprint }

    fileprivate func verifies(
        _ signature: [UInt8],
        of message: ArraySlice<UInt8>,
        by hash: RSAPublicKey.Hash
    ) -> Bool { key.verifies(signature, of: message, by: hash) }

    /// Reads a file of `/etc/apk/keys`.
    ///
    /// - Throws: `key.malformed`, `key.kind`.
    package init(_ pem: [UInt8], named name: String, from path: String) throws(Diagnostic) {
        self.name = name
        key = try RSAPublicKey(pem: pem, named: path)
    }
}

/// A signature in the first member of an index or a package: a file `.SIGN.RSA256.KEYNAME`.
///
/// apk-v2(5) § Signature.
package struct ApkSignature: Hashable, Sendable {
    private static let prefix = ".SIGN."
    /// Largest member of signatures when unpacked, in bytes: a few signatures of 512 bytes.
    static let memberLimit = 256 << 10
    /// More than this no repository has, and each costs a verification.
    private static let most = 32
    private static let largest = 4096
    private static let hashes: [String: RSAPublicKey.Hash] = ["RSA": .sha1, "RSA256": .sha256, "RSA512": .sha512]

    /// Such as `RSA256`.
    package let algorithm: String
    package let keyName: String
    let bytes: [UInt8]

    /// The signatures in a member's content; `nil` if it is not a member of signatures.
    ///
    /// - Throws: `apk.malformed`, and what the reader of tars throws.
    static func all(in content: [UInt8], at subject: Diagnostic.Subject) throws(Diagnostic) -> [ApkSignature]? {
        guard content.starts(with: prefix.utf8) else { return nil }
        var tar = TarReader(MemorySource(content), at: subject)
        var signatures = [ApkSignature]()
        while let record = try tar.next() {
            let name = String(printing: record.path)
            guard record.kind == .regular, name.hasPrefix(prefix) else {
                throw .apkMalformed("`\(name.prefix(100))` stands among its signatures", at: subject)
            }
            let parts = name.dropFirst(prefix.count).split(separator: ".", maxSplits: 1)
            guard parts.count == 2 else {
                throw .apkMalformed("its signature `\(name.prefix(100))` names no key", at: subject)
            }
            guard signatures.count < most else {
                throw .apkMalformed("it has more than \(most) signatures", at: subject)
            }
            signatures.append(
                ApkSignature(
                    algorithm: String(parts[0]),
                    keyName: String(parts[1]),
                    bytes: try tar.readContent(limit: largest)
                )
            )
        }
        return signatures
    }

    /// - Throws: unless one of `signatures` is one of `message` by one of `keys`: `apk.signature-missing`,
    ///   `apk.signature-untrusted`, `apk.signature-unknown`, `apk.signature-wrong`.
    static func verify(
        _ signatures: [ApkSignature],
        of message: ArraySlice<UInt8>,
        by keys: [ApkKey],
        at subject: Diagnostic.Subject
    ) throws(Diagnostic) {
        guard !signatures.isEmpty else {
            throw Diagnostic(
                .apkSignatureMissing,
                "the index of packages is not signed",
                at: subject,
                because: "its first part holds no signature",
                hint: "use a mirror whose indexes are signed"
            )
        }
        let known = signatures.filter { signature in keys.contains { $0.name == signature.keyName } }
        guard !known.isEmpty else {
            let names = Set(signatures.map(\.keyName)).sorted().map { "`\($0.excerpt)`" }.joined(separator: ", ")
            let trusted = keys.map { "`\($0.name)`" }.joined(separator: ", ")
            throw Diagnostic(
                .apkSignatureUntrusted,
                "the index of packages is signed by a key that is not trusted",
                at: subject,
                because: "it is signed by \(names), and trusted are \(trusted)",
                hint: "if it is the right key, name its file with `--keyring FILE`"
            )
        }
        let usable = known.filter { hashes[$0.algorithm] != nil }
        guard !usable.isEmpty else {
            let names = Set(known.map(\.algorithm)).sorted().map { "`\($0.excerpt)`" }.joined(separator: ", ")
            throw Diagnostic(
                .apkSignatureUnknown,
                "the index of packages is signed in a way that is not supported",
                at: subject,
                because: "its signatures are \(names), and `RSA`, `RSA256` and `RSA512` are supported"
            )
        }
        for signature in usable {
            guard let hash = hashes[signature.algorithm] else { continue }
            for key in keys where key.name == signature.keyName {
                if key.verifies(signature.bytes, of: message, by: hash) { return }
            }
        }
        throw Diagnostic(
            .apkSignatureWrong,
            "the signature of the index of packages is wrong",
            at: subject,
            because: "\(usable.map { "that of `\($0.keyName.excerpt)`" }.joined(separator: " and ")) is of other bytes",
            hint: "the mirror is out of step, or someone has changed the index: use another one"
        )
    }
}

extension Diagnostic {
    static func apkMalformed(_ reason: String, at subject: Subject) -> Diagnostic {
        Diagnostic(.apkMalformed, "the apk file is damaged", at: subject, because: reason)
    }
}

extension Diagnostic.Code {
    package static let apkMalformed = Self("apk.malformed", .verification)
    package static let apkSignatureMissing = Self("apk.signature-missing", .verification)
    package static let apkSignatureUntrusted = Self("apk.signature-untrusted", .verification)
    package static let apkSignatureUnknown = Self("apk.signature-unknown", .verification)
    package static let apkSignatureWrong = Self("apk.signature-wrong", .verification)
}
