extension PackageURL {
    /// Types without a meaning unless they have a namespace.
    private static let namespaced: Set<String> = ["swift", "cpan", "vscode-extension"]

    /// Parses the text of one, canonical or not; `nil` if it is not one, or if scanners refuse it.
    ///
    /// ECMA-427, § 5.6.
    package init?(parsing text: String) {
        guard text.utf8.count <= 4096, text.prefix(4).lowercased() == "pkg:" else { return nil }
        var rest = text.dropFirst(4).drop { $0 == "/" }
        var subpath = ""
        if let mark = rest.lastIndex(of: "#") {
            let parts = rest[rest.index(after: mark)...].split(separator: "/").map(Self.decoded)
            subpath = parts.compactMap(\.self).joined(separator: "/")
            rest = rest[..<mark]
        }
        var qualifiers: [String: String] = [:]
        if let mark = rest.lastIndex(of: "?") {
            for pair in rest[rest.index(after: mark)...].split(separator: "&") {
                guard let equals = pair.firstIndex(of: "="),
                    let value = Self.decoded(pair[pair.index(after: equals)...])
                else { return nil }
                let key = pair[..<equals].lowercased()
                guard !key.isEmpty, key.utf8.allSatisfy({ $0.isOfType || $0 == UInt8(ascii: "_") }),
                    qualifiers.updateValue(value, forKey: key) == nil
                else { return nil }
            }
            rest = rest[..<mark]
        }
        guard let slash = rest.firstIndex(of: "/") else { return nil }
        let type = rest[..<slash]
        rest = rest[rest.index(after: slash)...]
        var version: String?
        // A scope's `@` stands in front of a slash.
        if let at = rest.lastIndex(of: "@"), !rest[at...].contains("/"), at != rest.startIndex {
            guard let decoded = Self.decoded(rest[rest.index(after: at)...]) else { return nil }
            version = decoded
            rest = rest[..<at]
        }
        let parts = rest.split(separator: "/").map(Self.decoded)
        let known = parts.compactMap(\.self)
        guard known.count == parts.count, let name = known.last, !name.isEmpty,
            type.first?.isLetter == true, type.utf8.allSatisfy(\.isOfType),
            known.count > 1 || !Self.namespaced.contains(type.lowercased())
        else { return nil }
        self.init(
            String(type),
            namespace: known.dropLast().joined(separator: "/"),
            name: name,
            version: version,
            qualifiers: qualifiers,
            subpath: subpath
        )
    }

    /// `nil` if it is not encoded UTF-8.
    private static func decoded(_ text: Substring) -> String? {
        var bytes = [UInt8]()
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            // A sign would be read as part of the number.
            guard let digits = String(rest.prefix(2)), digits.utf8.count == 2, digits.first != "+",
                let value = UInt8(digits, radix: 16)
            else {
                return nil
            }
            rest = rest.dropFirst(2)
            bytes.append(value)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    /// Letters and digits, the full stop and the hyphen.
    fileprivate var isOfType: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
            || self == UInt8(ascii: ".") || self == UInt8(ascii: "-")
    }
}
