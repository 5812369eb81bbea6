import Archive
import OCI

/// JSON of an index, written as it comes: it has an object for each of many thousand files.
struct IndexText {
    private(set) var bytes: [UInt8] = []
    /// What stands before a member, and before an object's end.
    private let indent: [UInt8]
    private let separator: [UInt8]
    private let end: [UInt8]
    private var isFirst = true

    /// - Parameter isPretty: whether each member has a line of its own, as eStargz' indexes have them.
    init(isPretty: Bool) {
        indent = isPretty ? Array("\n\t\t\t".utf8) : []
        separator = Array((isPretty ? "\": " : "\":").utf8)
        end = Array((isPretty ? "\n\t\t}" : "}").utf8)
    }

    mutating func object(_ body: (inout IndexText) -> Void) {
        bytes.append(UInt8(ascii: "{"))
        isFirst = true
        body(&self)
        bytes += end
        isFirst = false
    }

    mutating func member(_ key: StaticString, _ value: Int64) {
        name(key)
        bytes += String(value).utf8
    }

    /// Nothing for 0.
    mutating func number(_ key: StaticString, _ value: Int64) {
        if value != 0 { member(key, value) }
    }

    mutating func member(_ key: StaticString, text value: some Collection<UInt8>) {
        name(key)
        append(text: value)
    }

    mutating func member(_ key: StaticString, _ digest: SHA256Value) {
        name(key)
        bytes += "\"sha256:".utf8
        for byte in digest.bytes {
            bytes.append(Self.digits[Int(byte >> 4)])
            bytes.append(Self.digits[Int(byte & 15)])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// A member with `value` in base64; `null` for nothing.
    mutating func member(_ key: StaticString, base64 value: [UInt8]?) {
        name(key)
        guard let value else {
            bytes += "null".utf8
            return
        }
        bytes.append(UInt8(ascii: "\""))
        Self.append(base64: value, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func attribute(_ key: StaticString, base64 value: [UInt8]) {
        name("xattrs")
        bytes += "{\"".utf8
        key.withUTF8Buffer { bytes += $0 }
        bytes += "\":\"".utf8
        Self.append(base64: value, to: &bytes)
        bytes += "\"}".utf8
    }

    private static let digits = Array("0123456789abcdef".utf8)
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private mutating func name(_ key: StaticString) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes += indent
        bytes.append(UInt8(ascii: "\""))
        key.withUTF8Buffer { bytes += $0 }
        bytes += separator
    }

    private mutating func append(text: some Collection<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                bytes += "\\u00".utf8
                bytes.append(Self.digits[Int(byte >> 4)])
                bytes.append(Self.digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func append(base64 value: [UInt8], to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + (value.count + 2) / 3 * 4)
        letters.withUnsafeBufferPointer { letters in
            value.withUnsafeBufferPointer { value in
                var place = 0
                while place < value.count {
                    let rest = value.count - place
                    let word =
                        UInt32(value[place]) << 16 | (rest > 1 ? UInt32(value[place + 1]) << 8 : 0)
                        | (rest > 2 ? UInt32(value[place + 2]) : 0)
                    bytes.append(letters[Int(word >> 18 & 63)])
                    bytes.append(letters[Int(word >> 12 & 63)])
                    bytes.append(rest > 1 ? letters[Int(word >> 6 & 63)] : UInt8(ascii: "="))
                    bytes.append(rest > 2 ? letters[Int(word & 63)] : UInt8(ascii: "="))
                    place += 3
                }
            }
        }
    }
}

extension LayerEntry {
    /// What an index calls the kind.
    private var indexType: StaticString {
        switch content {
        case .directory: "dir"
        case .bytes, .file: "reg"
        case .symlink: "symlink"
        case .hardlink: "hardlink"
        }
    }

    /// Writes what zstd:chunked and eStargz both say of an entry, which is what its tar header says.
    func writeHeader(to text: inout IndexText) {
        let header = tarHeader
        text.member("type", text: indexType.withUTF8Buffer { Array($0) })
        text.member("name", text: header.name)
        if !header.linkTarget.isEmpty { text.member("linkName", text: header.linkTarget) }
        text.number("mode", Int64(mode))
        text.number("size", header.size)
        text.number("uid", Int64(uid))
        text.number("gid", Int64(gid))
        text.member("modtime", text: Timestamp(secondsSince1970: modified).description.utf8)
        if !header.capability.isEmpty { text.attribute("security.capability", base64: header.capability) }
    }
}
