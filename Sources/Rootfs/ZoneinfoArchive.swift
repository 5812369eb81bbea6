import Diagnostics

/// A reader of `Bases/zoneinfo.tar` and of nothing else: POSIX ustar headers as `Bases/renew` writes them.
///
/// Files, directories and symbolic links with names of at most 99 bytes, sorted, no name twice, two blocks of zeros at
/// the end and nothing after them. What deviates is refused, not understood.
struct ZoneinfoArchive {
    struct Member: Hashable {
        enum Content: Hashable {
            case directory
            case file([UInt8])
            /// The target as stored: relative.
            case symlink([UInt8])
        }

        /// Relative, in normal form.
        let name: [UInt8]
        let content: Content
    }

    private static let blockSize = 512

    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Everything in the archive, in its order.
    ///
    /// - Throws: `zoneinfo.malformed` with the offset of the first header that is not as it has to be.
    func members() throws(Diagnostic) -> [Member] {
        var members: [Member] = []
        var offset = 0
        while let header = block(at: offset), header.contains(where: { $0 != 0 }) {
            let (member, size) = try member(header, at: offset)
            if let last = members.last, !last.name.lexicographicallyPrecedes(member.name) {
                throw malformed("its name does not come after the one before it", at: offset)
            }
            members.append(member)
            // No overflow: the size was found to fit in what is left of the archive.
            offset += Self.blockSize + (size + Self.blockSize - 1) / Self.blockSize * Self.blockSize
        }
        guard bytes.count - offset == 2 * Self.blockSize, bytes[offset...].allSatisfy({ $0 == 0 }) else {
            throw malformed("the archive does not end with two blocks of zeros there", at: offset)
        }
        return members
    }

    private func block(at offset: Int) -> ArraySlice<UInt8>? {
        guard bytes.count - offset >= Self.blockSize else { return nil }
        return bytes[offset..<offset + Self.blockSize]
    }

    /// The member that `header` describes, and its size in bytes.
    private func member(_ header: ArraySlice<UInt8>, at offset: Int) throws(Diagnostic) -> (Member, Int) {
        func field(_ start: Int, _ length: Int) -> ArraySlice<UInt8> {
            header.dropFirst(start).prefix(length)
        }
        guard field(257, 8).elementsEqual("ustar\u{0}00".utf8) else { throw malformed("it is not ustar", at: offset) }
        // A checksum is taken with its own field read as spaces.
        let sum = header.reduce(0) { $0 + Int($1) } - field(148, 8).reduce(0) { $0 + Int($1) } + 8 * 32
        guard octal(field(148, 6)) == sum else { throw malformed("its checksum is not \(sum)", at: offset) }
        guard let name = text(field(0, 100)), isRelative(name), field(345, 155).allSatisfy({ $0 == 0 }) else {
            throw malformed("its name is not a relative path", at: offset)
        }
        let start = offset + Self.blockSize
        guard let size = octal(field(124, 11)), size <= bytes.count - start else {
            throw malformed("its size is not that of a file in the archive", at: offset)
        }
        switch (header.dropFirst(156).first, size) {
        case (UInt8(ascii: "0"), _):
            return (Member(name: name, content: .file(Array(bytes[start..<start + size]))), size)
        case (UInt8(ascii: "5"), 0):
            return (Member(name: name, content: .directory), 0)
        case (UInt8(ascii: "2"), 0):
            guard let target = text(field(157, 100)), target.first != UInt8(ascii: "/") else {
                throw malformed("its target is not a relative path", at: offset)
            }
            return (Member(name: name, content: .symlink(target)), 0)
        default:
            throw malformed("it is neither a file, a directory nor a symbolic link", at: offset)
        }
    }

    /// The number in a field of octal digits; nil if another byte is in it.
    private func octal(_ field: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for byte in field {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte) else { return nil }
            // At most eleven digits: 33 bits.
            value = value << 3 | Int(byte & 7)
        }
        return value
    }

    /// The bytes before the padding of zeros; nil if there are none, or if something follows the first zero.
    private func text(_ field: ArraySlice<UInt8>) -> [UInt8]? {
        let text = field.prefix { $0 != 0 }
        guard !text.isEmpty, text.count < field.count, field[text.endIndex...].allSatisfy({ $0 == 0 }) else {
            return nil
        }
        return Array(text)
    }

    private func isRelative(_ name: [UInt8]) -> Bool {
        name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { component in
            !component.isEmpty && !component.elementsEqual(".".utf8) && !component.elementsEqual("..".utf8)
        }
    }

    private func malformed(_ reason: String, at offset: Int) -> Diagnostic {
        Diagnostic(
            .zoneinfoMalformed,
            "the time zones in coracle are damaged",
            because: "entry at byte \(offset): \(reason)"
        )
    }
}

extension Diagnostic.Code {
    static let zoneinfoMalformed = Self("zoneinfo.malformed", .bug)
}
