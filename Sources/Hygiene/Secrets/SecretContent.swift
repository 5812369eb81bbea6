import Diagnostics
import OCI

/// What shows that a file's content is a secret. Findings name its kind, and never the secret itself.
struct SecretContent {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    // MARK: Keys

    /// `RSA PRIVATE KEY`, if there is a PEM block of that name with something in it.
    ///
    /// RFC 7468 § 2, and the same with line feeds written `\n`, as JSON has them.
    var privateKeyBlock: String? {
        let marker = Array("-----BEGIN ".utf8)
        var start = 0
        while let found = bytes.position(of: marker, from: start) {
            start = found + marker.count
            let label = bytes[start...].prefix(64).prefix { $0 != UInt8(ascii: "-") && $0 != 0x0A }
            let rest = bytes[(start + label.count)...]
            guard rest.starts(with: "-----".utf8) else { continue }
            let name = String(decoding: label, as: UTF8.self)
            guard name.hasSuffix("PRIVATE KEY") || name == "PGP PRIVATE KEY BLOCK" else { continue }
            if Self.hasBody(rest.dropFirst(5)) { return name }
        }
        return nil
    }

    /// Whether more follows than a placeholder: headers, or a line of base 64.
    private static func hasBody(_ rest: ArraySlice<UInt8>) -> Bool {
        var rest = rest.prefix(256)
        while let byte = rest.first {
            if [0x0A, 0x0D, 0x20, 0x09].contains(byte) {
                rest = rest.dropFirst()
            } else if byte == UInt8(ascii: "\\"), let next = rest.dropFirst().first, "nr".utf8.contains(next) {
                rest = rest.dropFirst(2)
            } else {
                break
            }
        }
        let word = rest.prefix { $0.isBase64 }
        if word.count >= 20 { return true }
        return ["Proc-Type", "Version", "Comment", "DEK-Info"].contains(String(decoding: word, as: UTF8.self))
    }

    /// PuTTY's own format.
    var isPuTTYKey: Bool { bytes.starts(with: "PuTTY-User-Key-File-".utf8) }

    /// Whether the first entry of a Java key store is a key: stores that have only certificates are not secret.
    ///
    /// OpenJDK, sun.security.provider.JavaKeyStore: magic, version, count, and the first entry's tag, of four bytes each.
    var isJavaKeyStoreWithKey: Bool {
        bytes.starts(with: [0xFE, 0xED, 0xFE, 0xED]) && bytes.dropFirst(12).starts(with: [0, 0, 0, 1])
    }

    // MARK: Credentials

    var isKubeconfig: Bool {
        if has("client-key-data") { return true }
        return has("kind: Config") && has("clusters:") && has("users:")
    }

    /// `a service account of Google Cloud`, or `nil`.
    var cloudCredential: String? {
        if has("\"service_account\"") && has("\"private_key\"") { return "a Google Cloud service account with its key" }
        if has("\"authorized_user\"") && has("\"refresh_token\"") { return "a Google Cloud user with a refresh token" }
        return has("aws_secret_access_key") ? "an AWS secret access key" : nil
    }

    /// Whether docker's or podman's configuration has a password or token for a registry.
    var hasRegistryPassword: Bool {
        guard let json = try? JSON(parsing: bytes, named: "config.json"), case .object(let object) = json else {
            // Other programs may read a value that is cut off or malformed.
            return has("\"auth\"")
        }
        // Before 2014, `.dockercfg` had the registries at the top.
        var registries = object
        if case .object(let auths)? = object["auths"] { registries = auths }
        return registries.members.contains { _, value in
            guard case .object(let entry) = value else { return false }
            return ["auth", "password", "identitytoken", "registrytoken"].contains { key in
                entry[key]?.stringValue?.isEmpty == false
            }
        }
    }

    /// Whether a line gives one of `keys` a value that is not a variable's name.
    func assigns(_ keys: [String]) -> Bool {
        lines.contains { line in
            // npm's keys have colons in them, and YAML's values equals signs.
            (["=", ":"] as [Unicode.Scalar]).contains { separator in
                guard let (key, value) = Self.assignment(line, separator) else { return false }
                return keys.contains { key.hasSuffix($0) } && !value.isEmpty && !value.hasPrefix("$")
            }
        }
    }

    /// Whether a line gives anything a value, as in a `.env`.
    var assignsAnything: Bool {
        lines.contains { line in Self.assignment(line, "=").map { !$0.value.isEmpty } ?? false }
    }

    /// netrc(5): words, in any number of lines.
    var hasNetrcPassword: Bool {
        let words = bytes.split { [0x0A, 0x0D, 0x20, 0x09].contains($0) }
        return words.dropLast().contains { $0.elementsEqual("password".utf8) }
    }

    private var lines: [ArraySlice<UInt8>] { bytes.split { $0 == 0x0A || $0 == 0x0D } }

    /// Key and value without quotation marks; `nil` for comments and other lines.
    private static func assignment(
        _ line: ArraySlice<UInt8>,
        _ separator: Unicode.Scalar
    ) -> (key: String, value: String)? {
        let text = line.drop { $0 == 0x20 || $0 == 0x09 }
        guard let first = text.first, ![UInt8(ascii: "#"), UInt8(ascii: ";")].contains(first),
            let middle = text.firstIndex(of: UInt8(ascii: separator))
        else { return nil }
        func trimmed(_ slice: ArraySlice<UInt8>) -> String {
            let unwanted: Set<UInt8> = [0x20, 0x09, UInt8(ascii: "\""), UInt8(ascii: "'")]
            var slice = slice.drop { unwanted.contains($0) }
            while let last = slice.last, unwanted.contains(last) { slice = slice.dropLast() }
            return String(decoding: slice, as: UTF8.self)
        }
        return (trimmed(text[..<middle]), trimmed(text[(middle + 1)...]))
    }

    // MARK: Cores

    /// ELF's ET_CORE, in either byte order.
    var isCoreDump: Bool {
        guard bytes.count >= 18, bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else { return false }
        return bytes[5] == 2 ? bytes[17] == 4 : bytes[16] == 4
    }

    private func has(_ text: String) -> Bool { bytes.position(of: Array(text.utf8), from: 0) != nil }
}

extension [UInt8] {
    /// Where `pattern` begins next.
    fileprivate func position(of pattern: [UInt8], from start: Int) -> Int? {
        guard let first = pattern.first, start + pattern.count <= count else { return nil }
        return withUnsafeBufferPointer { bytes in
            var index = start
            while index + pattern.count <= bytes.count {
                if bytes[index] == first, bytes[index..<index + pattern.count].elementsEqual(pattern) { return index }
                index += 1
            }
            return nil
        }
    }
}

extension UInt8 {
    fileprivate var isBase64: Bool {
        (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) || (0x30...0x39).contains(self)
            || [UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "-")].contains(self)
    }
}
