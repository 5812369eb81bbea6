extension ElfFile {
    /// SHT_SYMTAB: the symbols that only linkers and debuggers read.
    private static let symbolTable: UInt32 = 2
    /// SHT_NOBITS: takes no place in the file.
    private static let noBits: UInt32 = 8

    /// What `strip` would take away, in bytes: debug information and symbols. At most the size of the file.
    package func strippableSize(in source: borrowing some ElfSource & ~Copyable) -> Int64 {
        guard let table = SectionTable(of: self, in: source) else { return 0 }
        let symbols = table.first(ofType: Self.symbolTable)
        var size: UInt64 = 0
        for (index, section) in table.sections.enumerated() where section.type != Self.noBits {
            let isDebug = table.name(of: section, begins: ".debug_") || table.name(of: section, begins: ".zdebug_")
            let isSymbols = section == symbols || symbols.map { Int($0.link) == index } == true
            guard isDebug || isSymbols else { continue }
            size = size.addingReportingOverflow(min(section.size, UInt64(clamping: source.size))).partialValue
        }
        return min(Int64(clamping: size), source.size)
    }
}
