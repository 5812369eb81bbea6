package import Diagnostics

/// The record an ELF file begins with.
///
/// System V ABI, chapter 4, § ELF Header.
package struct ElfHeader: Hashable, Sendable {
    /// `e_type`.
    package enum FileType: Hashable, Sendable {
        case relocatable
        case executable
        /// A shared library, or a position-independent program.
        case sharedObject
        case core
        case other(UInt16)

        init(_ rawValue: UInt16) {
            self =
                switch rawValue {
                case 1: .relocatable
                case 2: .executable
                case 3: .sharedObject
                case 4: .core
                default: .other(rawValue)
                }
        }
    }

    /// Where a table of records is in the file, as the header claims.
    struct Table: Hashable, Sendable {
        let offset: UInt64
        let entrySize: UInt16
        let count: UInt16
    }

    package let format: ElfFormat
    package let osABI: OSABI
    package let type: FileType
    package let machine: Machine
    /// `e_flags`: their meaning depends on the machine.
    package let flags: UInt32
    /// The address the program starts at; 0 if there is none.
    package let entry: UInt64
    let programHeaders: Table
    let sectionHeaders: Table
    /// The section that holds the names of sections, or `SHN_XINDEX`.
    let sectionNamesIndex: UInt16

    /// - Throws: `elf.truncated`; `elf.malformed` for an unknown class or byte order; `elf.not-elf` for anything else.
    package init(_ source: borrowing some ElfSource & ~Copyable, named name: String) throws(Diagnostic) {
        let start = try source.window(at: 0, upTo: FileKind.windowSize)
        guard start.count >= Self.magic.count, start.starts(with: Self.magic) else {
            guard !start.isEmpty, !Self.magic.starts(with: start) else { throw Self.truncated(name, start.count) }
            throw .notELF(name, FileKind(start))
        }
        guard start.count >= 16 else { throw Self.truncated(name, start.count) }
        guard let elfClass = ElfFormat.Class(rawValue: start[4]) else {
            throw .elfMalformed(name, "its class is \(start[4]), neither 32-bit (1) nor 64-bit (2)")
        }
        guard let byteOrder = ElfFormat.ByteOrder(rawValue: start[5]) else {
            throw .elfMalformed(name, "its byte order is \(start[5]), neither little (1) nor big (2)")
        }
        format = ElfFormat(elfClass, byteOrder)
        osABI = OSABI(rawValue: start[7])
        var cursor = ElfCursor(start, format, at: 16)
        // The fields have one order in both classes. Two are not kept: nothing on Linux looks at e_version and e_ehsize.
        guard
            let type = cursor.uint16(),
            let machine = cursor.uint16(),
            cursor.uint32() != nil,
            let entry = cursor.address(),
            let programHeadersOffset = cursor.address(),
            let sectionHeadersOffset = cursor.address(),
            let flags = cursor.uint32(),
            cursor.uint16() != nil,
            let programHeaderSize = cursor.uint16(),
            let programHeaderCount = cursor.uint16(),
            let sectionHeaderSize = cursor.uint16(),
            let sectionHeaderCount = cursor.uint16(),
            let sectionNamesIndex = cursor.uint16()
        else { throw Self.truncated(name, start.count) }
        self.type = FileType(type)
        self.machine = Machine(machine)
        self.flags = flags
        self.entry = entry
        self.sectionNamesIndex = sectionNamesIndex
        programHeaders = Table(offset: programHeadersOffset, entrySize: programHeaderSize, count: programHeaderCount)
        sectionHeaders = Table(offset: sectionHeadersOffset, entrySize: sectionHeaderSize, count: sectionHeaderCount)
    }

    package static let magic: [UInt8] = [0x7F, 0x45, 0x4C, 0x46]

    private static func truncated(_ name: String, _ count: Int) -> Diagnostic {
        .elfTruncated(name, "not a complete ELF header (\(count) bytes)")
    }
}

/// The system a file says it is for: `EI_OSABI`.
package struct OSABI: Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The name of a system that is certainly not Linux. Linux itself writes 0 (System V) or 3, and so do some others.
    package var otherSystem: String? {
        switch rawValue {
        case 1: "HP-UX"
        case 2: "NetBSD"
        case 6: "Solaris"
        case 7: "AIX"
        case 8: "IRIX"
        case 9: "FreeBSD"
        case 12: "OpenBSD"
        default: nil
        }
    }
}

extension Diagnostic.Code {
    /// A file of another kind, such as a script or a program for another system.
    package static let elfNotELF = Self("elf.not-elf", .input)
}

extension Diagnostic {
    fileprivate static func notELF(_ name: String, _ kind: FileKind) -> Diagnostic {
        let hint: String? =
            switch kind {
            case .machO, .portableExecutable:
                "build it for Linux: `GOOS=linux go build`, `cargo build --target x86_64-unknown-linux-musl`"
            case .staticLibrary: "build a program: in Go, the package must be named `main`"
            case .script(let shebang) where shebang.endsInCarriageReturn:
                "its lines end in CR LF: save it with LF alone"
            case .gzip, .xz, .zstd, .zip, .tar: "unpack it first"
            default: nil
            }
        return Diagnostic(.elfNotELF, "`\(name)` is not a Linux program", because: "it is \(kind)", hint: hint)
    }
}
