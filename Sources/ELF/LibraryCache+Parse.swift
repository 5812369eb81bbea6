extension LibraryCache {
    private static let oldMagic = Array("ld.so-1.7.0".utf8)
    /// No path that the kernel takes is longer.
    private static let longestText = 4096

    /// Reads a list that ldconfig wrote, alone or behind one of the old format, as glibc before 2.32 has it; `nil` for
    /// anything else.
    ///
    /// - Parameter byteOrder: that of the machine it is for.
    package init?(parsing bytes: [UInt8], byteOrder: ElfFormat.ByteOrder = .little) {
        let format = ElfFormat(.bits64, byteOrder)
        guard let start = Self.start(bytes, format), bytes.count - start >= Self.headerSize else { return nil }
        var header = ElfCursor(bytes, format, at: start + Self.magic.count)
        // The loader passes over a list in the other order of bytes; older ones do not say theirs.
        let order: UInt8 = byteOrder == .little ? Self.littleEndian : Self.bigEndian
        guard let count = header.uint32(), header.uint32() != nil, let said = header.uint8(),
            [0, order].contains(said),
            Int(count) <= (bytes.count - start - Self.headerSize) / Self.entrySize
        else { return nil }
        var libraries = [Library]()
        var isWhole = byteOrder == .little
        for index in 0..<Int(count) {
            var cursor = ElfCursor(bytes, format, at: start + Self.headerSize + index * Self.entrySize)
            guard let flags = cursor.uint32(), let key = cursor.uint32(), let value = cursor.uint32(),
                cursor.uint32() != nil, let processors = cursor.uint64()
            else { return nil }
            guard processors == 0 else {
                // Other processors of the same machine may get another file.
                isWhole = false
                continue
            }
            guard let name = Self.text(bytes, at: start + Int(key)), let path = Self.text(bytes, at: start + Int(value))
            else { return nil }
            libraries.append(Library(name: name, path: path, abi: ABI(flags: flags)))
        }
        self.libraries = libraries
        self.isWhole = isWhole
    }

    /// Where the new format begins: the places of texts count from there.
    private static func start(_ bytes: [UInt8], _ format: ElfFormat) -> Int? {
        if bytes.starts(with: magic) { return 0 }
        guard bytes.starts(with: oldMagic) else { return nil }
        var cursor = ElfCursor(bytes, format, at: oldMagic.count + 1)
        guard let count = cursor.uint32() else { return nil }
        // Entries of 12 bytes, and then as many as it takes to a multiple of 8.
        let end = (16 + Int(count) * 12 + 7) & ~7
        return bytes.dropFirst(end).starts(with: magic) ? end : nil
    }

    private static func text(_ bytes: [UInt8], at place: Int) -> String? {
        guard place < bytes.count else { return nil }
        let text = bytes[place...].prefix(longestText)
        guard let end = text.firstIndex(of: 0) else { return nil }
        return String(validating: text[..<end], as: UTF8.self)
    }
}
