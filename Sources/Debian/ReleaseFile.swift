import ByteIO
package import Diagnostics
import HTTP
package import OCI

/// The content of a suite's `Release`: the files that make up the suite, and until when it is valid.
///
/// Debian wiki, DebianRepository/Format § "Release" files.
package struct ReleaseFile: Sendable {
    /// The promised size and digest of one file.
    package struct Promise: Hashable, Sendable {
        /// Size of the file, in bytes.
        package let size: Int64
        package let digest: Digest
    }

    /// The suite, such as `oldstable-updates`; empty if absent.
    package let suite: String
    /// The codename, such as `bookworm-updates`; empty if absent.
    package let codename: String
    /// The version of a point release, such as `12.15`; empty if absent.
    package let version: String
    package let date: Timestamp
    package let validUntil: Timestamp?
    package let architectures: [String]
    package let components: [String]
    package let acquiresByHash: Bool
    /// Promises by paths relative to the suite's directory.
    package let files: [String: Promise]

    /// Reads the text that a signature was made over.
    ///
    /// - Throws: `release.malformed`, `control.malformed`.
    package init(parsing bytes: [UInt8], named name: String) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            Diagnostic(.releaseMalformed, "a Release file is damaged", at: .file(path: name), because: reason)
        }
        let paragraph = try Self.paragraph(bytes, named: name)
        suite = paragraph["Suite"] ?? ""
        codename = paragraph["Codename"] ?? ""
        version = paragraph["Version"] ?? ""
        architectures = paragraph.words(of: "Architectures")
        components = paragraph.words(of: "Components")
        acquiresByHash = paragraph["Acquire-By-Hash"] == "yes"
        guard let written = paragraph["Date"], let date = Self.timestamp(written) else {
            throw malformed("its `Date` is missing or no date")
        }
        self.date = date
        if let written = paragraph["Valid-Until"] {
            guard let date = Self.timestamp(written) else { throw malformed("its `Valid-Until` is not a date") }
            validUntil = date
        } else {
            validUntil = nil
        }
        guard let table = paragraph.bytes(of: "SHA256") else { throw malformed("it has no SHA-256 sums") }
        files = try Self.files(table, malformed)
    }

    /// Largest paragraph, in bytes: a Release lists thousands of files in one field.
    private static func paragraph(_ bytes: [UInt8], named name: String) throws(Diagnostic) -> ControlParagraph {
        var reader = ControlReader(
            MemorySource(bytes),
            keeping: [
                "Suite", "Codename", "Version", "Architectures", "Components", "Acquire-By-Hash", "Date", "Valid-Until",
                "SHA256",
            ],
            paragraphLimit: SignedRelease.sizeLimit,
            at: .file(path: name)
        )
        guard let paragraph = try reader.next() else {
            throw Diagnostic(
                .releaseMalformed,
                "a Release file is damaged",
                at: .file(path: name),
                because: "it is empty"
            )
        }
        return paragraph
    }

    private static func files(
        _ table: [UInt8],
        _ malformed: (String) -> Diagnostic
    ) throws(Diagnostic) -> [String: Promise] {
        var files = [String: Promise]()
        for line in table.split(separator: 0x0A) {
            let words = line.split(whereSeparator: \.isBlank)
            if words.isEmpty { continue }
            guard
                words.count == 3, let size = Int64(String(printing: words[1])), size >= 0,
                let digest = try? Digest(parsing: "sha256:" + String(printing: words[0]))
            else { throw malformed("`\(String(printing: line.trimmed.prefix(100)))` is not a line of SHA-256 sums") }
            let path = String(printing: words[2])
            let promise = Promise(size: size, digest: digest)
            guard files.updateValue(promise, forKey: path) ?? promise == promise else {
                throw malformed("it has two SHA-256 sums for `\(path)`")
            }
        }
        return files
    }

    /// Reads an RFC 5322 date in UTC, in the several forms that Release files contain.
    private static func timestamp(_ text: String) -> Timestamp? {
        let words = text.split(separator: " ")
        guard let zone = words.last, ["UTC", "GMT", "Z", "+0000"].contains(zone) else { return nil }
        let date = (words.dropLast().map(String.init) + ["GMT"]).joined(separator: " ")
        return HTTPDate.seconds(of: date).map { Timestamp(secondsSince1970: $0) }
    }
}

extension Diagnostic.Code {
    package static let releaseMalformed = Self("release.malformed", .verification)
}
