package import Diagnostics
import OCI

/// The one key in a text file (RFC 7468).
struct PEM {
    /// What stands behind `BEGIN`.
    let label: String
    let bytes: [UInt8]

    /// Size limit of a key's file, in bytes.
    static let largest = 64 << 10

    /// Reads the one block of a file. Text around it is a comment; the curve's name, which openssl writes before a key, is
    /// passed over. `name` is for messages, which quote nothing of the file but the block's label.
    ///
    /// - Throws: `key.malformed`.
    init(_ bytes: [UInt8], named name: String) throws(Diagnostic) {
        guard bytes.count <= Self.largest else { throw .keyMalformed(name, "it has more than 64 KiB") }
        var found: PEM?
        var opened: (label: String, text: [UInt8])?
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true) {
            let content = line.lastIndex { $0 > UInt8(ascii: " ") }.map { line[...$0] } ?? []
            let mark = Self.mark(content)
            switch (opened, mark) {
            case (nil, .begin(let label)): opened = (label, [])
            case (nil, .end): throw .keyMalformed(name, "a block ends that did not begin")
            case (nil, nil): continue
            case (_?, .begin): throw .keyMalformed(name, "a block begins within another")
            case (let block?, .end(let label)):
                guard label == block.label else { throw .keyMalformed(name, "a block ends with another's name") }
                opened = nil
                guard label != "EC PARAMETERS" else { continue }
                guard found == nil else { throw .keyMalformed(name, "it has more than one key") }
                let text = String(decoding: block.text, as: UTF8.self)
                guard let bytes = Base64Text.decode(text) else { throw .keyMalformed(name, "its base64 is damaged") }
                found = PEM(label: label, bytes: bytes)
            case (_?, nil):
                guard !content.contains(UInt8(ascii: ":")) else {
                    throw .keyMalformed(
                        name,
                        "it is encrypted in a way that OpenSSL has given up",
                        hint: "rewrite it with `openssl pkcs8 -topk8 -in OLD -out NEW`"
                    )
                }
                opened?.text += content
            }
        }
        guard opened == nil else { throw .keyMalformed(name, "it is cut short") }
        guard let found else {
            throw .keyMalformed(name, "it has no line that begins with `-----BEGIN`")
        }
        self = found
    }

    private init(label: String, bytes: [UInt8]) {
        self.label = label
        self.bytes = bytes
    }

    /// `bytes` as a block: 64 columns.
    static func encode(_ bytes: [UInt8], as label: String) -> [UInt8] {
        var text = Array("-----BEGIN \(label)-----".utf8)
        for (index, character) in Base64Text.encode(bytes).utf8.enumerated() {
            if index % 64 == 0 { text.append(UInt8(ascii: "\n")) }
            text.append(character)
        }
        return text + "\n-----END \(label)-----\n".utf8
    }

    private enum Mark { case begin(String), end(String) }

    private static func mark(_ line: ArraySlice<UInt8>) -> Mark? {
        let dashes = "-----"
        guard line.starts(with: dashes.utf8), line.count > 2 * dashes.utf8.count,
            line.suffix(dashes.utf8.count).elementsEqual(dashes.utf8)
        else { return nil }
        let words = String(printing: line.dropFirst(dashes.utf8.count).dropLast(dashes.utf8.count).prefix(64))
        if words.hasPrefix("BEGIN ") { return .begin(String(words.dropFirst("BEGIN ".count))) }
        return words.hasPrefix("END ") ? .end(String(words.dropFirst("END ".count))) : nil
    }
}

extension Diagnostic {
    static func keyMalformed(_ name: String, _ reason: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(
            .keyMalformed,
            "`\(name)` is not a key that can be read",
            at: .file(path: name),
            because: reason,
            hint: hint
        )
    }
}

extension Diagnostic.Code {
    package static let keyMalformed = Self("key.malformed", .input)
    package static let keyKind = Self("key.kind", .authentication)
    package static let keyPassword = Self("key.password", .authentication)
}
