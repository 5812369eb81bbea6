import Diagnostics

extension ElfFile {
    /// The most symbols that are read.
    private static let mostSymbols: UInt64 = 1 << 17

    /// The symbols that another file has to define, but for weak ones, in the file's order. What cannot be read is left out.
    package func neededSymbols(in source: borrowing some ElfSource & ~Copyable) -> [String] {
        // STB_GLOBAL, SHN_UNDEF.
        symbols(in: source) { binding, section in binding == 1 && section == 0 }
    }

    /// The symbols that the file defines for others, in its order. What cannot be read is left out.
    package func definedSymbols(in source: borrowing some ElfSource & ~Copyable) -> [String] {
        symbols(in: source) { binding, section in binding != 0 && section != 0 }
    }

    private func symbols(
        in source: borrowing some ElfSource & ~Copyable,
        _ fits: (_ binding: UInt8, _ section: UInt16) -> Bool
    ) -> [String] {
        guard let segment = segments.first(where: { $0.kind == .dynamic }) else { return [] }
        let reader = DynamicReader(name: name, format: header.format, loadMap: loadMap)
        guard let entries = try? reader.entries(segment, source) else { return [] }
        func value(_ tag: DynamicReader.Tag) -> UInt64? { entries.first { $0.tag == tag }?.value }
        guard let symbols = value(.symbolTable), let strings = value(.stringTable), strings > symbols,
            let table = loadMap.extent(from: symbols), let names = loadMap.extent(from: strings)
        else { return [] }
        let is64 = header.format.elfClass == .bits64
        let size: UInt64 = is64 ? 24 : 16
        // Linkers put the names behind the symbols; nothing else says how many symbols there are.
        let count = min((strings - symbols) / size, table.count / size, Self.mostSymbols)
        let namesSize = min(names.count, value(.stringTableSize) ?? names.count, 16 << 20)
        guard let bytes = try? source.window(at: table.offset, upTo: Int(count * size)),
            let texts = try? source.window(at: names.offset, upTo: Int(namesSize))
        else { return [] }
        var found = [String]()
        for number in 0..<Int(count) {
            let start = number * Int(size)
            var cursor = ElfCursor(bytes, header.format, at: start)
            // st_info and st_shndx come behind the name in 64 bits, and behind value and size in 32.
            var rest = ElfCursor(bytes, header.format, at: start + (is64 ? 4 : 12))
            guard let name = cursor.uint32(), let info = rest.uint8(), rest.uint8() != nil, let section = rest.uint16()
            else { break }
            guard fits(info >> 4, section), name != 0, Int(name) < texts.count else { continue }
            found.append(String(decoding: texts[Int(name)...].prefix { $0 != 0 }, as: UTF8.self))
        }
        return found
    }
}
