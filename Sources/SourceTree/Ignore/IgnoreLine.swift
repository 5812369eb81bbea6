/// How Docker reads a line of an ignore file.
enum IgnoreLine {
    /// The pattern of `line`, with `!` before it for an exception; `nil` if it is a comment or has no pattern.
    ///
    /// Docker does this in two steps, one where the file is read and one where the pattern is compiled, and both trim
    /// and clean; that shows with names that begin with `!` or a space, such as `/!name`, which is an exception.
    static func normalised(_ line: ArraySlice<UInt8>) -> [UInt8]? {
        // Only at the very front of a line does `#` begin a comment.
        guard line.first != UInt8(ascii: "#") else { return nil }
        var text = trimmed(line)
        guard !text.isEmpty else { return nil }
        let isException = text.first == UInt8(ascii: "!")
        if isException { text = trimmed(text.dropFirst()) }
        var pattern = text.isEmpty ? [] : cleaned(text)
        if pattern.count > 1, pattern.first == UInt8(ascii: "/") { pattern.removeFirst() }
        if isException { pattern.insert(UInt8(ascii: "!"), at: 0) }

        let again = trimmed(pattern[...])
        return again.isEmpty ? nil : cleaned(again)
    }

    /// `path` as Go's `filepath.Clean` gives it: the shortest name for the same place, with no slash at the end.
    private static func cleaned(_ path: ArraySlice<UInt8>) -> [UInt8] {
        let isRooted = path.first == UInt8(ascii: "/")
        var components = [ArraySlice<UInt8>]()
        for component in path.split(separator: UInt8(ascii: "/")) where !component.elementsEqual(".".utf8) {
            if !component.elementsEqual("..".utf8) {
                components.append(component)
            } else if let last = components.last, !last.elementsEqual("..".utf8) {
                components.removeLast()
            } else if !isRooted {
                components.append(component)
            }
        }
        let joined = Array(components.joined(separator: CollectionOfOne(UInt8(ascii: "/"))))
        if isRooted { return [UInt8(ascii: "/")] + joined }
        return joined.isEmpty ? [UInt8(ascii: ".")] : joined
    }

    /// `text` without Unicode's white space at both ends.
    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text
        while let space = whiteSpace.first(where: { text.starts(with: $0) }) { text = text.dropFirst(space.count) }
        while let space = whiteSpace.first(where: { text.suffix($0.count).elementsEqual($0) }) {
            text = text.dropLast(space.count)
        }
        return text
    }

    /// The characters with Unicode's property White_Space, in UTF-8.
    private static let whiteSpace: [[UInt8]] =
        [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]
        .map { utf8(of: $0) } + (0x2000...0x200A).map { utf8(of: $0) }

    private static func utf8(of value: UInt32) -> [UInt8] {
        Unicode.Scalar(value).map { Array(String($0).utf8) } ?? []
    }
}
