import Debian
package import Diagnostics
import HTTP
import OCI

extension BaseLock {
    private static let version: Int64 = 1
    /// Largest lock, in bytes.
    static let sizeLimit = 4 << 20
    /// Largest package, in bytes; no base needs a larger one.
    private static let largestPackage: Int64 = 1 << 30

    /// Reads the bytes of a lock.
    ///
    /// - Throws: `json.malformed`, `json.unexpected`, `digest.malformed`, `base.suite-unknown`.
    package init(parsing bytes: [UInt8], named name: String) throws(Diagnostic) {
        let reader = JSONReader(try JSON(parsing: bytes, named: name), named: name)
        let version = try reader.member("version")
        guard try version.int() == Self.version else {
            throw version.malformed("version \(try version.int()) is not known, only \(Self.version)")
        }
        try self.init(reader)
    }

    /// Reads the members of a lock besides its version.
    init(_ reader: JSONReader) throws(Diagnostic) {
        let suite = try DebianSuite(named: try reader.member("suite").string())
        var releases = [Release]()
        for element in try reader.member("releases").array() {
            let date = try element.member("date")
            guard let moment = try? Timestamp(parsing: try date.string()) else {
                throw date.malformed("it is not a time")
            }
            releases.append(
                Release(
                    suite: try element.member("suite").string(),
                    version: try element.optional("version")?.string() ?? "",
                    date: moment
                )
            )
        }
        var definitions = [String: Digest]()
        let written = try reader.member("definitions")
        for key in try written.object().keys { definitions[key] = try written.member(key).digest() }
        var packages = [String: [Package]]()
        let lists = try reader.member("packages")
        for architecture in try lists.object().keys {
            var list = [Package]()
            for element in try lists.member(architecture).array() {
                let package = try Package(element, of: suite.format)
                guard suite.takes(package.architecture, for: architecture) else {
                    throw element.malformed(
                        "a package for `\(package.architecture)` cannot be used for `\(architecture)`"
                    )
                }
                guard !list.contains(where: { $0.name == package.name }) else {
                    throw element.malformed("`\(package.name)` stands twice")
                }
                list.append(package)
            }
            packages[architecture] = list
        }
        var mirrors = [String]()
        for element in try reader.optional("mirrors")?.array() ?? [] {
            let text = try element.string()
            guard (try? HTTPURL(parsing: text)) != nil else { throw element.malformed("it is not an address") }
            mirrors.append(text)
        }
        self.init(
            suite: suite,
            releases: releases,
            definitions: definitions,
            packages: packages,
            mirrors: mirrors,
            dependencies: try Self.dependencies(reader)
        )
    }

    // MARK: Dependencies

    /// As `NAME < DEPENDENT: RELATION`, a line each; lists that are the same for several architectures are written once.
    private static func dependencies(
        _ reader: JSONReader
    ) throws(Diagnostic) -> [String: [String: [DependencyClosure.Member]]] {
        var all = [String: [String: [DependencyClosure.Member]]]()
        guard let written = try reader.optional("dependencies") else { return all }
        for name in try written.object().keys {
            for element in try written.member(name).array() {
                var members = [DependencyClosure.Member]()
                let lines = try element.member("packages")
                for line in try lines.strings() {
                    let words = line.split(separator: ": ", maxSplits: 1)
                    let names = words.first?.split(separator: " < ") ?? []
                    guard words.count == 2, names.count == 2, names.allSatisfy({ String($0).isBasePackage }),
                        members.count < DependencyClosure.limit,
                        words[1].utf8.allSatisfy({ (0x20...0x7E).contains($0) })
                    else { throw lines.malformed("`\(line.excerpt)` is not a dependency") }
                    members.append(
                        DependencyClosure.Member(
                            name: String(names[0]),
                            dependent: String(names[1]),
                            relation: String(words[1])
                        )
                    )
                }
                for architecture in try element.member("architectures").strings() {
                    all[name, default: [:]][architecture] = members
                }
            }
        }
        return all
    }

