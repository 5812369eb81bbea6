/// Which versions of an interpreter an author allows: npm's ranges and Python's specifiers, as far as a major and a minor
/// number decide.
///
/// node-semver, § Ranges; PyPA, Version specifiers.
struct VersionRange: Hashable {
    struct Version: Hashable, Comparable {
        let major: Int
        let minor: Int

        static func < (left: Version, right: Version) -> Bool {
            (left.major, left.minor) < (right.major, right.minor)
        }
    }

    fileprivate struct Comparator: Hashable {
        let sign: String
        /// As they were written; empty for any.
        let numbers: [Int]
    }

    /// One list of several has to fit as a whole.
    private let alternatives: [[Comparator]]

    /// `nil` if the text is not understood, such as `lts/*`.
    init?(_ text: String) {
        let lists = text.replacing("||", with: "|").split(separator: "|", omittingEmptySubsequences: false)
        var alternatives = [[Comparator]]()
        for list in lists {
            guard let comparators = Self.comparators(list) else { return nil }
            alternatives.append(comparators)
        }
        self.alternatives = alternatives
    }

    func contains(_ version: Version) -> Bool {
        alternatives.contains { $0.allSatisfy { $0.allows(version) } }
    }

    private static func comparators(_ text: Substring) -> [Comparator]? {
        var words = text.split { $0 == " " || $0 == "," }
        // `18 - 20`.
        if words.count == 3, words[1] == "-" { words = [">=\(words[0])", "<=\(words[2])"].map { $0[...] } }
        var (comparators, sign) = ([Comparator](), "")
        for word in words {
            let mark = word.prefix { "<>=~^!".contains($0) }
            let rest = word.dropFirst(mark.count)
            sign += mark
            // A sign may stand apart from its number.
            guard !rest.isEmpty else { continue }
            guard let numbers = numbers(rest) else { return nil }
            comparators.append(Comparator(sign: sign, numbers: numbers))
            sign = ""
        }
        return sign.isEmpty ? comparators : nil
    }

    /// The numbers before a wildcard; `nil` for other words.
    private static func numbers(_ text: Substring) -> [Int]? {
        var numbers = [Int]()
        for part in (text.hasPrefix("v") ? text.dropFirst() : text).split(separator: ".") {
            if part == "x" || part == "X" || part == "*" { break }
            // `20-rc.1` and `20.0.0-beta`.
            guard let number = Int(part.prefix(while: \.isNumber)), part.first?.isNumber ?? false, number < 1_000_000
            else { return nil }
            numbers.append(number)
        }
        return numbers
    }
}

extension VersionRange.Comparator {
    fileprivate func allows(_ version: VersionRange.Version) -> Bool {
        guard let major = numbers.first else { return sign != "!=" }
        let minor = numbers.count > 1 ? numbers[1] : nil
        let least = VersionRange.Version(major: major, minor: minor ?? 0)
        let isEqual = version.major == major && (minor == nil || version.minor == minor)
        return switch sign {
        case ">=": version >= least
        // The patch level is not known: it is taken to be new.
        case ">": minor == nil ? version.major > major : numbers.count > 2 ? version >= least : version > least
        case "<": version < least
        case "<=": isEqual || version < least
        case "^": version.major == major && version >= least
        case "~=" where numbers.count == 2: version.major == major && version >= least
        // A patch level that is excluded leaves the others.
        case "!=": !isEqual || numbers.count > 2
        default: isEqual
        }
    }
}

/// What the files of a directory say of the version of what runs it.
struct StatedVersion: Hashable {
    /// As it is written: `>=22`.
    let text: String
    let range: VersionRange
    /// Where it is said, for a sentence.
    let place: String

    init?(_ text: String?, in place: String) {
        guard let text, let range = VersionRange(text) else { return nil }
        (self.text, self.range, self.place) = (text, range, place)
    }
}

/// A base of the catalogue, and the version of the interpreter that it has.
struct VersionedBase: Hashable {
    let name: String
    let version: VersionRange.Version

    /// The preferred one first.
    static let node = [
        VersionedBase(name: "debian13/nodejs", version: .init(major: 20, minor: 19)),
        VersionedBase(name: "debian12/nodejs", version: .init(major: 18, minor: 20)),
    ]
    static let python = [
        VersionedBase(name: "debian13/python3", version: .init(major: 3, minor: 13)),
        VersionedBase(name: "debian12/python3", version: .init(major: 3, minor: 11)),
    ]
}

extension RecognizedApplication {
    /// Takes the base that has what the author states; if the catalogue has none, the usual one stays, and it is said.
    ///
    /// - Parameters:
    ///   - bases: the preferred one first.
    ///   - interpreter: what has the version, for a sentence.
    ///   - shown: the version of a base, as its users write it.
    mutating func follow(
        _ stated: StatedVersion?,
        _ bases: [VersionedBase],
        _ interpreter: String,
        _ shown: (VersionRange.Version) -> String
    ) {
        guard let stated, let usual = bases.first else { return }
        if let fitting = bases.first(where: { stated.range.contains($0.version) }) {
            base = fitting.name
            if fitting != usual { baseReason = "\(stated.place) is `\(stated.text)`" }
        } else {
            passedOver.append(
                "\(stated.place) is `\(stated.text)`, and the base has \(interpreter) \(shown(usual.version)): "
                    + "`--base` names another"
            )
        }
    }
}
