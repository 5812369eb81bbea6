package import Archive
package import ByteIO
package import Diagnostics

/// Reads a Debian package: first its metadata, then its files one after the other.
///
/// Nothing in it is run, and nothing is written. A package is trusted only if its digest is in a signed index. Whatever its
/// bytes are, reading them ends, with bounded memory.
///
/// deb(5).
package struct DebReader: ~Copyable {
    /// Default limit of the uncompressed `data.tar`, in bytes.
    package static let defaultLimit: Int64 = 512 << 20

    package let control: DebControl
    private let subject: Diagnostic.Subject
    private let archive: DebArchive
    private var tar: TarReader<AnySource>

    /// Reads the package up to its first file.
    ///
    /// - Parameters:
    ///   - limit: largest size of the uncompressed `data.tar`, in bytes.
    ///   - name: the name of the file, for messages.
    /// - Throws: `deb.malformed`, `deb.unsupported`, and what the readers of ar, tar and the compressions throw.
    package init<Source: ByteSource & ~Copyable>(
        _ source: consuming Source,
        limit: Int64 = defaultLimit,
        named name: String
    ) throws(Diagnostic) {
        let subject = Diagnostic.Subject.file(path: name)
        let archive = DebArchive(AnySource(source), at: subject)
        try Self.checkFormat(archive, at: subject)
        let controlTar = try Self.member("control.tar", of: archive, limit: 16 << 20, at: subject)
        let control = try DebControl(TarReader(controlTar, at: subject), at: subject)
        let dataTar = try Self.member("data.tar", of: archive, limit: limit, at: subject)
        self.control = control
        tar = TarReader(dataTar, at: subject)
        self.archive = archive
        self.subject = subject
    }

    /// The next entry of `data.tar`, as it is stored; `nil` at the end, when the whole package has been read.
    package mutating func next() throws(Diagnostic) -> TarRecord? {
        if let record = try tar.next() { return record }
        try tar.drain()
        // Members after data.tar are ignored (deb(5)), but have to be well formed.
        while try archive.next() != nil {}
        return nil
    }

    /// Fills the front of `buffer` with the current entry's content and returns the number of bytes; 0 at its end.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        try tar.read(into: buffer)
    }

    /// The rest of the current entry's content.
    package mutating func readContent(limit: Int) throws(Diagnostic) -> [UInt8] { try tar.readContent(limit: limit) }
}

extension DebReader {
    private static func checkFormat(_ archive: DebArchive, at subject: Diagnostic.Subject) throws(Diagnostic) {
        guard let first = try archive.next(), first.name == "debian-binary" else {
            throw malformed("its first member is not `debian-binary`", at: subject)
        }
        guard first.size <= 256 else { throw malformed("its `debian-binary` has \(first.size) bytes", at: subject) }
        let text = try archive.readContent(limit: 256)
        let line = text.prefix { $0 != 0x0A }
        let parts = line.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard
            line.count < text.count, parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isDigit) })
        else { throw malformed("its `debian-binary` is `\(String(printing: line.prefix(40)))`", at: subject) }
        guard parts[0].elementsEqual("2".utf8) else {
            throw unsupported("its format is \(String(printing: line.prefix(40))), and 2.0 is read", at: subject)
        }
    }

    /// The tar that is the next member. Members whose names begin with an underscore are skipped.
    private static func member(
        _ stem: String,
        of archive: DebArchive,
        limit: Int64,
        at subject: Diagnostic.Subject
    ) throws(Diagnostic) -> AnySource {
        while let member = try archive.next() {
            if member.name.hasPrefix("_") { continue }
            guard member.name == stem || member.name.hasPrefix(stem + ".") else {
                throw malformed("`\(member.name)` stands where `\(stem)` should", at: subject)
            }
            guard let compression = DebCompression(of: member.name, stem: stem) else {
                throw unsupported("`\(member.name)` is compressed in a way that is not read", at: subject)
            }
            return try compression.open(archive, limit: limit, at: subject)
        }
        throw malformed("it has no `\(stem)`", at: subject)
    }

    private static func malformed(_ reason: String, at subject: Diagnostic.Subject) -> Diagnostic {
        Diagnostic(.debMalformed, "the Debian package is damaged", at: subject, because: reason)
    }

    private static func unsupported(_ reason: String, at subject: Diagnostic.Subject) -> Diagnostic {
        Diagnostic(
            .debUnsupported,
            "the Debian package is of an unsupported kind",
            at: subject,
            because: reason,
            hint: "xz, zstd, gzip and no compression are read; `dpkg-deb --raw-extract` and `--build` make one of them"
        )
    }
}

extension Diagnostic.Code {
    package static let debMalformed = Self("deb.malformed", .verification)
    package static let debUnsupported = Self("deb.unsupported", .verification)
}
