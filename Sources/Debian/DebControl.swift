import Archive
import Diagnostics

/// A package's own metadata.
///
/// deb-control(5).
package struct DebControl: Hashable, Sendable {
    package let name: String
    package let version: String
    package let architecture: String
    /// All fields of `control`.
    package let paragraph: ControlParagraph
    /// The file `control` as it is in the package: what an image keeps for scanners.
    package let control: [UInt8]
    /// The file `md5sums` as it is in the package; `nil` if absent.
    package let md5sums: [UInt8]?
    /// The absolute paths of configuration files.
    package let conffiles: [String]
    /// The names among `preinst`, `postinst`, `prerm`, `postrm`, `config` and `triggers` that are in the package. They are
    /// never run. A `triggers` that only asks for ldconfig is omitted: coracle makes the list that ldconfig would make.
    package let scripts: [String]

    private static let scriptNames = ["preinst", "postinst", "prerm", "postrm", "config", "triggers"]
    /// Largest file that is read, in bytes.
    private static let fileLimit = 1 << 20

    /// Reads `control.tar`.
    init(_ tar: consuming TarReader<AnySource>, at subject: Diagnostic.Subject) throws(Diagnostic) {
        var files = [String: [UInt8]]()
        var scripts = [String]()
        var count = 0
        while let record = try tar.next() {
            count += 1
            let name = String(printing: record.path)
            guard count <= 256 else { throw Self.malformed("`control.tar` has more than 256 entries", at: subject) }
            let isKept = ["control", "md5sums", "conffiles"].contains(name)
            guard isKept || Self.scriptNames.contains(name) else { continue }
            guard record.kind == .regular else {
                throw Self.malformed("its `\(name)` is not a regular file", at: subject)
            }
            guard files[name] == nil else { throw Self.malformed("it has `\(name)` twice", at: subject) }
            guard isKept else {
                files[name] = []
                if name == "triggers", try Self.asksForLibrariesOnly(&tar, record) { continue }
                scripts.append(name)
                continue
            }
            guard record.size <= Int64(Self.fileLimit) else {
                throw Self.malformed("its `\(name)` has \(record.size) bytes, over \(Self.fileLimit)", at: subject)
            }
            files[name] = try tar.readContent(limit: Self.fileLimit)
        }
        try tar.drain()
        guard let control = files["control"] else { throw Self.malformed("it has no file `control`", at: subject) }
        self.control = control
        paragraph = try ControlParagraph(parsing: control, at: subject)
        name = try Self.field("Package", of: paragraph, at: subject)
        version = try Self.field("Version", of: paragraph, at: subject)
        architecture = try Self.field("Architecture", of: paragraph, at: subject)
        guard name.isPackageName else {
            throw Self.malformed("`\(String(printing: name.utf8.prefix(80)))` is not a package name", at: subject)
        }
        _ = try DebianVersion(parsing: version)
        md5sums = files["md5sums"]
        conffiles = (files["conffiles"] ?? []).split(separator: 0x0A).map { line in
            // A flag may come before the path.
            String(printing: line.trimmed.drop { $0 != UInt8(ascii: "/") })
        }.filter { !$0.isEmpty }
        self.scripts = scripts.sorted()
    }

    /// deb-triggers(5). Nearly every library has such a file.
    private static func asksForLibrariesOnly(
        _ tar: inout TarReader<AnySource>,
        _ record: TarRecord
    ) throws(Diagnostic) -> Bool {
        guard record.size <= 4096 else { return false }
        return try tar.readContent(limit: 4096).split(separator: 0x0A).map(\.trimmed).allSatisfy { line in
            let words = line.split { $0.isBlank }
            guard let directive = words.first, directive.first != UInt8(ascii: "#") else { return true }
            return directive.starts(with: "activate".utf8) && words.count == 2
                && words[1].elementsEqual("ldconfig".utf8)
        }
    }

    private static func field(
        _ name: String,
        of paragraph: ControlParagraph,
        at subject: Diagnostic.Subject
    ) throws(Diagnostic) -> String {
        guard let value = paragraph[name], !value.isEmpty else {
            throw malformed("its `control` has no `\(name)`", at: subject)
        }
        return value
    }

    private static func malformed(_ reason: String, at subject: Diagnostic.Subject) -> Diagnostic {
        Diagnostic(.debMalformed, "the Debian package is damaged", at: subject, because: reason)
    }
}

extension String {
    /// Debian policy § 5.6.1: lower case letters, digits, `+`, `-` and `.`, the first a letter or digit, two at least.
    var isPackageName: Bool {
        guard (2...128).contains(utf8.count), let first = utf8.first else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool { byte.isDigit || (0x61...0x7A).contains(byte) }
        return isAlphanumeric(first) && utf8.allSatisfy { isAlphanumeric($0) || [0x2B, 0x2D, 0x2E].contains($0) }
    }
}
