import Diagnostics

extension ElfFile {
    /// What a section's header says of it.
    package struct Section: Hashable, Sendable {
        /// At most its first 128 bytes.
        package let name: String
        /// Where its bytes begin in the file.
        package let offset: UInt64
        /// Size in bytes; of a section without bytes in the file, such as `.bss`, its size in memory.
        package let size: UInt64
        package let hasBytes: Bool
    }

    /// The sections in the order of their headers, without the one at the front that stands for none. Empty if there are no
    /// headers, or if they cannot be read.
    package func sections(in source: borrowing some ElfSource & ~Copyable) -> [Section] {
        guard let table = SectionTable(of: self, in: source) else { return [] }
        // SHT_NULL and SHT_NOBITS.
        return table.sections.filter { $0.type != 0 }.map { section in
            Section(
                name: table.name(of: section),
                offset: section.offset,
                size: section.size,
                hasBytes: section.type != 8
            )
        }
    }

    /// What the linker called this build: GNU's build ID in hex, else Go's as it is; `nil` if there is none.
    ///
    /// System V ABI, chapter 5, § Note Section: three numbers, the owner's name, the bytes; both filled up to four bytes.
    package func buildID(in source: borrowing some ElfSource & ~Copyable) -> String? {
        if let bytes = note(".note.gnu.build-id", in: source) {
            return bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        }
        return note(".note.go.buildid", in: source).map { String(printing: $0) }
    }

    private func note(_ name: String, in source: borrowing some ElfSource & ~Copyable) -> ArraySlice<UInt8>? {
        guard let bytes = section(named: name, upTo: 1024, in: source) else { return nil }
        var cursor = ElfCursor(bytes, header.format)
        guard let nameSize = cursor.uint32(), let size = cursor.uint32(), nameSize <= 64, size > 0, size <= 1024 else {
            return nil
        }
        let start = 12 + (Int(nameSize) + 3) / 4 * 4
        guard start + Int(size) <= bytes.count else { return nil }
        return bytes[start..<start + Int(size)]
    }
}
