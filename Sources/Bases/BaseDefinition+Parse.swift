import Apk
package import Diagnostics
import Layers
import OCI
import YAML

extension BaseDefinition {
    private static let keys =
        [
            "name", "for", "packages", "parts", "user", "env", "entrypoint", "files", "links", "end-of-life", "size",
        ] + ApkRepositories.members

    /// Largest number of packages: every runtime accepts as many layers, and ours above them.
    private static let packageLimit = 100

    /// Reads a definition.
    ///
    /// - Parameters:
    ///   - name: the file's name without `.yaml`; if the file has a name itself, both have to agree.
    ///   - origin: the file, for messages.
    ///   - keys: the files of keys beside it, by their names.
    /// - Throws: `yaml.…`, with file, line and column.
    package init(
        parsing bytes: [UInt8],
        named name: String,
        of suite: DebianSuite,
        from origin: String,
        beside keys: [String: [UInt8]] = [:]
    ) throws(Diagnostic) {
        let reader = YAMLReader(try YAMLDocument(parsing: bytes, named: origin))
        try reader.refuseOthers(than: Self.keys)
        if let written = try reader.optional("name") {
            guard try written.string() == name else { throw written.malformed("by the file's name it is `\(name)`") }
        }
        guard name.isBaseName else {
            throw reader.malformed("the file's name is to have small letters, digits and hyphens")
        }
        self.name = name
        purpose = try reader.member("for").line()
        packages = try Self.packages(try reader.member("packages"), suite.format)
        apk = try ApkRepositories(reader, of: suite, beside: keys)
        parts = try Self.parts(reader, of: packages)
        isRootByDefault = try reader.optional("user").map(Self.isRoot) ?? false
        env = try reader.optional("env").map(Self.environment) ?? []
        entrypoint = try reader.optional("entrypoint").map { (reader) throws(Diagnostic) in
            let words = try reader.strings()
            guard words.first?.isEmpty == false else { throw reader.malformed("it has no program") }
            return words
        }
        files = try Self.files(reader)
        endOfLife = try Self.day(try reader.member("end-of-life"), suite)
        size = try reader.optional("size")?.line()
        self.suite = suite
        self.origin = origin
    }

    private static func packages(_ reader: YAMLReader, _ format: PackageFormat) throws(Diagnostic) -> [String] {
        var packages = [String]()
        for element in try reader.array() {
            let name = try element.string()
            guard name.isPackage(of: format) else { throw element.malformed("`\(name)` is not a package name") }
            guard !packages.contains(name) else { throw element.malformed("`\(name)` stands twice") }
            packages.append(name)
        }
        guard !packages.isEmpty else { throw reader.malformed("it has no package") }
        guard packages.count <= packageLimit else {
            throw reader.malformed("\(packages.count) packages are more layers than runtimes take: \(packageLimit)")
        }
        return packages
    }

    private static func parts(
        _ reader: YAMLReader,
        of packages: [String]
    ) throws(Diagnostic) -> [String: [EntryPath]] {
        var parts: [String: [EntryPath]] = [:]
        for (name, value) in try reader.optional("parts")?.members() ?? [] {
            guard packages.contains(name) else { throw value.malformed("`\(name)` is not one of the packages") }
            var paths = [EntryPath]()
            for element in try value.array() { paths.append(try path(try element.string(), element)) }
            guard !paths.isEmpty else { throw value.malformed("it has no path") }
            parts[name] = paths.sorted()
        }
        return parts
    }

    private static func path(_ text: String, _ reader: YAMLReader) throws(Diagnostic) -> EntryPath {
        do throws(Diagnostic) {
            return try EntryPath(absolute: text)
        } catch {
            throw reader.malformed(error.reason ?? error.summary)
        }
    }

    private static func isRoot(_ reader: YAMLReader) throws(Diagnostic) -> Bool {
        switch try reader.string() {
        case "root": true
        case "nonroot": false
        case let other: throw reader.malformed("`\(other)` is neither `root` nor `nonroot`")
        }
    }

    private static func environment(_ reader: YAMLReader) throws(Diagnostic) -> [String] {
        var variables = [String]()
        for (name, value) in try reader.members() {
            let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "=") }
            let text = try value.string()
            guard isName, !text.utf8.contains(0) else { throw value.malformed("`\(name)` is not a variable") }
            variables.append("\(name)=\(text)")
        }
        return variables
    }

    private static func files(_ reader: YAMLReader) throws(Diagnostic) -> [ExtraFile] {
        var files = [ExtraFile]()
        func add(_ path: String, _ content: ExtraFile.Content, _ reader: YAMLReader) throws(Diagnostic) {
            let place = try Self.path(path, reader)
            guard !place.isRoot, !files.contains(where: { $0.path == place }) else {
                throw reader.malformed("there is something else at `\(path)`")
            }
            files.append(ExtraFile(path: place, content: content))
        }
        for (path, value) in try reader.optional("files")?.members() ?? [] {
            try add(path, .text(Array(try value.string().utf8)), value)
        }
        for (path, value) in try reader.optional("links")?.members() ?? [] {
            let target = try value.string()
            guard !target.isEmpty, target.utf8.count < 4096, !target.utf8.contains(0) else {
                throw value.malformed("it leads nowhere")
            }
            try add(path, .symlink(target: target), value)
        }
        return files
    }

    private static func day(_ reader: YAMLReader, _ suite: DebianSuite) throws(Diagnostic) -> String {
        let text = try reader.string()
        if suite.version == nil, text == "rolling" { return text }
        guard text.utf8.count == 10, (try? Timestamp(parsing: "\(text)T00:00:00Z")) != nil else {
            throw reader.malformed("`\(text)` is not a date such as `2028-06-30`")
        }
        return text
    }
}

extension YAMLReader {
    /// A text of one line.
    fileprivate func line() throws(Diagnostic) -> String {
        let text = try string()
        guard !text.isEmpty, !text.utf8.contains(where: { $0 < 0x20 }) else { throw malformed("expected one line") }
        return text
    }
}

extension String {
    /// Whether it consists of lower-case letters, digits and hyphens, and does not begin with a hyphen.
    var isBaseName: Bool {
        (1...64).contains(utf8.count) && utf8.first != 0x2D
            && utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    /// Whether it is the name of a package.
    func isPackage(of format: PackageFormat) -> Bool { format == .apk ? isApkName : isBasePackage }

    /// Debian policy § 5.6.1.
    private var isBasePackage: Bool {
        guard (2...128).contains(utf8.count), let first = utf8.first else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
        return isAlphanumeric(first) && utf8.allSatisfy { isAlphanumeric($0) || [0x2B, 0x2D, 0x2E].contains($0) }
    }
}
