/// The name of a package as all tools know it: `pkg:deb/debian/zlib1g@1:1.3?arch=amd64`.
///
/// ECMA-427. Values are as they are meant; `description` encodes them.
package struct PackageURL: Hashable, Sendable {
    /// In lower case, such as `golang`.
    package let type: String
    /// From the outermost on, such as `github.com` and `owner`; empty where the type has none.
    package let namespace: [String]
    package let name: String
    /// `nil` if it is not known. Some scanners pass over a package without a version.
    package let version: String?
    /// Keys are in lower case; none has an empty value.
    package let qualifiers: [String: String]
    /// A place in the package, from the outermost on.
    package let subpath: [String]

    /// Applies the type's rules for letters: names of `deb` and `oci` are in lower case, and so are those of `pypi`, with `-` for
    /// `_`. Go modules keep theirs, as their advisories do.
    package init(
        _ type: String,
        namespace: String = "",
        name: String,
        version: String?,
        qualifiers: [String: String?] = [:],
        subpath: String = ""
    ) {
        let type = type.lowercased()
        self.type = type
        var parts = namespace.split(separator: "/").map(String.init)
        var name = name
        switch type {
        case "deb":
            parts = parts.map { $0.lowercased() }
            name = name.lowercased()
        case "oci": name = name.lowercased()
        case "pypi": name = name.lowercased().replacing("_", with: "-")
        default: break
        }
        self.namespace = parts
        self.name = name
        self.version = version.flatMap { $0.isEmpty ? nil : $0 }
        var kept: [String: String] = [:]
        for (key, value) in qualifiers {
            guard let value, !value.isEmpty else { continue }
            kept[key.lowercased()] = value
        }
        self.qualifiers = kept
        self.subpath = subpath.split(separator: "/").map(String.init).filter { $0 != "." && $0 != ".." }
    }

    /// The same package in the version `version`.
    package func with(version: String) -> PackageURL {
        PackageURL(
            type,
            namespace: namespace.joined(separator: "/"),
            name: name,
            version: version,
            qualifiers: qualifiers,
            subpath: subpath.joined(separator: "/")
        )
    }

    /// A Go module: all but the last part of its path is the namespace.
    package init(goModule path: String, version: String) {
        let slash = path.lastIndex(of: "/")
        self.init(
            "golang",
            namespace: slash.map { String(path[..<$0]) } ?? "",
            name: slash.map { String(path[path.index(after: $0)...]) } ?? path,
            version: version
        )
    }
}

extension PackageURL: CustomStringConvertible {
    /// The canonical text: the same package always gives the same.
    package var description: String {
        var text = [UInt8]("pkg:\(type)/".utf8)
        for part in namespace {
            Self.encode(part, into: &text)
            text.append(UInt8(ascii: "/"))
        }
        Self.encode(name, into: &text)
        if let version {
            text.append(UInt8(ascii: "@"))
            Self.encode(version, into: &text)
        }
        var mark = UInt8(ascii: "?")
        for (key, value) in qualifiers.sorted(by: { $0.key < $1.key }) {
            text.append(mark)
            text += key.utf8
            text.append(UInt8(ascii: "="))
            Self.encode(value, into: &text)
            mark = UInt8(ascii: "&")
        }
        mark = UInt8(ascii: "#")
        for part in subpath {
            text.append(mark)
            Self.encode(part, into: &text)
            mark = UInt8(ascii: "/")
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// ECMA-427, § 5.4: all but letters, digits, `.`, `-`, `_`, `~` and the colon is encoded, in upper case.
    private static func encode(_ text: String, into bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "~"), UInt8(ascii: ":"):
                bytes.append(byte)
            default:
                bytes.append(UInt8(ascii: "%"))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
    }

    private static let digits = [UInt8]("0123456789ABCDEF".utf8)
}

extension PackageURL: Comparable {
    /// By the bytes of the text.
    package static func < (left: PackageURL, right: PackageURL) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}
