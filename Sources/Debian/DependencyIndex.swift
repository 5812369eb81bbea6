import ByteIO
package import Diagnostics
import Glibc

/// The packages of several suites for one architecture, and what each asks of others.
///
/// A list has 60 MB and 70,000 paragraphs, of which a closure needs some hundred: the text stays in memory, only names are looked for at
/// once, and a paragraph is read when its package is asked for.
package struct DependencyIndex {
    /// The newest version of a package, with what it asks of others.
    package struct Package: Sendable {
        package let name: String
        package let version: DebianVersion
        /// `Pre-Depends`, then `Depends`.
        package let needs: [[PackageRelations.Alternative]]
        /// Debian's classes: 0 for `required`, up to 4 for `optional` and all others.
        package let rank: Int
        /// The other names under which it can be asked for; an alternative with a version provides that version.
        let provides: [PackageRelations.Alternative]

        /// Whether it is what `alternative` asks for, by its own name or by one that it provides.
        func satisfies(_ alternative: PackageRelations.Alternative) -> Bool {
            if name == alternative.name { return alternative.accepts(version) }
            return provides.contains { provided in
                guard provided.name == alternative.name else { return false }
                guard alternative.order != nil else { return true }
                // Without a version it provides none (Debian policy § 7.5).
                guard provided.order == .equal, let version = try? DebianVersion(parsing: provided.version) else {
                    return false
                }
                return alternative.accepts(version)
            }
        }
    }

    /// A paragraph's place.
    private struct Place {
        let text: Int
        let range: Range<Int>
    }

    /// Largest sum of the lists, in bytes.
    private static let sizeLimit = 512 << 20
    private static let fields = [
        "Package", "Version", "Architecture", "Priority", "Depends", "Pre-Depends", "Provides",
    ]
    private static let ranks = ["required": 0, "important": 1, "standard": 2]

    /// Debian's name of the architecture.
    package let architecture: String
    private var texts: [(path: String, bytes: [UInt8])] = []
    private var places: [String: [Place]] = [:]
    /// The names of packages that have a `Provides`, by each name that they provide.
    private var providers: [String: [String]] = [:]
    private var known: [String: Package] = [:]
    private var size = 0

    package init(architecture: String) { self.architecture = architecture }

    /// The names of all packages, in no particular order.
    package var names: some Collection<String> { places.keys }

    /// Adds the packages of `file`.
    ///
    /// - Throws: `packages.malformed` for lists that are too large; what decompressing throws.
    package mutating func add(_ file: PackagesFile) throws(Diagnostic) {
        let text = try file.text(limit: Self.sizeLimit - size)
        size += text.count
        let number = texts.count
        let (name, provided) = (Array("Package: ".utf8), Array("Provides: ".utf8))
        var places = [(String, Place)]()
        var providers = [(String, [UInt8])]()
        text.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var (line, start) = (0, 0)
            var package: String?
            func close(at end: Int) {
                if let package { places.append((package, Place(text: number, range: start..<end))) }
                package = nil
            }
            while line < bytes.count {
                let rest = bytes.count - line
                let end =
                    memchr(base + line, 0x0A, rest).map { $0 - UnsafeMutableRawPointer(mutating: base) } ?? bytes.count
                if end == line {
                    close(at: line)
                    start = line + 1
                } else if bytes[line] == UInt8(ascii: "P") {
                    let content = UnsafeRawBufferPointer(rebasing: bytes[line..<end])
                    if content.starts(with: name) {
                        package = String(decoding: content[name.count...], as: UTF8.self)
                    } else if content.starts(with: provided), let package {
                        providers.append((package, Array(content[provided.count...])))
                    }
                }
                line = end + 1
            }
            close(at: bytes.count)
        }
        texts.append(("\(file.suite)/\(file.path)", text))
        for (name, place) in places { self.places[name, default: []].append(place) }
        for (package, value) in providers {
            // A damaged field is reported when its package is read.
            for group in value.split(separator: UInt8(ascii: ",")) {
                let word = group.drop { $0 == 0x20 }.prefix { $0 != 0x20 && $0 != UInt8(ascii: "(") }
                let name = String(decoding: word, as: UTF8.self)
                if self.providers[name]?.last != package { self.providers[name, default: []].append(package) }
            }
        }
        known = [:]
    }

    /// The newest version of the package `name`; `nil` if there is none for the architecture.
    ///
    /// - Throws: `control.malformed`, `packages.malformed`, `debian.…-malformed`.
    package mutating func package(_ name: String) throws(Diagnostic) -> Package? {
        if let package = known[name] { return package }
        var newest: Package?
        for place in places[name] ?? [] {
            let bytes = Array(texts[place.text].bytes[place.range])
            var reader = ControlReader(
                MemorySource(bytes),
                keeping: Self.fields,
                at: .file(path: texts[place.text].path)
            )
            guard let paragraph = try reader.next(), let written = paragraph["Architecture"],
                [architecture, "all"].contains(written)
            else { continue }
            let version = try DebianVersion(parsing: paragraph["Version"] ?? "")
            if let newest, !(newest.version < version) { continue }
            var needs = [[PackageRelations.Alternative]]()
            for field in ["Pre-Depends", "Depends"] {
                needs += try PackageRelations(parsing: paragraph[field] ?? "").groups
            }
            newest = Package(
                name: name,
                version: version,
                needs: needs,
                rank: Self.ranks[paragraph["Priority"] ?? ""] ?? 4,
                provides: try PackageRelations(parsing: paragraph["Provides"] ?? "").groups.flatMap { $0 }
            )
        }
        known[name] = newest
        return newest
    }

    /// The packages that have another name and provide what `alternative` asks for: those that Debian installs first, then by name.
    package mutating func providers(
        of alternative: PackageRelations.Alternative
    ) throws(Diagnostic) -> [Package] {
        var found = [Package]()
        for name in Set(providers[alternative.name] ?? []).sorted() where name != alternative.name {
            if let package = try package(name), package.satisfies(alternative) { found.append(package) }
        }
        return found.sorted { ($0.rank, $0.name) < ($1.rank, $1.name) }
    }
}
