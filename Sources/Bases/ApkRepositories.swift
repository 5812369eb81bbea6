import Diagnostics
import HTTP
package import OCI
import YAML

/// Where the packages of a definition with `format: apk` are, and whose signatures count.
package struct ApkRepositories: Hashable, Sendable {
    /// A key that may sign an index.
    package struct Key: Hashable, Sendable {
        /// The name of its file, by which signatures call it.
        package let name: String
        /// The SHA-256 of the key's encoding in DER; `nil` if the definition does not say it.
        package let digest: Digest?
        /// Where it is fetched from, which needs a digest; `nil` if it is not fetched.
        package let address: String?
        /// The file beside the definition; `nil` if there is none.
        package let content: [UInt8]?
    }

    /// The mirror that is asked if no other one is named; `nil` if there is none.
    package let mirror: String?
    /// The repositories below a mirror, such as `v3.24/main`.
    package let names: [String]
    package let keys: [Key]

    static let members = ["format", "mirror", "repositories", "keys"]
    private static let most = 16

    /// Reads the members of a definition; `nil` for one of Debian's packages.
    ///
    /// - Parameter files: the files of keys beside the definition, by their names.
    init?(_ reader: YAMLReader, of suite: DebianSuite, beside files: [String: [UInt8]]) throws(Diagnostic) {
        let format = try reader.optional("format")
        if let format {
            let text = try format.string()
            guard PackageFormat(rawValue: text) == suite.format else {
                throw format.malformed("packages of `\(suite.name)` have the format `\(suite.format.rawValue)`")
            }
        }
        guard suite.format == .apk else {
            for name in Self.members.dropFirst() {
                if let member = try reader.optional(name) {
                    throw member.malformed("`\(name)` is for definitions with `format: apk`")
                }
            }
            return nil
        }
        guard format != nil else { throw reader.malformed("`format: apk` is missing") }
        mirror = try reader.optional("mirror").map { (reader) throws(Diagnostic) in
            var text = try reader.string()[...]
            while text.last == "/" { text = text.dropLast() }
            guard (try? HTTPURL(parsing: String(text))) != nil else {
                throw reader.malformed("`\(text)` is not the address of a mirror")
            }
            return String(text)
        }
        let list = try reader.member("repositories")
        var names = [String]()
        for element in try list.array() {
            let name = try element.string()
            guard name.isPoolPath else { throw element.malformed("`\(name)` is not a path below a mirror") }
            if !names.contains(name) { names.append(name) }
        }
        guard (1...Self.most).contains(names.count) else {
            throw list.malformed("there are to be 1 to \(Self.most) repositories")
        }
        self.names = names
        var keys = [Key]()
        let written = try reader.member("keys")
        for element in try written.array() { keys.append(try Self.key(element, files)) }
        guard (1...Self.most).contains(keys.count) else {
            throw written.malformed("there are to be 1 to \(Self.most) keys")
        }
        self.keys = keys
    }

    private static func key(_ reader: YAMLReader, _ files: [String: [UInt8]]) throws(Diagnostic) -> Key {
        let isText = (try? reader.string()) != nil
        let file = isText ? reader : try reader.member("file")
        if !isText { try reader.refuseOthers(than: ["file", "sha256", "from"]) }
        let name = try file.string()
        guard name.isPoolPath, !name.contains("/") else { throw file.malformed("`\(name)` is not the name of a key") }
        let digest =
            try isText
            ? nil
            : reader.optional("sha256").map { (reader) throws(Diagnostic) in
                guard let digest = try? Digest(parsing: "sha256:\(reader.string())") else {
                    throw reader.malformed("it is not a SHA-256 of 64 lowercase hex digits")
                }
                return digest
            }
        let address =
            try isText
            ? nil
            : reader.optional("from").map { (reader) throws(Diagnostic) in
                let text = try reader.string()
                guard (try? HTTPURL(parsing: text)) != nil else {
                    throw reader.malformed("`\(text)` is not an address")
                }
                guard digest != nil else { throw reader.malformed("a key is fetched only if its `sha256` is known") }
                return text
            }
        return Key(name: name, digest: digest, address: address, content: files[name])
    }
}
