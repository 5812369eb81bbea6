import Diagnostics

extension GoBuildInfo {
    /// Reads what Go's linker noted in `file`; `nil` if there is no note, or if it cannot be read: that never fails a build.
    ///
    /// Go, src/debug/buildinfo/buildinfo.go.
    package init?(in file: ElfFile, reading source: borrowing some ElfSource & ~Copyable) {
        guard let address = Self.address(in: file, source) else { return nil }
        let reader = GoStringReader(loadMap: file.loadMap)
        // The magic number, the size of a pointer, and flags: 1 for big-endian pointers, 2 for strings that follow.
        guard let head = reader.bytes(at: address, count: 32, source), head.starts(with: Self.magic) else { return nil }
        let strings =
            head[15] & 2 != 0
            ? reader.inlineStrings(at: address, source)
            : reader.pointedStrings(head, source)
        guard let (version, information) = strings, !version.isEmpty else { return nil }
        self.init(version: version, moduleInformation: information)
    }

    private static let magic: [UInt8] = [0xFF] + Array(" Go buildinf:".utf8)

    private static func address(in file: ElfFile, _ source: borrowing some ElfSource & ~Copyable) -> UInt64? {
        if let sections = SectionTable(of: file, in: source) {
            return sections.first(named: ".go.buildinfo")?.address
        }
        // Without sections it is somewhere in the data, behind what the loader relocates in a position-independent program.
        var budget: UInt64 = 32 << 20
        for segment in file.segments where segment.kind == .load && segment.isWritable && !segment.isExecutable {
            let count = min(budget, segment.fileSize)
            budget -= count
            if let found = search(segment, count, source) { return found }
        }
        return nil
    }

    /// The address of the magic number in the first `count` bytes of `segment`, a window at a time.
    private static func search(
        _ segment: ElfSegment,
        _ count: UInt64,
        _ source: borrowing some ElfSource & ~Copyable
    ) -> UInt64? {
        // It is aligned to 16, and no longer, so no window cuts it.
        var position = (16 - segment.address % 16) % 16
        while position < count {
            let size = Int(min(65536, count - position))
            guard let window = try? source.window(at: segment.offset + position, upTo: size) else { return nil }
            for offset in stride(from: 0, to: window.count, by: 16) where window[offset] == 0xFF {
                if window[offset...].starts(with: magic) { return segment.address + position + UInt64(offset) }
            }
            position += 65536
        }
        return nil
    }
}

/// Reads Go's strings, by addresses in memory.
private struct GoStringReader {
    /// The longest text that is read. A program with 2000 dependencies has 200 KB of module information.
    private static let limit: UInt64 = 1 << 20

    let loadMap: LoadMap

    /// Exactly `count` bytes.
    func bytes(at address: UInt64, count: UInt64, _ source: borrowing some ElfSource & ~Copyable) -> [UInt8]? {
        guard
            count <= Self.limit,
            let extent = loadMap.extent(from: address),
            count <= extent.count,
            let bytes = try? source.window(at: extent.offset, upTo: Int(count)),
            bytes.count == Int(count)
        else { return nil }
        return bytes
    }

    /// Since Go 1.18: two strings behind the head of 32 bytes, each after its length as a varint.
    func inlineStrings(
        at address: UInt64,
        _ source: borrowing some ElfSource & ~Copyable
    ) -> (version: String, information: String)? {
        guard
            let (version, end) = inlineString(at: address, plus: 32, source),
            let (information, _) = inlineString(at: address, plus: end, source)
        else { return nil }
        return (String(decoding: version, as: UTF8.self), Self.unframed(information))
    }

    private func inlineString(
        at address: UInt64,
        plus offset: UInt64,
        _ source: borrowing some ElfSource & ~Copyable
    ) -> (text: [UInt8], end: UInt64)? {
        let (start, overflow) = address.addingReportingOverflow(offset)
        guard !overflow, let extent = loadMap.extent(from: start) else { return nil }
        guard let head = bytes(at: start, count: min(10, extent.count), source) else { return nil }
        var cursor = ElfCursor(head, ElfFormat(.bits64, .little))
        guard let length = cursor.varint(), length <= Self.limit else { return nil }
        if length == 0 { return ([], offset + UInt64(cursor.position)) }
        // No overflow: the start is in a segment, and no segment wraps around.
        guard let text = bytes(at: start + UInt64(cursor.position), count: length, source) else { return nil }
        return (text, offset + UInt64(cursor.position) + length)
    }

    /// Before Go 1.18: the addresses of two string values, each of which is an address and a length.
    func pointedStrings(
        _ head: [UInt8],
        _ source: borrowing some ElfSource & ~Copyable
    ) -> (version: String, information: String)? {
        let elfClass: ElfFormat.Class? =
            switch head[14] {
            case 4: .bits32
            case 8: .bits64
            default: nil
            }
        guard let elfClass else { return nil }
        let format = ElfFormat(elfClass, head[15] & 1 == 0 ? .little : .big)
        var cursor = ElfCursor(head, format, at: 16)
        guard
            let versionAddress = cursor.address(),
            let informationAddress = cursor.address(),
            let version = pointedString(at: versionAddress, format, source)
        else { return nil }
        // A program built without modules has none.
        let information = pointedString(at: informationAddress, format, source) ?? []
        return (String(decoding: version, as: UTF8.self), Self.unframed(information))
    }

    private func pointedString(
        at address: UInt64,
        _ format: ElfFormat,
        _ source: borrowing some ElfSource & ~Copyable
    ) -> [UInt8]? {
        let size: UInt64 = format.elfClass == .bits64 ? 16 : 8
        guard let value = bytes(at: address, count: size, source) else { return nil }
        var cursor = ElfCursor(value, format)
        guard let start = cursor.address(), let length = cursor.address() else { return nil }
        return bytes(at: start, count: length, source)
    }

    /// The text between the 16 bytes that mark its start and its end, which Go's own tools check and cut off too.
    private static func unframed(_ text: [UInt8]) -> String {
        guard text.count >= 33, text[text.count - 17] == UInt8(ascii: "\n") else { return "" }
        return String(decoding: text[16..<text.count - 16], as: UTF8.self)
    }
}
