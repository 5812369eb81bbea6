@testable import ELF

/// An ELF file written field by field, for what no compiler here makes.
///
/// Everything has a fixed place, and all of the file is loaded at `base`, so the address of a byte is `base` plus its offset.
struct HandMadeElf {
    static let base: UInt64 = 0x10000
    static let stringsOffset: UInt64 = 0x200
    static let interpreterOffset: UInt64 = 0x400
    static let dynamicOffset: UInt64 = 0x600
    static let payloadOffset: UInt64 = 0x800

    struct Section {
        var name: String
        var type: UInt32 = 1
        var offset = payloadOffset
        var size: UInt64
    }

    var format = ElfFormat(.bits64, .little)
    var osABI: UInt8 = 0
    var type: UInt16 = 2
    var machine: UInt16 = 62
    var flags: UInt32 = 0
    var entry: UInt64 = base
    /// The bytes of PT_INTERP, with their NUL.
    var interpreter: [UInt8]?
    /// The entries of PT_DYNAMIC, with DT_NULL.
    var dynamic: [(tag: UInt64, value: UInt64)]?
    /// The names in the dynamic section's string table, which begins with an empty one.
    var names: [String] = []
    var payload: [UInt8] = []
    /// None: then there are no section headers at all.
    var sections: [Section] = []

    /// The place of a name in the string table.
    func index(of name: String) -> UInt64 {
        UInt64(names.prefix { $0 != name }.reduce(1) { $0 + $1.utf8.count + 1 })
    }

    /// The entries that say where the string table is.
    var stringEntries: [(tag: UInt64, value: UInt64)] {
        [(5, Self.base + Self.stringsOffset), (10, UInt64(names.reduce(1) { $0 + $1.utf8.count + 1 }))]
    }

    var bytes: [UInt8] {
        var file = Record(format)
        file.place([0x7F, 0x45, 0x4C, 0x46, format.elfClass.rawValue, format.byteOrder.rawValue, 1, osABI], at: 0)
        file.place([0] + names.flatMap { Array($0.utf8) + [0] }, at: Self.stringsOffset)
        file.place(interpreter ?? [], at: Self.interpreterOffset)
        var entries = Record(format)
        for entry in dynamic ?? [] { entries.addresses(entry.tag, entry.value) }
        file.place(entries.bytes, at: Self.dynamicOffset)
        file.place(payload, at: Self.payloadOffset)

        let is64 = format.elfClass == .bits64
        let sectionOffset = sections.isEmpty ? 0 : addSections(&file)
        let size = UInt64(file.bytes.count)
        var segments: [(kind: UInt32, offset: UInt64, size: UInt64)] = [(1, 0, size)]
        if let interpreter { segments.append((3, Self.interpreterOffset, UInt64(interpreter.count))) }
        if dynamic != nil { segments.append((2, Self.dynamicOffset, UInt64(entries.bytes.count))) }

        var header = Record(format)
        header.uint16s(type, machine)
        header.uint32s(1)
        header.addresses(entry, is64 ? 64 : 52, sectionOffset)
        header.uint32s(flags)
        header.uint16s(is64 ? 64 : 52, is64 ? 56 : 32, UInt16(segments.count), is64 ? 64 : 40)
        // The undefined section comes first and the names last.
        header.uint16s(
            sections.isEmpty ? 0 : UInt16(sections.count) + 2,
            sections.isEmpty ? 0 : UInt16(sections.count) + 1
        )
        for segment in segments {
            let address = Self.base + segment.offset
            header.uint32s(segment.kind)
            if is64 { header.uint32s(6) }
            header.addresses(segment.offset, address, address, segment.size, segment.size)
            if !is64 { header.uint32s(6) }
            header.addresses(1)
        }
        file.place(header.bytes, at: 16)
        return file.bytes
    }

    private func addSections(_ file: inout Record) -> UInt64 {
        let names = sections.map(\.name) + [".names"]
        let namesOffset = UInt64(file.bytes.count)
        file.place([0] + names.flatMap { Array($0.utf8) + [0] }, at: namesOffset)
        let namesSize = UInt64(file.bytes.count) - namesOffset
        let headersOffset = UInt64(file.bytes.count)
        var headers = Record(format)
        let all =
            [Section(name: "", type: 0, offset: 0, size: 0)] + sections
            + [Section(name: ".names", type: 3, offset: namesOffset, size: namesSize)]
        var nameIndex: UInt32 = 0
        for section in all {
            headers.uint32s(nameIndex, section.type)
            headers.addresses(0, Self.base + section.offset, section.offset, section.size)
            headers.uint32s(0, 0)
            headers.addresses(1, 0)
            nameIndex += UInt32(section.name.utf8.count) + 1
        }
        file.place(headers.bytes, at: headersOffset)
        return headersOffset
    }

    func parse() throws -> ElfFile { try ElfFile(ElfBytes(bytes), named: "sample") }
}

/// Numbers in the order and size of one ELF format.
struct Record {
    private(set) var bytes: [UInt8] = []
    private let format: ElfFormat

    init(_ format: ElfFormat) { self.format = format }

    mutating func uint16s(_ values: UInt16...) { values.forEach { add($0) } }
    mutating func uint32s(_ values: UInt32...) { values.forEach { add($0) } }
    mutating func addresses(_ values: UInt64...) {
        for value in values {
            switch format.elfClass {
            case .bits32: add(UInt32(truncatingIfNeeded: value))
            case .bits64: add(value)
            }
        }
    }

    mutating func append(_ more: some Sequence<UInt8>) { bytes += more }

    /// Writes over what is at `offset`, after filling up with zeros.
    mutating func place(_ content: [UInt8], at offset: UInt64) {
        let (start, end) = (Int(offset), Int(offset) + content.count)
        bytes += Array(repeating: 0, count: max(0, end - bytes.count))
        bytes.replaceSubrange(start..<end, with: content)
    }

    private mutating func add(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: format.byteOrder == .little ? value.littleEndian : value.bigEndian) { bytes += $0 }
    }
}
