package import Diagnostics
import Glibc

/// The text form of certificates: RFC 7468, read strictly and written in one way only.
enum CertificatePEM {
    /// One `CERTIFICATE` block of a file.
    struct Block: Hashable {
        /// Counted from 1.
        let number: Int
        /// The line of its `BEGIN`, counted from 1.
        let line: Int
        let der: [UInt8]
    }

    private static let begin = "-----BEGIN CERTIFICATE-----"
    private static let end = "-----END CERTIFICATE-----"

    /// The blocks of a file, in its order; `path` is for messages.
    ///
    /// Text outside the blocks is a comment (RFC 7468 § 5.2), unless it looks like a damaged `BEGIN` or `END`: a root
    /// that someone meant to trust must not go missing in silence. Lines may end in CR LF.
    /// - Throws: `certificate.private-key`, `certificate.unexpected-block`, `certificate.malformed`.
    static func blocks(of bytes: [UInt8], in path: String) throws(Diagnostic) -> [Block] {
        var scanner = Scanner(path: path)
        // A line feed ends a line: what follows the last one is a line only if it is something.
        let whole = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        for line in whole.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            try scanner.take(line)
        }
        return try scanner.finish()
    }

    /// `der` as a block: 64 columns, LF at every end of line.
    static func encode(_ der: [UInt8]) -> [UInt8] {
        var text = Array(begin.utf8)
        for (index, character) in Base64.encode(der).enumerated() {
            if index % 64 == 0 { text.append(UInt8(ascii: "\n")) }
            text.append(character)
        }
        return text + "\n\(end)\n".utf8
    }

    /// Reads a line at a time, so that every problem has a line number.
    private struct Scanner {
        let path: String
        var blocks: [Block] = []
        var line = 0
        /// The line of the `BEGIN` whose `END` has not come yet.
        var opened: Int?
        /// The base64 since that `BEGIN`.
        var text: [UInt8] = []

        private var number: Int { blocks.count + 1 }

        mutating func take(_ bytes: ArraySlice<UInt8>) throws(Diagnostic) {
            line += 1
            // Blanks at the end of a line mean nothing, the CR of a CR LF among them.
            let content = bytes.lastIndex { $0 > UInt8(ascii: " ") }.map { bytes[...$0] } ?? []
            try refusePrivateKey(content)
            if let opened {
                try takeInside(content, opened)
            } else if content.elementsEqual(begin.utf8) {
                opened = line
            } else {
                try takeOutside(content)
            }
        }

        private func refusePrivateKey(_ content: ArraySlice<UInt8>) throws(Diagnostic) {
            guard contains(content, "BEGIN "), contains(content, "PRIVATE KEY") else { return }
            throw Diagnostic(
                .certificatePrivateKey,
                "`\(path)` has a private key in it",
                at: .file(path: path, line: line),
                because: "everyone who can pull the image could read it",
                hint: "give a file with certificates only: `openssl storeutl -certs FILE > FILE.pem` makes one"
            )
        }

        private mutating func takeInside(_ content: ArraySlice<UInt8>, _ opened: Int) throws(Diagnostic) {
            if content.elementsEqual(end.utf8) {
                guard let der = Base64.decode(text) else {
                    throw malformed("its base64 is cut short or does not end properly")
                }
                blocks.append(Block(number: number, line: opened, der: der))
                self.opened = nil
                text = []
            } else if content.isEmpty {
                throw malformed("an empty line is in the middle of it")
            } else if content.first == UInt8(ascii: "-") {
                throw malformed("`\(shown(content))` stands where `\(end)` is missing")
            } else if !content.allSatisfy(Base64.contains) {
                throw malformed("`\(shown(content))` is not base64")
            } else {
                text += content
            }
        }

        private func takeOutside(_ content: ArraySlice<UInt8>) throws(Diagnostic) {
            if let label = label(content) {
                throw Diagnostic(
                    .certificateUnexpectedBlock,
                    "block \(number) of `\(path)` is not a certificate",
                    at: .file(path: path, line: line),
                    because: "it is a `\(label)`, and only `CERTIFICATE` is taken",
                    hint: Self.remedy(label)
                )
            }
            let marks: [StaticString] = ["-BEGIN ", "-END ", "BEGIN CERTIFICATE", "END CERTIFICATE"]
            if marks.contains(where: { contains(content, $0) }) {
                throw malformed("`\(shown(content))` is neither `\(begin)` nor a comment")
            }
        }

        /// What makes certificates of a block of another kind.
        private static func remedy(_ label: String) -> String {
            switch label {
            case "TRUSTED CERTIFICATE", "X509 CERTIFICATE": "rewrite it with `openssl x509 -in FILE`"
            case "PKCS7", "CMS": "take its certificates out: `openssl pkcs7 -print_certs -in FILE -out FILE.pem`"
            default: "remove the block"
            }
        }

        /// The label of a well-formed `BEGIN` line.
        private func label(_ line: ArraySlice<UInt8>) -> String? {
            let (prefix, suffix) = ("-----BEGIN ", "-----")
            guard line.starts(with: prefix.utf8), line.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) else {
                return nil
            }
            let label = line.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count)
            return label.isEmpty ? nil : shown(label)
        }

        func finish() throws(Diagnostic) -> [Block] {
            guard opened == nil else { throw malformed("the file ends before `\(end)`") }
            return blocks
        }

        private func malformed(_ reason: String) -> Diagnostic {
            .certificateMalformed(block: number, line: line, in: path, because: reason)
        }

        private func contains(_ line: ArraySlice<UInt8>, _ part: StaticString) -> Bool {
            line.withUnsafeBytes { line in
                var rest = line[...]
                while rest.count >= part.utf8CodeUnitCount,
                    let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress
                {
                    let candidates = rest.count - part.utf8CodeUnitCount + 1
                    guard let found = memchr(start, Int32(part.utf8Start.pointee), candidates) else { return false }
                    if memcmp(found, part.utf8Start, part.utf8CodeUnitCount) == 0 { return true }
                    rest = rest.dropFirst(UnsafeRawPointer(found) - start + 1)
                }
                return false
            }
        }

        /// At most 64 bytes of a line, for a message.
        private func shown(_ content: ArraySlice<UInt8>) -> String {
            String(printing: content.prefix(64)) + (content.count > 64 ? "…" : "")
        }
    }
}

extension Diagnostic {
    static func certificateMalformed(block: Int, line: Int, in path: String, because reason: String) -> Diagnostic {
        Diagnostic(
            .certificateMalformed,
            "block \(block), line \(line) of `\(path)` cannot be read",
            at: .file(path: path, line: line),
            because: reason,
            hint: "export the certificate again as PEM"
        )
    }
}

extension Diagnostic.Code {
    package static let certificatePrivateKey = Self("certificate.private-key", .input)
    package static let certificateUnexpectedBlock = Self("certificate.unexpected-block", .input)
    package static let certificateMalformed = Self("certificate.malformed", .input)
}
