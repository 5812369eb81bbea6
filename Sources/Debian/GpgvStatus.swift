import ByteIO
package import Diagnostics

/// The status lines of gpgv.
///
/// GnuPG, doc/DETAILS § Format of the --status-fd output.
struct GpgvStatus {
    private enum Verdict {
        case good
        case bad(key: String)
        case unknown(key: String)
        case expired(key: String)
        case revoked(key: String)
        case other(String)
    }

    private var verdicts: [Verdict] = []

    /// The exit status says less: it is a failure as soon as one of several signing keys is unknown.
    init(parsing bytes: [UInt8]) {
        // A signature is good if gpgv reports both GOODSIG and VALIDSIG; for expired keys it also reports the latter.
        var isGood = false
        for line in bytes.split(separator: 0x0A) {
            let words = line.split(separator: 0x20).map { String(printing: $0) }
            guard words.count >= 2, words[0] == "[GNUPG:]" else { continue }
            let key = words.count > 2 ? words[2] : "?"
            switch words[1] {
            case "NEWSIG": isGood = false
            case "GOODSIG": isGood = true
            case "VALIDSIG":
                if isGood { verdicts.append(.good) }
                isGood = false
            case "BADSIG": verdicts.append(.bad(key: key))
            case "NO_PUBKEY": verdicts.append(.unknown(key: key))
            case "EXPKEYSIG", "EXPSIG": verdicts.append(.expired(key: key))
            case "REVKEYSIG": verdicts.append(.revoked(key: key))
            case "ERRSIG":
                // Code 9 is a missing key, which has a line of its own.
                if words.count > 7, words[7] != "9" {
                    verdicts.append(.other("its signature by `\(key)` is not understood"))
                }
            case "NODATA": verdicts.append(.other("it has no signature"))
            default: break
            }
        }
    }

    /// - Throws: `signature.…` unless there is a good signature and no bad one.
    func check(named name: String, keyrings: [FilePath]) throws(Diagnostic) {
        func problem(_ code: Diagnostic.Code, _ reason: String, _ hint: String?) -> Diagnostic {
            Diagnostic(
                code,
                "a Release file's signature does not verify",
                at: .file(path: name),
                because: reason,
                hint: hint
            )
        }
        func keys(_ select: (Verdict) -> String?) -> String? {
            let found = verdicts.compactMap(select)
            return found.isEmpty ? nil : found.map { "`\($0)`" }.joined(separator: ", ")
        }
        if let keys = keys({ if case .bad(let key) = $0 { key } else { nil } }) {
            throw problem(
                .signatureBad,
                "the text is not what the key \(keys) signed",
                "it was changed after it was signed: use another mirror"
            )
        }
        if verdicts.contains(where: { if case .good = $0 { true } else { false } }) { return }
        let rings = keyrings.map { "`\($0.display)`" }.joined(separator: ", ")
        if let keys = keys({ if case .revoked(let key) = $0 { key } else { nil } }) {
            throw problem(.signatureKeyExpired, "the key \(keys) was revoked", "renew \(rings)")
        }
        if let keys = keys({ if case .expired(let key) = $0 { key } else { nil } }) {
            throw problem(.signatureKeyExpired, "the key \(keys), or its signature, has expired", "renew \(rings)")
        }
        if let keys = keys({ if case .unknown(let key) = $0 { key } else { nil } }) {
            throw problem(
                .signatureUnknownKey,
                "it is signed by \(keys), which is not in \(rings)",
                "name the keyring that has it"
            )
        }
        let other = verdicts.lazy.compactMap { if case .other(let reason) = $0 { reason } else { nil } }.first
        throw problem(.signatureBad, other ?? "gpgv found no good signature", nil)
    }
}

extension Diagnostic.Code {
    package static let signatureBad = Self("signature.bad", .verification)
    package static let signatureUnknownKey = Self("signature.unknown-key", .verification)
    package static let signatureKeyExpired = Self("signature.key-expired", .verification)
}
