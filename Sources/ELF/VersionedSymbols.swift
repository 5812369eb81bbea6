import Diagnostics

extension ElfFile {
    /// The most symbols that are looked at. Those that a file needs stand first.
    private static let mostSymbols: UInt64 = 1 << 16

    /// Some of the symbols for whose sake the file needs `version` of `library`, in its order: `__isoc23_strtol`.
    ///
    /// It is for messages: what cannot be read is left out.
    package func symbols(
        needing version: String,
        of library: String,
        in source: borrowing some ElfSource & ~Copyable,
        atMost limit: Int = 3
    ) -> [String] {
        guard let segment = segments.first(where: { $0.kind == .dynamic }) else { return [] }
        let reader = DynamicReader(name: name, format: header.format, loadMap: loadMap)
        guard
            let entries = try? reader.entries(segment, source),
            let table = SymbolTable(entries, header.format),
            let index = versionIndex(of: version, library, reader, table, source)
        else { return [] }
        var names: [String] = []
        // There is one number per symbol: the size of the numbers limits how many symbols there can be.
        var number: UInt64 = 0
        while number < min(table.count, Self.mostSymbols), names.count < limit {
            let block = min(1024, min(table.count, Self.mostSymbols) - number)
            guard let versions = read(table.versions, number, block, size: 2, source) else { return names }
            var cursor = ElfCursor(versions, header.format)
            for offset in 0..<block where names.count < limit {
                guard let found = cursor.uint16() else { return names }
                guard found & 0x7FFF == index else { continue }
                guard let name = symbol(number + offset, table, reader, source) else { continue }
                names.append(name)
            }
            number += block
        }
        return names
    }

    /// The number that symbols have whose version this is: `vna_other`.
    private func versionIndex(
        of version: String,
        _ library: String,
        _ reader: DynamicReader,
        _ table: SymbolTable,
        _ source: borrowing some ElfSource & ~Copyable
    ) -> UInt16? {
        guard let records = try? reader.records(table.needs, source),
            let needs = records.needs(count: table.needs.count)
        else { return nil }
        for need in needs {
            guard let name = try? reader.string(at: UInt64(need.library), table.strings, source), name == library else {
                continue
            }
            for candidate in need.versions {
                let name = try? reader.string(at: UInt64(candidate.name), table.strings, source)
                if name == version { return candidate.index & 0x7FFF }
            }
        }
        return nil
    }

    /// The name of an undefined symbol; `nil` for one that the file itself defines.
    private func symbol(
        _ number: UInt64,
        _ table: SymbolTable,
        _ reader: DynamicReader,
        _ source: borrowing some ElfSource & ~Copyable
    ) -> String? {
        let is64 = header.format.elfClass == .bits64
        guard let bytes = read(table.symbols, number, 1, size: is64 ? 24 : 16, source) else { return nil }
        var cursor = ElfCursor(bytes, header.format)
        guard let name = cursor.uint32() else { return nil }
        // st_info and st_other come before st_shndx in 64 bits, and value and size before all three in 32.
        var section = ElfCursor(bytes, header.format, at: is64 ? 6 : 14)
        guard section.uint16() == 0 else { return nil }
        guard let text = try? reader.string(at: UInt64(name), table.strings, source), !text.isEmpty else { return nil }
        return text
    }

    /// `count` records of `size` bytes from the one with the number `first` on.
    private func read(
        _ address: UInt64,
        _ first: UInt64,
        _ count: UInt64,
        size: UInt64,
        _ source: borrowing some ElfSource & ~Copyable
    ) -> [UInt8]? {
        let (place, overflow) = address.addingReportingOverflow(first * size)
        guard !overflow, let extent = loadMap.extent(from: place) else { return nil }
        return try? source.window(at: extent.offset, upTo: Int(min(extent.count, count * size)))
    }
}

/// Where a dynamic section says symbols and their versions are.
private struct SymbolTable {
    let symbols: UInt64
    /// A number of 2 bytes for each symbol.
    let versions: UInt64
    let strings: DynamicReader.StringTable
    let needs: DynamicReader.Versions
    /// At most so many; nothing says how many there are.
    let count: UInt64

    init?(_ entries: [DynamicReader.Entry], _ format: ElfFormat) {
        var (symbols, versions): (UInt64?, UInt64?)
        var strings = DynamicReader.StringTable()
        var needs = DynamicReader.Versions()
        for entry in entries {
            switch entry.tag {
            case .symbolTable: symbols = entry.value
            case .symbolVersions: versions = entry.value
            case .stringTable: strings.address = entry.value
            case .stringTableSize: strings.size = entry.value
            case .versionNeeds: needs.address = entry.value
            case .versionNeedsCount: needs.count = entry.value
            default: continue
            }
        }
        guard let symbols, let versions else { return nil }
        self.symbols = symbols
        self.versions = versions
        self.strings = strings
        self.needs = needs
        // What comes behind the tables bounds them: linkers put the strings, or the needs, there.
        let symbolSize: UInt64 = format.elfClass == .bits64 ? 24 : 16
        var bounds: [UInt64] = []
        if let end = strings.address, end > symbols { bounds.append((end - symbols) / symbolSize) }
        if let end = needs.address, end > versions { bounds.append((end - versions) / 2) }
        count = bounds.min() ?? .max
    }
}
