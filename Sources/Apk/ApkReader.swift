package import Archive
package import ByteIO
package import Debian
package import Diagnostics
import OCI

/// Reads an apk package: first its metadata, then its files one after the other.
///
/// Nothing in it is run, and nothing is written. A package is trusted only if its checksum is in a signed index, or its digest in a
/// lock. Whatever its bytes are, reading them ends, with bounded memory.
///
/// apk-v2(5).
package struct ApkReader: PackageReading, ~Copyable {
    /// Default limit of the unpacked files with their headers, in bytes.
    package static let defaultLimit: Int64 = 1 << 30

    package let control: ApkControl
    /// What an index says of it.
    package let checksum: ApkChecksum
    private let subject: Diagnostic.Subject
    private let data: DigestedSource
    private var tar: TarReader<GzipReader<AnySource>>
    private var isBehindMetadata = false
    private var isAtEnd = false

    /// Reads the package up to its first file.
    ///
    /// - Parameters:
    ///   - limit: largest size of the unpacked files with their headers, in bytes.
    ///   - name: the name of the file, for messages.
    /// - Throws: `apk.malformed`, `apk.unsupported`, and what the readers of gzip and tar throw.
    package init<Source: ByteSource & ~Copyable>(
        _ source: consuming Source,
        limit: Int64 = defaultLimit,
        named name: String
    ) throws(Diagnostic) {
        let subject = Diagnostic.Subject.file(path: name)
        var members = GzipMemberReader(source, at: subject)
        try Self.checkFormat(try members.peek(4), at: subject)
        guard var member = try members.next(limit: ApkControl.memberLimit) else {
            throw .apkMalformed("it is empty", at: subject)
        }
        // A package's own signatures are not asked: the index, or the lock, says more.
        if try ApkSignature.all(in: member.content, at: subject) != nil {
            guard let second = try members.next(limit: ApkControl.memberLimit) else {
                throw .apkMalformed("nothing comes after its signatures", at: subject)
            }
            member = second
        }
        let control = try ApkControl(member.content, at: subject)
        let data = DigestedSource(members.rest())
        let files = try GzipReader(AnySource(DigestedSource.View(data)), limit: limit, at: subject)
        self.control = control
        checksum = ApkChecksum(sha1Of: member.compressed)
        tar = TarReader(files, at: subject)
        self.data = data
        self.subject = subject
    }

    /// The next file, as it is stored; `nil` at the end, when the whole package has been read.
    ///
    /// - Throws: `apk.data-digest` at the end if the files are not those of the package's own metadata.
    package mutating func next() throws(Diagnostic) -> TarRecord? {
        guard !isAtEnd else { return nil }
        while let record = try tar.next() {
            // Files whose names begin with a dot are metadata where no other file has come before.
            let isMetadata = record.path.first == UInt8(ascii: ".") && !record.path.contains(UInt8(ascii: "/"))
            if !isBehindMetadata, isMetadata, record.kind == .regular { continue }
            isBehindMetadata = true
            return record
        }
        try tar.drain()
        isAtEnd = true
        let found = data.digest
        guard found == control.dataDigest else {
            throw Diagnostic(
                .apkDataDigest,
                "the files of the package `\(control.name)` are not its own",
                at: subject,
                because: "they have the digest \(found), and its `.PKGINFO` says \(control.dataDigest)"
            )
        }
        return nil
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        try tar.read(into: buffer)
    }

    package mutating func readContent(limit: Int) throws(Diagnostic) -> [UInt8] { try tar.readContent(limit: limit) }

    package var table: DebTable {
        DebTable(name: control.name, codes: DebTable.Codes(path: .apkPathRefused, kind: .apkKindRefused))
    }

    /// - Throws: for the formats that are not gzip.
    static func checkFormat(_ start: [UInt8], at subject: Diagnostic.Subject) throws(Diagnostic) {
        guard !start.starts(with: "ADB".utf8) else {
            throw Diagnostic(
                .apkUnsupported,
                "the file is in apk's version 3 format, which is not read",
                at: subject,
                because:
                    "it begins with `\(String(printing: start))` (ADB), and version 2 is read, which begins as gzip does",
                hint: "use a repository that has an `APKINDEX.tar.gz`"
            )
        }
        guard start.starts(with: [0x1F, 0x8B]) else {
            throw .apkMalformed("it does not begin as a gzip stream does", at: subject)
        }
    }
}

/// What an index says of a package: the SHA-1 of its control member as it is stored, which holds the SHA-256 of its files.
package struct ApkChecksum: Hashable, Sendable, CustomStringConvertible {
    /// `Q1` and 28 characters of base64.
    package let text: String

    init(sha1Of bytes: [UInt8]) {
        var hasher = SHA1Hasher()
        bytes.withUnsafeBytes { hasher.update($0) }
        text = Self.text(ofHex: hasher.finalize())
    }

    /// `nil` for anything but a checksum as an index has it.
    package init?(_ text: some StringProtocol) {
        guard text.hasPrefix("Q1"), let bytes = Base64Text.decode(String(text.dropFirst(2))), bytes.count == 20,
            "Q1\(Base64Text.encode(bytes))" == text
        else { return nil }
        self.text = String(text)
    }

    package var description: String { text }

    /// `Q1` and base64 of a SHA-1, given in hex digits, as an installed database has it.
    package static func text(ofHex hex: String) -> String {
        var bytes = [UInt8]()
        var high: UInt8?
        for digit in hex.utf8 {
            let value = digit >= UInt8(ascii: "a") ? digit - UInt8(ascii: "a") + 10 : digit - UInt8(ascii: "0")
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return "Q1" + Base64Text.encode(bytes)
    }
}

/// A source whose bytes are hashed while they are read.
private final class DigestedSource {
    private var source: AnySource
    private var hasher: SHA256Hasher? = SHA256Hasher()
    private var result: Digest?

    init(_ source: consuming some ByteSource & ~Copyable) { self.source = AnySource(source) }

    /// The digest of what was read. Nothing more can be read then.
    var digest: Digest {
        if let result { return result }
        guard let found = hasher.take()?.finalize() else { preconditionFailure("a digest that was taken is kept") }
        result = found
        return found
    }

    fileprivate func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        let count = try source.read(into: buffer)
        hasher?.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return count
    }

    struct View: ByteSource {
        private let source: DigestedSource

        init(_ source: DigestedSource) { self.source = source }

        mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
            try source.read(into: buffer)
        }
    }
}

extension Diagnostic.Code {
    package static let apkUnsupported = Self("apk.unsupported", .verification)
    package static let apkDataDigest = Self("apk.data-digest", .verification)
    package static let apkPathRefused = Self("apk.path-refused", .verification)
    package static let apkKindRefused = Self("apk.kind-refused", .verification)
}
