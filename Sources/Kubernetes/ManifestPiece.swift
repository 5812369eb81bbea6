/// A document of a file, with the line that begins it: `---`, and the directives before that.
package struct ManifestPiece: Hashable, Sendable {
    package let bytes: Range<Int>
    /// Counted from 1.
    package let line: Int

    /// The documents of a file, which together are all its bytes.
    ///
    /// YAML 1.2 § 9.1: a line that begins with `---` and a space, or that alone, begins a document, wherever it stands.
    static func all(of bytes: [UInt8]) -> [ManifestPiece] {
        var pieces = [ManifestPiece]()
        var begin = (offset: 0, line: 1)
        // Directives belong to the document after them.
        var directive: (offset: Int, line: Int)?
        var isBeforeDocument = true
        var (offset, line) = (bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0, 1)
        while offset < bytes.count {
            let end = endOfLine(bytes, from: offset)
            let text = bytes[offset..<end.text]
            if isMarker(text, UInt8(ascii: "-")) {
                let place = directive ?? (offset, line)
                // What stands before the first document are comments at most.
                if pieces.isEmpty, isBeforeDocument, directive == nil {
                    isBeforeDocument = false
                } else if place.offset > begin.offset {
                    pieces.append(ManifestPiece(bytes: begin.offset..<place.offset, line: begin.line))
                    begin = place
                }
                (directive, isBeforeDocument) = (nil, false)
            } else if isMarker(text, UInt8(ascii: ".")) {
                isBeforeDocument = true
            } else if isBeforeDocument, let first = text.first {
                if first == UInt8(ascii: "%") {
                    directive = directive ?? (offset, line)
                } else if !isBlankOrComment(text) {
                    (directive, isBeforeDocument) = (nil, false)
                }
            }
            offset = end.next
            line += 1
        }
        pieces.append(ManifestPiece(bytes: begin.offset..<bytes.count, line: begin.line))
        return pieces
    }

    /// Where the line at `start` ends, and the next one begins: after LF, CR or both.
    static func endOfLine(_ bytes: [UInt8], from start: Int) -> (text: Int, next: Int) {
        bytes.withUnsafeBufferPointer { bytes in
            var index = start
            while index < bytes.count, bytes[index] != 0x0A, bytes[index] != 0x0D { index += 1 }
            guard index < bytes.count else { return (index, index) }
            let isPair = bytes[index] == 0x0D && index + 1 < bytes.count && bytes[index + 1] == 0x0A
            return (index, index + (isPair ? 2 : 1))
        }
    }

    private static func isMarker(_ text: ArraySlice<UInt8>, _ byte: UInt8) -> Bool {
        guard text.count >= 3, text.prefix(3).allSatisfy({ $0 == byte }) else { return false }
        return text.count == 3 || text[text.startIndex + 3] == 0x20 || text[text.startIndex + 3] == 0x09
    }

    static func isBlankOrComment(_ text: ArraySlice<UInt8>) -> Bool {
        let first = text.first { $0 != 0x20 && $0 != 0x09 }
        return first == nil || first == UInt8(ascii: "#")
    }
}
