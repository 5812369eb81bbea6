import Archive
import ByteIO
import Diagnostics
package import OCI

/// A package's own metadata.
///
/// apk-v2(5) § Control segment; apk-package(5).
package struct ApkControl: Hashable, Sendable {
    /// Largest control member when unpacked, in bytes.
    static let memberLimit = 16 << 20
    /// Largest `.PKGINFO`, in bytes.
    private static let infoLimit = 4 << 20
    private static let scriptNames: Set<String> = [
        ".pre-install", ".post-install", ".pre-upgrade", ".post-upgrade", ".pre-deinstall", ".post-deinstall",
        ".trigger",
    ]

    package let name: String
    package let version: String
    /// As apk calls it: `x86_64`, `aarch64`, `noarch`.
    package let architecture: String
    /// SHA-256 of the data member as it is stored.
    package let dataDigest: Digest
    /// The directories whose changes would run its script `trigger`.
    package let triggers: [String]
    /// The names of the scripts in the package, without the dot, sorted. They are never run.
    package let scripts: [String]
    /// All fields of `.PKGINFO`, in their order.
    private let fields: [String: [String]]

    /// The values of a field; empty if it is absent.
    package func values(of field: String) -> [String] { fields[field] ?? [] }
    package func value(of field: String) -> String? { fields[field]?.first }

    /// Reads the control member's content.
    ///
    /// - Throws: `apk.malformed`, and what the reader of tars throws.
    init(_ content: [UInt8], at subject: Diagnostic.Subject) throws(Diagnostic) {
        var tar = TarReader(MemorySource(content), at: subject)
        var info: [UInt8]?
        var scripts = Set<String>()
        while let record = try tar.next() {
            let name = String(printing: record.path)
            guard record.kind == .regular, name.hasPrefix("."), !name.contains("/") else {
                throw .apkMalformed("`\(name.prefix(100))` stands among its metadata", at: subject)
            }
            if name == ".PKGINFO" {
                guard info == nil else { throw .apkMalformed("it has two files `.PKGINFO`", at: subject) }
                info = try tar.readContent(limit: Self.infoLimit)
            } else if Self.scriptNames.contains(name) {
                scripts.insert(String(name.dropFirst()))
            }
        }
        guard let info else { throw .apkMalformed("it has no `.PKGINFO`", at: subject) }
        let fields = Self.fields(of: info)
        func one(_ key: String) throws(Diagnostic) -> String {
            guard let values = fields[key], values.count == 1, !values[0].isEmpty else {
                throw .apkMalformed("its `.PKGINFO` does not have one `\(key)`", at: subject)
            }
            return values[0]
        }
        name = try one("pkgname")
        version = try one("pkgver")
        architecture = try one("arch")
        // Without it nothing that is signed says which files the package has.
        guard let digest = try? Digest(parsing: "sha256:\(one("datahash"))") else {
            throw .apkMalformed("its `.PKGINFO` has no `datahash` of 64 hex digits", at: subject)
        }
        dataDigest = digest
        triggers = (fields["triggers"] ?? []).flatMap { $0.split(separator: " ").map(String.init) }
        self.scripts = scripts.sorted()
        self.fields = fields
    }

    /// Lines `key = value`; other lines are comments.
    private static func fields(of info: [UInt8]) -> [String: [String]] {
        var fields: [String: [String]] = [:]
        for line in info.split(separator: UInt8(ascii: "\n")) where line.first != UInt8(ascii: "#") {
            guard let mark = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let key = String(printing: line[..<mark].trimmed)
            fields[key, default: []].append(String(printing: line[line.index(after: mark)...].trimmed))
        }
        return fields
    }
}

extension ArraySlice<UInt8> {
    /// Without blanks at both ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        let start = drop { $0 <= 0x20 }
        guard let end = start.lastIndex(where: { $0 > 0x20 }) else { return [] }
        return start[...end]
    }
}