    private var dependenciesJSON: JSON {
        var object = JSONObject()
        for name in dependencies.keys.sorted() {
            var lists = [(architectures: [String], members: [DependencyClosure.Member])]()
            for (architecture, members) in (dependencies[name] ?? [:]).sorted(by: { $0.key < $1.key }) {
                if let index = lists.firstIndex(where: { $0.members == members }) {
                    lists[index].architectures.append(architecture)
                } else {
                    lists.append(([architecture], members))
                }
            }
            object[name] = .array(
                lists.map { list in
                    let lines = list.members.map { "\($0.name) < \($0.dependent): \($0.relation)" }
                    var object = JSONObject()
                    object["architectures"] = .array(list.architectures.map(JSON.string))
                    object["packages"] = .array(lines.map(JSON.string))
                    return .object(object)
                }
            )
        }
        return .object(object)
    }

    /// The bytes of the lock.
    package var encoded: [UInt8] {
        var object = JSONObject()
        object["version"] = .int(Self.version)
        for (key, value) in members.members { object[key] = value }
        return JSON.object(object).encoded(pretty: true)
    }

    /// The members of the lock besides its version.
    var members: JSONObject {
        var object = JSONObject()
        object["suite"] = .string(suite.name)
        object["releases"] = .array(
            releases.map { release in
                var object = JSONObject()
                object["suite"] = .string(release.suite)
                if !release.version.isEmpty { object["version"] = .string(release.version) }
                object["date"] = .string(release.date.description)
                return .object(object)
            }
        )
        if !mirrors.isEmpty { object["mirrors"] = .array(mirrors.map(JSON.string)) }
        var digests = JSONObject()
        for name in definitions.keys.sorted() { digests[name] = definitions[name].map { .string($0.description) } }
        object["definitions"] = .object(digests)
        if !dependencies.isEmpty { object["dependencies"] = dependenciesJSON }
        var lists = JSONObject()
        for architecture in architectures {
            lists[architecture] = .array((packages[architecture] ?? []).map(\.json))
        }
        object["packages"] = .object(lists)
        return object
    }

    package static func isSize(_ size: Int64) -> Bool { (1...largestPackage).contains(size) }
}

extension BaseLock.Package {
    fileprivate init(_ reader: JSONReader, of format: PackageFormat) throws(Diagnostic) {
        let name = try reader.member("name")
        let path = try reader.member("path")
        let size = try reader.member("size")
        self.init(
            name: try name.string(),
            version: try reader.member("version").string(),
            architecture: try reader.member("architecture").string(),
            path: try path.string(),
            size: try size.int(),
            digest: try reader.member("sha256").sha256()
        )
        guard self.name.isPackage(of: format) else { throw name.malformed("it is not a package name") }
        guard self.path.isPoolPath else { throw path.malformed("it leads elsewhere") }
        guard BaseLock.isSize(self.size) else { throw size.malformed("it is not the size of a package") }
    }

    fileprivate var json: JSON {
        var object = JSONObject()
        object["name"] = .string(name)
        object["version"] = .string(version)
        object["architecture"] = .string(architecture)
        object["path"] = .string(path)
        object["size"] = .int(size)
        object["sha256"] = .string(digest.hex)
        return .object(object)
    }
}

extension JSONReader {
    /// Parses 64 hexadecimal digits, as Debian writes digests.
    fileprivate func sha256() throws(Diagnostic) -> Digest {
        guard let digest = try? Digest(parsing: "sha256:" + (try string())) else {
            throw malformed("it is not a SHA-256 of 64 lowercase hex digits")
        }
        return digest
    }
}

extension String {
    /// Whether it is a relative path of printable ASCII without `.`, `..` or empty components.
    var isPoolPath: Bool {
        utf8.count <= 1024 && utf8.allSatisfy { (0x21...0x7E).contains($0) }
            && utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { component in
                !component.isEmpty && !component.elementsEqual(".".utf8) && !component.elementsEqual("..".utf8)
            }
    }
}
