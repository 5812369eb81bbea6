package import Diagnostics

/// The version of a package: `[EPOCH:]UPSTREAM[-REVISION]`, ordered as dpkg orders them.
///
/// deb-version(7).
package struct DebianVersion: Comparable, Sendable, CustomStringConvertible {
    /// The version as it was written.
    package let description: String
    private let epoch: Int
    private let upstream: ArraySlice<UInt8>
    /// The revision; empty if absent, which equals `0`.
    private let revision: ArraySlice<UInt8>

    /// - Throws: `debian.version-malformed`.
    package init(parsing text: String) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            let shown = String(printing: text.utf8.prefix(80))
            return Diagnostic(.debianVersionMalformed, "`\(shown)` is not a Debian version", because: reason)
        }
        // Longer versions do not exist: mirrors could not store files with such names.
        guard text.utf8.count <= 255 else { throw malformed("it is longer than 255 bytes") }
        var rest = Array(text.utf8)[...]
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            let digits = rest[..<colon]
            guard
                !digits.isEmpty, digits.allSatisfy(\.isDigit),
                let number = Int32(String(decoding: digits, as: UTF8.self))
            else { throw malformed("the part before the colon is not a number") }
            epoch = Int(number)
            rest = rest[(colon + 1)...]
        } else {
            epoch = 0
        }
        if let hyphen = rest.lastIndex(of: UInt8(ascii: "-")) {
            revision = rest[(hyphen + 1)...]
            upstream = rest[..<hyphen]
            guard !revision.isEmpty else { throw malformed("nothing comes after the last hyphen") }
        } else {
            revision = []
            upstream = rest
        }
        guard !upstream.isEmpty else { throw malformed("the upstream version is empty") }
        guard upstream.allSatisfy({ $0.isVersionCharacter || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ":") }),
            revision.allSatisfy(\.isVersionCharacter)
        else { throw malformed("it has a character that no version has") }
        description = text
    }

    package static func < (left: DebianVersion, right: DebianVersion) -> Bool { left.compare(to: right) < 0 }

    /// `1.0` and `1.0-0` are equal, and so are `1.0` and `0:1.00`.
    package static func == (left: DebianVersion, right: DebianVersion) -> Bool { left.compare(to: right) == 0 }

    /// Negative if this is the earlier one, 0 if they are equal.
    private func compare(to other: DebianVersion) -> Int {
        if epoch != other.epoch { return epoch < other.epoch ? -1 : 1 }
        let order = Self.compare(upstream, other.upstream)
        return order != 0 ? order : Self.compare(revision, other.revision)
    }

    /// Compares alternately a part without digits and a number. In the former, `~` sorts before the end, the end before
    /// letters, and letters before all other characters.
    private static func compare(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int {
        var (left, right) = (left, right)
        while !left.isEmpty || !right.isEmpty {
            while left.first.map({ !$0.isDigit }) == true || right.first.map({ !$0.isDigit }) == true {
                let (a, b) = (weight(left.first), weight(right.first))
                if a != b { return a - b }
                left = left.dropFirst()
                right = right.dropFirst()
            }
            let (a, b) = (takeNumber(&left), takeNumber(&right))
            // Without leading zeros, the longer number is the greater. Nothing can overflow.
            if a.count != b.count { return a.count - b.count }
            for (x, y) in zip(a, b) where x != y { return Int(x) - Int(y) }
        }
        return 0
    }

    private static func weight(_ byte: UInt8?) -> Int {
        switch byte {
        case nil: 0
        case .some(UInt8(ascii: "~")): -1
        case .some(let byte) where byte.isDigit: 0
        case .some(let byte) where byte.isLetter: Int(byte)
        case .some(let byte): Int(byte) + 256
        }
    }

    private static func takeNumber(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = rest.prefix(while: \.isDigit)
        rest = rest[digits.endIndex...]
        return digits.drop { $0 == UInt8(ascii: "0") }
    }
}

extension UInt8 {
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isLetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
    fileprivate var isVersionCharacter: Bool {
        isDigit || isLetter || self == UInt8(ascii: ".") || self == UInt8(ascii: "+") || self == UInt8(ascii: "~")
    }
}

extension Diagnostic.Code {
    package static let debianVersionMalformed = Self("debian.version-malformed", .verification)
}
