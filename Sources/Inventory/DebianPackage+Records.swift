import ByteIO
import Debian
package import Diagnostics
package import Findings
import Layers

extension DebianPackage {
    /// Real ones have 10 MB at most.
    private static let recordLimit: Int64 = 64 << 20
    /// Debian has 70,000 packages.
    private static let most = 100_000
    private static let fields = [
        "Package", "Status", "Version", "Architecture", "Source", "Maintainer", "Homepage",
        "Depends", "Pre-Depends",
    ]

    /// The packages that the records of `root` name as installed, by name and architecture: those of dpkg's one file, and of
    /// a directory with a file a package, which images without dpkg have.
    ///
    /// dpkg(1), deb-control(5).
    /// - Throws: `control.malformed`, `debian.records-too-many`; what keeps a record from being read.
    package static func installed(in root: some ImageRoot) throws(Diagnostic) -> [DebianPackage] {
        let directory = EntryPath(normalizing: "/var/lib/dpkg/status.d")
        var records = [RootEntry]()
        if let whole = root.resolve("/var/lib/dpkg/status"), whole.kind == .file { records.append(whole) }
        if root[directory]?.kind == .directory {
            for entry in root.entries where entry.path.parent == directory && entry.kind == .file {
                // Beside each is the list of its files.
                if !entry.path.name.hasSuffix(".md5sums") { records.append(entry) }
            }
        }
        var packages = Set<DebianPackage>()
        for record in records { try read(record, of: root, into: &packages) }
        return packages.sorted {
            ($0.name, $0.architecture ?? "", $0.version) < ($1.name, $1.architecture ?? "", $1.version)
        }
    }

    private static func read(
        _ record: RootEntry,
        of root: some ImageRoot,
        into packages: inout Set<DebianPackage>
    ) throws(Diagnostic) {
        guard record.size <= recordLimit else { throw tooMany(record, "it has \(record.size) bytes") }
        guard let bytes = try root.bytes(of: record, at: 0, count: Int(record.size)) else { return }
        let subject = Diagnostic.Subject.file(path: record.path.description)
        var reader = ControlReader(MemorySource(bytes), keeping: fields, at: subject)
        while let paragraph = try reader.next() {
            // Only dpkg's own file has a status: what was removed leaves its settings there.
            let status = paragraph.words(of: "Status")
            guard status.isEmpty || status.last == "installed", let package = DebianPackage(paragraph, record.path)
            else {
                continue
            }
            guard packages.count < most else { throw tooMany(record, "it names more than \(most) packages") }
            packages.insert(package)
        }
    }

    /// `nil` if it has no name or no version.
    private init?(_ paragraph: ControlParagraph, _ record: EntryPath) {
        guard let name = paragraph["Package"], !name.isEmpty, let version = paragraph["Version"], !version.isEmpty
        else {
            return nil
        }
        // `glibc`, or `glibc (2.41-12)` where the version differs.
        let source = paragraph.words(of: "Source")
        let other = source.count > 1 ? source[1] : ""
        self.init(
            name: name,
            version: version,
            architecture: paragraph["Architecture"],
            source: source.first ?? name,
            sourceVersion: other.hasPrefix("(") && other.hasSuffix(")") && other.count > 2
                ? String(other.dropFirst().dropLast()) : version,
            maintainer: paragraph["Maintainer"],
            homepage: paragraph["Homepage"],
            dependencies: Self.names(paragraph["Pre-Depends"]) + Self.names(paragraph["Depends"]),
            record: record
        )
    }

    /// `libc6 (>= 2.36), a | b:any`: the words in front of versions and architectures.
    private static func names(_ relations: String?) -> [String] {
        (relations ?? "").split { $0 == "," || $0 == "|" }.compactMap { relation in
            let name = relation.drop { $0.isWhitespace }.prefix { !$0.isWhitespace && $0 != ":" && $0 != "(" }
            return name.isEmpty ? nil : String(name)
        }
    }

    private static func tooMany(_ record: RootEntry, _ reason: String) -> Diagnostic {
        Diagnostic(
            .debianRecordsTooMany,
            "the image's list of Debian packages is too large",
            at: .file(path: record.path.description),
            because: reason
        )
    }
}

extension Diagnostic.Code {
    package static let debianRecordsTooMany = Self("debian.records-too-many", .verification)
}
