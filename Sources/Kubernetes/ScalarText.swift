import YAML

extension YAMLScalar {
    /// The bytes that make the text, without quotes, anchor, tag and the sign of a block; `nil` if they are not in one piece.
    func textRange(in bytes: [UInt8]) -> Range<Int>? {
        let start = afterProperties(in: bytes)
        switch style {
        case .plain: return start..<self.bytes.upperBound
        case .singleQuoted, .doubleQuoted:
            let quote = UInt8(ascii: style == .singleQuoted ? "'" : "\"")
            guard start + 1 < self.bytes.upperBound, bytes[start] == quote, bytes[self.bytes.upperBound - 1] == quote
            else { return nil }
            return start + 1..<self.bytes.upperBound - 1
        case .block:
            let found = bytes[start..<self.bytes.upperBound].ranges(of: Array(text.trimmed.utf8))
            return found.count == 1 ? found.first : nil
        }
    }

    /// Where an anchor and a tag have ended, and the white space and comments behind them.
    private func afterProperties(in bytes: [UInt8]) -> Int {
        var index = self.bytes.lowerBound
        let end = self.bytes.upperBound
        var isInComment = false
        while index < end {
            let byte = bytes[index]
            let isBreak = byte == 0x0A || byte == 0x0D
            if isInComment {
                isInComment = !isBreak
            } else if byte == UInt8(ascii: "&") || byte == UInt8(ascii: "!") {
                while index < end, !Self.isSpace(bytes[index]) { index += 1 }
                continue
            } else if byte == UInt8(ascii: "#") {
                isInComment = true
            } else if !Self.isSpace(byte) {
                break
            }
            index += 1
        }
        return index
    }

    private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

    /// `text` as this one is written: what quotes it has stay, and where it has none, it gets some if a reader would
    /// take it for a number or the like.
    func written(_ text: String) -> String {
        guard style == .plain else { return text }
        let written = Self.plain(text)
        // After `key:` alone, or an anchor.
        return self.text.isEmpty ? " \(written)" : written
    }

    /// `text`, with quotes if it would be read as something else without.
    static func plain(_ text: String) -> String {
        let words: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        let first = text.utf8.first ?? 0
        let isLetter = (0x41...0x5A).contains(first) || (0x61...0x7A).contains(first)
        // With a slash it is not a number.
        let isPath = (0x30...0x39).contains(first) && text.utf8.contains(UInt8(ascii: "/"))
        return (isLetter || isPath) && !words.contains(text.lowercased()) ? text : "\"\(text)\""
    }
}
