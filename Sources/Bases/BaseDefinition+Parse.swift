import Apk
package import Diagnostics
import Layers
import OCI
import YAML

extension BaseDefinition {
    private static let keys =
        [
            "name", "for", "extends", "packages", "with", "without", "lacks", "documentation", "parts", "user", "env",
            "entrypoint", "files", "links", "end-of-life", "size",
        ] + ApkRepositories.members

    /// Largest number of packages: every runtime accepts as many layers, and ours above them.
    static let packageLimit = 100

    /// Reads a definition.
    ///
    /// - Parameters:
    ///   - name: the file's name without `.yaml`; if the file has a name itself, both have to agree.
    ///   - origin: the file, for messages.
    ///   - keys: the files of keys beside it, by their names.
    ///   - find: gives the definition of a name that this one extends; `nil` if there is none.
    /// - Throws: `yaml.…`, with file, line and column; what `find` throws.
    package init(
        parsing bytes: [UInt8],
        named name: String,
        of suite: DebianSuite,
        from origin: String,
        beside keys: [String: [UInt8]] = [:],
        extending find: (String) throws(Diagnostic) -> BaseDefinition? = { (_) throws(Diagnostic) in nil }
    ) throws(Diagnostic) {
        let reader = YAMLReader(try YAMLDocument(parsing: bytes, named: origin))
        try reader.refuseOthers(than: Self.keys)
        let parent = try Self.parent(reader, find)
        if let written = try reader.optional("name") {
            guard try written.string() == name else { throw written.malformed("by the file's name it is `\(name)`") }
        }
        guard name.isBaseName else {
            throw reader.malformed("the file's name is to have small letters, digits and hyphens")
        }
        self.name = name
        purpose = try reader.member("for").line()
        let written: YAMLReader? = try parent == nil ? reader.member("packages") : reader.optional("packages")
        packages = try written.map { (reader) throws(Diagnostic) in try Self.packages(reader, suite.format) } ?? []
        lacking = try reader.optional("lacks")?.strings() ?? []
        let hasFormat = try reader.optional("format") != nil
        apk = try parent?.apk != nil && !hasFormat ? parent?.apk : ApkRepositories(reader, of: suite, beside: keys)
        parts = try Self.parts(reader)
        isRootByDefault = try reader.optional("user").map(Self.isRoot) ?? parent?.isRootByDefault ?? false
        env = try reader.optional("env").map(Self.environment) ?? []
        let ownEntrypoint = try reader.optional("entrypoint").map { (reader) throws(Diagnostic) in
            let words = try reader.strings()
            guard words.first?.isEmpty == false else { throw reader.malformed("it has no program") }
            return words
        }
        entrypoint = ownEntrypoint ?? parent?.entrypoint
        files = try Self.files(reader)
        let end = try parent == nil ? reader.member("end-of-life") : reader.optional("end-of-life")
        endOfLife =
            try end.map { (reader) throws(Diagnostic) in try Self.day(reader, suite) } ?? parent?.endOfLife ?? ""
        size = try reader.optional("size")?.line()
        self.suite = suite
        self.origin = origin
        if try Self.hasDependencies(reader, suite) { followed = packages }
        isUndocumented = try Self.isUndocumented(reader)
        excluded = try Self.excluded(reader, packages, parent, suite)
        inherit(parent)
        guard packages.count <= Self.packageLimit else {
            throw reader.malformed(
                "\(packages.count) packages are more layers than runtimes take: \(Self.packageLimit)"
            )
        }
        // Dependencies are known only when the packages are locked.
        for (name, value) in try reader.optional("parts")?.members() ?? [] where followed.isEmpty {
            guard packages.contains(name) else { throw value.malformed("`\(name)` is not one of the packages") }
        }
    }

    private static func parent(
        _ reader: YAMLReader,
        _ find: (String) throws(Diagnostic) -> BaseDefinition?
    ) throws(Diagnostic) -> BaseDefinition? {
        guard let written = try reader.optional("extends") else { return nil }
        let name = try written.string()
        guard name.isBaseName else {
            throw written.malformed("`\(name.excerpt)` is not the name of a base of this release")
        }
        guard let parent = try find(name) else {
            throw written.malformed("there is no definition `\(name)` of this release")
        }
        return parent
    }

    private static func hasDependencies(_ reader: YAMLReader, _ suite: DebianSuite) throws(Diagnostic) -> Bool {
        guard let written = try reader.optional("with") else { return false }
        guard suite.format == .deb else { throw written.malformed("dependencies are known of Debian's packages only") }
        let word = try written.string()
        guard word == "dependencies" else { throw written.malformed("`\(word.excerpt)` is not `dependencies`") }
        return true
    }

    private static func isUndocumented(_ reader: YAMLReader) throws(Diagnostic) -> Bool {
        guard let written = try reader.optional("documentation") else { return false }
        let word = try written.string()
        guard word == "none" else { throw written.malformed("`\(word.excerpt)` is not `none`") }
        return true
    }

    /// The packages that are left out. Of those of `parent` each can be; others only if dependencies are taken.
    private static func excluded(
        _ reader: YAMLReader,
        _ packages: [String],
        _ parent: BaseDefinition?,
        _ suite: DebianSuite
    ) throws(Diagnostic) -> Set<String> {
        guard let written = try reader.optional("without") else { return [] }
        let canBeDependency = try hasDependencies(reader, suite) || parent?.followed.isEmpty == false
        var names: Set<String> = []
        for element in try written.array() {
            let name = try element.string()
            guard name.isPackage(of: suite.format) else {
                throw element.malformed("`\(name.excerpt)` is not a package name")
            }
            guard !packages.contains(name) else { throw element.malformed("`\(name)` is one of its own packages") }
            guard canBeDependency || parent?.packages.contains(name) == true else {
                throw element.malformed("`\(name)` is not one of the packages that it inherits")
            }
            names.insert(name)
        }
        return names
    }

    /// Adds what `parent` has and this definition does not say otherwise.
    private mutating func inherit(_ parent: BaseDefinition?) {
        guard let parent else { return }
        let own = Set(packages)
        let inherited = parent.packages.filter { !excluded.contains($0) }
        packages = inherited + packages.filter { !inherited.contains($0) }
        followed = parent.followed.filter { !excluded.contains($0) && !followed.contains($0) } + followed
        excluded.formUnion(parent.excluded.subtracting(own))
        lacking = parent.lacking.filter { !lacking.contains($0) } + lacking
        if parent.isUndocumented {
            isUndocumented = true
            documented = parent.documented
        } else if isUndocumented {
            documented = Set(inherited)
        }
        parts.merge(parent.parts) { own, _ in own }
        parts = parts.filter { !excluded.contains($0.key) }
        let names = Set(env.map { $0.prefix { $0 != "=" } })
        env = parent.env.filter { !names.contains($0.prefix { $0 != "=" }) } + env
        let paths = Set(files.map(\.path))
        files = parent.files.filter { !paths.contains($0.path) } + files
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
        return packages
    }

    private static func parts(_ reader: YAMLReader) throws(Diagnostic) -> [String: [EntryPath]] {
        var parts: [String: [EntryPath]] = [:]
        for (name, value) in try reader.optional("parts")?.members() ?? [] {
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
    var isBasePackage: Bool {
        guard (2...128).contains(utf8.count), let first = utf8.first else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
        return isAlphanumeric(first) && utf8.allSatisfy { isAlphanumeric($0) || [0x2B, 0x2D, 0x2E].contains($0) }
    }
}
