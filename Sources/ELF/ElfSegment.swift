import Diagnostics

/// One program header: a part of the file that is mapped, or that says something about the mapping.
///
/// System V ABI, chapter 5, § Program Header.
package struct ElfSegment: Hashable, Sendable {
    /// `p_type`.
    package struct Kind: Hashable, Sendable {
        package let rawValue: UInt32

        package init(_ rawValue: UInt32) { self.rawValue = rawValue }

        package static let load = Kind(1)
        package static let dynamic = Kind(2)
        package static let interpreter = Kind(3)
        package static let stack = Kind(0x6474_E551)
        package static let relro = Kind(0x6474_E552)
    }

    package let kind: Kind
    /// Where it begins in the file.
    package let offset: UInt64
    /// Where it begins in memory.
    package let address: UInt64
    /// The bytes it has in the file.
    package let fileSize: UInt64
    /// The bytes it has in memory; those beyond `fileSize` are zero.
    package let memorySize: UInt64
    /// `p_flags`.
    package let flags: UInt32

    package var isExecutable: Bool { flags & 1 != 0 }
    package var isWritable: Bool { flags & 2 != 0 }

    /// `nil` at the end of the bytes.
    init?(_ cursor: inout ElfCursor, _ format: ElfFormat) {
        guard let kind = cursor.uint32() else { return nil }
        // Only the flags have another place in the two classes: in 64 bits they fill the gap before the offset.
        var flags: UInt32?
        if format.elfClass == .bits64 { flags = cursor.uint32() }
        guard
            let offset = cursor.address(),
            let address = cursor.address(),
            cursor.address() != nil,
            let fileSize = cursor.address(),
            let memorySize = cursor.address()
        else { return nil }
        if format.elfClass == .bits32 { flags = cursor.uint32() }
        guard let flags, cursor.address() != nil else { return nil }
        self.kind = Kind(kind)
        self.offset = offset
        self.address = address
        self.fileSize = fileSize
        self.memorySize = memorySize
        self.flags = flags
    }
}

/// Where addresses in memory are in the file, by the segments that are loaded.
struct LoadMap: Hashable, Sendable {
    /// Bytes of the file.
    struct Extent: Hashable, Sendable {
        let offset: UInt64
        let count: UInt64
    }

    private let loads: [ElfSegment]

    /// - Throws: `elf.truncated` if a loaded segment reaches beyond the file; `elf.malformed` if its sizes contradict.
    init(_ segments: [ElfSegment], fileSize: Int64, named name: String) throws(Diagnostic) {
        loads = segments.filter { $0.kind == .load }
        for load in loads {
            let (end, overflow) = load.offset.addingReportingOverflow(load.fileSize)
            guard !overflow, load.fileSize <= load.memorySize else {
                throw .elfMalformed(name, "a loaded segment of \(load.fileSize) bytes at \(load.offset) is impossible")
            }
            guard !load.address.addingReportingOverflow(load.memorySize).overflow else {
                throw .elfMalformed(name, "a loaded segment at address \(load.address) does not fit into memory")
            }
            guard load.fileSize == 0 || end <= UInt64(max(0, fileSize)) else {
                throw .elfTruncated(name, "its segments need \(end) bytes, and it has \(fileSize)")
            }
        }
    }

    /// The bytes from `address` to the end of what its segment has in the file; `nil` if nothing is loaded there.
    func extent(from address: UInt64) -> Extent? {
        for load in loads where address >= load.address && address - load.address < load.fileSize {
            let distance = address - load.address
            return Extent(offset: load.offset + distance, count: load.fileSize - distance)
        }
        return nil
    }
}
