import Diagnostics
import OCI

/// A `coracle.yaml` to be: images with their keys, and why each is there.
package struct ProjectDraft {
    /// What stands behind a key.
    package indirect enum Value: Hashable, Sendable {
        case text(String)
        case flag(Bool)
        case list([String])
        /// In the order in which they are written.
        case mapping([Member])
        /// A list of mappings.
        case mappings([[Member]])
        /// A text of several lines.
        case lines(String)
    }

    /// A key, its value, and the reasons, each on a line of its own above it.
    package struct Member: Hashable, Sendable {
        let key: String
        let value: Value
        var reasons: [String] = []
    }

    package struct Image: Hashable, Sendable {
        let name: String
        var members: [Member] = []
        var reasons: [String] = []

        init(_ name: String) { self.name = Self.cleaned(name) }

        mutating func add(_ key: String, _ value: Value, _ reasons: String...) {
            switch value {
            case .list([]), .mapping([]), .mappings([]): return
            default: members.append(Member(key: key, value: value, reasons: reasons))
            }
        }

        /// Letters, digits, `-`, `_` and `.`: a name becomes a file's.
        private static func cleaned(_ name: String) -> String {
            let kept = name.lowercased().unicodeScalars.map { scalar -> Character in
                switch scalar {
                case "a"..."z", "0"..."9", ".", "_", "-": Character(scalar)
                default: "-"
                }
            }
            let text = String(kept.drop { $0 == "." || $0 == "-" || $0 == "_" }.prefix(64))
            return text.isEmpty ? "app" : text
        }
    }

    /// A line of the file that was translated, and what became of it.
    package struct Remark: Hashable, Sendable {
        package let line: Int?
        package let text: String
    }

    /// The first comment, a line each.
    var header: [String]
    var defaults: [Member] = []
    package var images: [Image] = []
    /// What is done without a key.
    package var replaced: [Remark] = []
    /// What has to be done by hand.
    package var open: [Remark] = []

    init(_ header: String...) { self.header = header }

    // MARK: Text

    /// The file.
    package var text: String {
        var lines = header.map(Self.comment)
        if !defaults.isEmpty {
            lines.append("defaults:")
            for member in defaults { lines += Self.lines(member, indent: 2) }
        }
        lines.append("images:")
        var names: Set<String> = []
        for image in images {
            var name = image.name
            while !names.insert(name).inserted { name += "-\(names.count)" }
            lines += image.reasons.map { "  " + Self.comment($0) }
            lines.append("  \(Self.scalar(name)):")
            for member in image.members { lines += Self.lines(member, indent: 4) }
        }
        for (title, remarks) in [("Done without a key:", replaced), ("Not translated:", open)] where !remarks.isEmpty {
            lines += ["", "# \(title)"]
            lines += remarks.map { remark in
                Self.comment("  " + (remark.line.map { "line \($0): " } ?? "") + remark.text)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func comment(_ text: String) -> String {
        let text = text.escapedForTerminal.unicodeScalars.filter { $0.value != 0xFEFF && $0.value & 0xFFFE != 0xFFFE }
        return "# " + String(String.UnicodeScalarView(text))
    }

    private static func lines(_ member: Member, indent: Int) -> [String] {
        let space = String(repeating: " ", count: indent)
        let name = scalar(member.key)
        // YAML 1.1 § 9.2: a key that stands before its colon has at most 1024 characters.
        let key = name.utf8.count < 1000 ? "\(space)\(name):" : "\(space)? \(name)\n\(space):"
        let reasons = member.reasons.map { space + comment($0) }
        switch member.value {
        case .text(let text): return reasons + ["\(key) \(scalar(text))"]
        case .flag(let flag): return reasons + ["\(key) \(flag)"]
        case .list(let texts): return reasons + [key] + texts.map { "\(space)  - \(scalar($0))" }
        case .mapping(let members):
            // The last one of a name counts.
            var names: Set<String> = []
            let kept = members.reversed().filter { names.insert($0.key).inserted }.reversed()
            return reasons + [key] + kept.flatMap { lines($0, indent: indent + 2) }
        case .mappings(let elements):
            return reasons + [key]
                + elements.flatMap { members -> [String] in
                    var own = members.flatMap { lines($0, indent: indent + 4) }
                    if let first = own.first { own[0] = "\(space)  - " + first.dropFirst(indent + 4) }
                    return own
                }
        case .lines(let text):
            guard let block = block(text) else { return reasons + ["\(key) \(scalar(text))"] }
            return reasons + ["\(key) |"] + block.map { $0.isEmpty ? "" : "\(space)  \($0)" }
        }
    }

    /// The lines of `text` as they stand below `|`; `nil` if they would be another text there.
    private static func block(_ text: String) -> [Substring]? {
        let escaped = text.replacing("$$", with: "$$$$").replacing("${", with: "$${")
        guard escaped.hasSuffix("\n"), !escaped.hasSuffix("\n\n"), let first = escaped.utf8.first,
            first != UInt8(ascii: " "), first != UInt8(ascii: "\n"),
            escaped.unicodeScalars.allSatisfy({ scalar in
                switch scalar.value {
                case 0x09, 0x0A, 0x20...0x7E, 0xA1...0x1FFF, 0x3000...0xD7FF: true
                default: false
                }
            })
        else { return nil }
        return escaped.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// A text that every reader of YAML takes for the same text.
    static func scalar(_ text: String) -> String {
        // A project file takes `${NAME}` for a variable of the environment, and `$$` for a dollar sign.
        let text = text.replacing("$$", with: "$$$$").replacing("${", with: "$${")
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "._/+-=@:,".utf8.contains(byte)
            }
        }
        let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
        let first = text.utf8.first ?? 0
        let isLetter = (0x41...0x5A).contains(first) || (0x61...0x7A).contains(first) || first == UInt8(ascii: "/")
        if isPlain, isLetter || text.hasPrefix("./"), !text.hasSuffix(":"), !words.contains(text.lowercased()) {
            return text
        }
        if text == "." { return text }
        var quoted = [UInt8]()
        JSON.append(text, to: &quoted)
        // What YAML takes for a line's end, or for nothing that can be printed.
        return String(decoding: quoted, as: UTF8.self).unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar.value {
            case 0x7F...0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            case 0x1_0000... where scalar.value & 0xFFFE == 0xFFFE:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
