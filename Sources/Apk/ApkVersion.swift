package import Diagnostics

/// The version of a package: `1.2.3a_rc1-r4`, ordered as apk orders them.
///
/// apk-package(5); gentoo's PMS § 3.2, from which the form comes.
package struct ApkVersion: Comparable, Sendable, CustomStringConvertible {
    /// A part of the version. A part that stands later in this list makes an older version where two versions differ in it.
    private enum Part: Hashable {
        case number([UInt8])
        case letter(UInt8)
        /// Below zero for what comes before a release.
        case suffix(Int)
        case suffixNumber([UInt8])
        /// A commit's, which has no order of its own.
        case hash([UInt8])
        case revision([UInt8])
        case end

        var rank: Int {
            switch self {
            case .number: 0
            case .letter: 1
            case .suffix: 2
            case .suffixNumber: 3
            case .hash: 4
            case .revision: 5
            case .end: 6
            }
        }
    }

    private static let suffixes = [
        "alpha": -4, "beta": -3, "pre": -2, "rc": -1, "cvs": 0, "svn": 1, "git": 2, "hg": 3, "p": 4,
    ]

    /// The version as it was written.
    package let description: String
    private let parts: [Part]

    /// - Throws: `apk.version-malformed`.
    package init(parsing text: String) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            let shown = String(printing: text.utf8.prefix(80))
            return Diagnostic(.apkVersionMalformed, "`\(shown)` is not a version of an apk package", because: reason)
        }
        guard text.utf8.count <= 255 else { throw malformed("it is longer than 255 bytes") }
        var rest = Array(text.utf8)[...]
        var parts = [Part]()
        func digits() -> [UInt8] {
            let found = rest.prefix(while: \.isDigit)
            rest = rest[found.endIndex...]
            return Array(found)
        }
        while true {
            let number = digits()
            guard !number.isEmpty else { throw malformed("a number is missing") }
            parts.append(.number(number))
            if rest.first == UInt8(ascii: ".") {
                rest = rest.dropFirst()
                continue
            }
            guard let letter = rest.first, letter.isSmallLetter else { break }
            parts.append(.letter(letter))
            rest = rest.dropFirst()
            // As in 0.99f7.
            guard rest.first?.isDigit == true else { break }
        }
        while rest.first == UInt8(ascii: "_") {
            let word = rest.dropFirst().prefix(while: \.isSmallLetter)
            guard let rank = Self.suffixes[String(decoding: word, as: UTF8.self)] else {
                throw malformed("`_\(String(decoding: word.prefix(20), as: UTF8.self))` is not a known suffix")
            }
            parts.append(.suffix(rank))
            rest = rest[word.endIndex...]
            let number = digits()
            if !number.isEmpty { parts.append(.suffixNumber(number)) }
        }
        if rest.first == UInt8(ascii: "~") {
            let hash = rest.dropFirst().prefix { $0.isDigit || (0x61...0x66).contains($0) }
            guard !hash.isEmpty else { throw malformed("nothing comes after `~`") }
            parts.append(.hash(Array(hash)))
            rest = rest[hash.endIndex...]
        }
        if rest.starts(with: "-r".utf8) {
            rest = rest.dropFirst(2)
            let number = digits()
            guard !number.isEmpty else { throw malformed("nothing comes after `-r`") }
            parts.append(.revision(number))
        }
        guard rest.isEmpty else { throw malformed("`\(String(printing: rest.prefix(20)))` stands at its end") }
        description = text
        self.parts = parts
    }

    package static func < (left: ApkVersion, right: ApkVersion) -> Bool { left.compare(to: right) < 0 }
    package static func == (left: ApkVersion, right: ApkVersion) -> Bool { left.compare(to: right) == 0 }

    /// Whether this one begins with all parts of `other`, as `1.2.3-r4` begins with `1.2`.
    package func begins(with other: ApkVersion) -> Bool {
        parts.count >= other.parts.count
            && zip(parts, other.parts).enumerated().allSatisfy {
                Self.compare($1.0, $1.1, isFirst: $0 == 0) == 0
            }
    }

    /// Negative if this is the earlier one, 0 if they are equal.
    private func compare(to other: ApkVersion) -> Int {
        for index in 0..<max(parts.count, other.parts.count) {
            let left = index < parts.count ? parts[index] : .end
            let right = index < other.parts.count ? other.parts[index] : .end
            let order = Self.compare(left, right, isFirst: index == 0)
            if order != 0 { return order }
        }
        return 0
    }

    private static func compare(_ left: Part, _ right: Part, isFirst: Bool) -> Int {
        switch (left, right) {
        case (.number(let a), .number(let b)):
            // Behind the first point, a number with a zero in front is a fraction: 1.05 is older than 1.1.
            let isFraction = !isFirst && (a.first == 0x30 || b.first == 0x30)
            return isFraction ? compareTexts(a, b) : compareNumbers(a, b)
        case (.letter(let a), .letter(let b)): return Int(a) - Int(b)
        case (.suffix(let a), .suffix(let b)): return a - b
        case (.suffixNumber(let a), .suffixNumber(let b)), (.revision(let a), .revision(let b)):
            return compareNumbers(a, b)
        case (.hash(let a), .hash(let b)): return compareTexts(a, b)
        case (.suffix(let rank), _) where rank < 0: return -1
        case (_, .suffix(let rank)) where rank < 0: return 1
        default: return right.rank - left.rank
        }
    }

    /// Nothing can overflow: numbers are as long as they like.
    private static func compareNumbers(_ left: [UInt8], _ right: [UInt8]) -> Int {
        let (left, right) = (left.drop { $0 == 0x30 }, right.drop { $0 == 0x30 })
        if left.count != right.count { return left.count - right.count }
        return compareTexts(Array(left), Array(right))
    }

    private static func compareTexts(_ left: [UInt8], _ right: [UInt8]) -> Int {
        for (a, b) in zip(left, right) where a != b { return Int(a) - Int(b) }
        return left.count - right.count
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
    fileprivate var isSmallLetter: Bool { (0x61...0x7A).contains(self) }
}

extension Diagnostic.Code {
    package static let apkVersionMalformed = Self("apk.version-malformed", .verification)
}
