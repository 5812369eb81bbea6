import Diagnostics

/// What an assembler for 32-bit ARM notes about the code it made, in the section `.ARM.attributes`.
///
/// Addenda to the ABI for the ARM Architecture, § Build Attributes.
struct ArmAttributes: Hashable {
    /// `Tag_CPU_arch`: which architecture the code needs.
    let architecture: UInt64

    /// The architecture's number in OCI's variants, at least 5; `nil` if it is newer than this table.
    var level: Int? {
        switch architecture {
        case 0...5: 5
        case 6...9, 11, 12: 6
        case 10, 13: 7
        case 14...17, 21, 22: 8
        default: nil
        }
    }

    /// `nil` if there are no section headers, no attributes, or if these cannot be parsed.
    init?(of file: ElfFile, in source: borrowing some ElfSource & ~Copyable) {
        guard
            let sections = SectionTable(of: file, in: source),
            let section = sections.first(ofType: 0x7000_0003),
            section.size <= 65536,
            let bytes = try? source.window(at: section.offset, upTo: Int(section.size))
        else { return nil }
        self.init(bytes, file.header.format)
    }

    init?(_ bytes: [UInt8], _ format: ElfFormat) {
        var cursor = ElfCursor(bytes, format)
        guard cursor.uint8() == UInt8(ascii: "A") else { return nil }
        while let length = cursor.uint32(), let section = cursor.take(Int(length) - 4) {
            var section = ElfCursor(Array(section), format)
            guard section.terminatedBytes()?.elementsEqual("aeabi".utf8) == true else { continue }
            if let found = Self.architecture(&section, format) {
                architecture = found
                return
            }
        }
        return nil
    }

    /// Looks through the subsections for the one about the whole file.
    private static func architecture(_ section: inout ElfCursor, _ format: ElfFormat) -> UInt64? {
        while true {
            let start = section.position
            guard let scope = section.varint(), let length = section.uint32() else { return nil }
            guard let bytes = section.take(Int(length) - (section.position - start)) else { return nil }
            guard scope == 1 else { continue }
            var attributes = ElfCursor(Array(bytes), format)
            while let tag = attributes.varint() {
                switch tag {
                case 6: return attributes.varint()
                // Tag_compatibility is a number and a text. Below it only the CPU's two names are texts, above it odd tags.
                case 32: guard attributes.varint() != nil, attributes.terminatedBytes() != nil else { return nil }
                case 4, 5: guard attributes.terminatedBytes() != nil else { return nil }
                case 33... where !tag.isMultiple(of: 2): guard attributes.terminatedBytes() != nil else { return nil }
                default: guard attributes.varint() != nil else { return nil }
                }
            }
            return nil
        }
    }
}
