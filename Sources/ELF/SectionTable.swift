import Diagnostics

/// The section headers, for facts that no segment has. A program runs without them, so they may be missing or wrong: then
/// there is no table.
struct SectionTable: Hashable {
    struct Section: Hashable {
        /// Where its name begins among the names.
        let nameIndex: UInt32
        let type: UInt32
        let address: UInt64
        let offset: UInt64
        let size: UInt64
        let link: UInt32

        init?(_ cursor: inout ElfCursor) {
            guard
                let nameIndex = cursor.uint32(),
                let type = cursor.uint32(),
                cursor.address() != nil,
                let address = cursor.address(),
                let offset = cursor.address(),
                let size = cursor.address(),
                let link = cursor.uint32(),
                cursor.uint32() != nil,
                cursor.address() != nil,
                cursor.address() != nil
            else { return nil }
            self.nameIndex = nameIndex
            self.type = type
            self.address = address
            self.offset = offset
            self.size = size
            self.link = link
        }
    }

    /// The most sections, and the most bytes of names, that are read.
    private static let countLimit: UInt64 = 8192
    private static let namesLimit: UInt64 = 1 << 20
    /// Number of bytes of a name that are read: many sections may share one long name.
    private static let longestName = 128

    let sections: [Section]
    private let names: [UInt8]
    private let format: ElfFormat

    init?(of file: ElfFile, in source: borrowing some ElfSource & ~Copyable) {
        let header = file.header
        let table = header.sectionHeaders
        let entrySize = header.format.elfClass == .bits64 ? 64 : 40
        guard
            table.offset != 0,
            Int(table.entrySize) == entrySize,
            let zeroth = Self.read(1, at: table.offset, entrySize, header.format, source)?.first
        else { return nil }
        // Numbers that do not fit into the header are in the section with the number 0.
        let count = table.count == 0 ? zeroth.size : UInt64(table.count)
        let namesIndex = header.sectionNamesIndex == 0xFFFF ? Int(zeroth.link) : Int(header.sectionNamesIndex)
        guard
            count <= Self.countLimit,
            let sections = Self.read(Int(count), at: table.offset, entrySize, header.format, source),
            sections.indices.contains(namesIndex),
            sections[namesIndex].size <= Self.namesLimit,
            let names = try? source.window(at: sections[namesIndex].offset, upTo: Int(sections[namesIndex].size))
        else { return nil }
        self.sections = sections
        self.names = names
        format = header.format
    }

    func first(ofType type: UInt32) -> Section? {
        sections.first { $0.type == type }
    }

    func first(named name: String) -> Section? {
        sections.first { section in
            var cursor = ElfCursor(names, format, at: Int(section.nameIndex))
            return cursor.terminatedBytes()?.elementsEqual(name.utf8) == true
        }
    }

    func name(of section: Section, begins start: String) -> Bool {
        var cursor = ElfCursor(names, format, at: Int(section.nameIndex))
        return cursor.terminatedBytes()?.starts(with: start.utf8) == true
    }

    /// The first bytes of the section's name; empty if it has none.
    func name(of section: Section) -> String {
        guard let start = Int(exactly: section.nameIndex), start < names.count else { return "" }
        return String(printing: names[start...].prefix(Self.longestName).prefix { $0 != 0 })
    }

    private static func read(
        _ count: Int,
        at offset: UInt64,
        _ entrySize: Int,
        _ format: ElfFormat,
        _ source: borrowing some ElfSource & ~Copyable
    ) -> [Section]? {
        guard let bytes = try? source.window(at: offset, upTo: count * entrySize), bytes.count == count * entrySize
        else {
            return nil
        }
        var cursor = ElfCursor(bytes, format)
        var sections: [Section] = []
        while let section = Section(&cursor) { sections.append(section) }
        return sections
    }
}
