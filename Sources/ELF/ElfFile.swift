package import Diagnostics

/// What the headers of an ELF file say, by its program headers: section headers need not be there.
///
/// At most a few hundred kilobytes are read, however large the file is.
package struct ElfFile: Hashable, Sendable {
    /// What the file is called in messages.
    package let name: String
    package let header: ElfHeader
    /// Empty for a relocatable object and for a core dump.
    package let segments: [ElfSegment]
    /// What compressed the program; then `interpreter` and `dynamic` are `nil`, as those of the program cannot be seen.
    package let packer: Packer?
    /// The loader that Linux starts in the program's place: `/lib64/ld-linux-x86-64.so.2`. `nil` for a static program.
    package let interpreter: String?
    package let dynamic: DynamicSection?
    let loadMap: LoadMap

    /// - Throws: `elf.not-elf`, `elf.truncated` or `elf.malformed`, naming the file as `name`.
    package init(_ source: borrowing some ElfSource & ~Copyable, named name: String) throws(Diagnostic) {
        self.name = name
        header = try ElfHeader(source, named: name)
        segments = try Self.segments(header, source, name)
        loadMap = try LoadMap(segments, fileSize: source.size, named: name)
        packer = try Packer(firstBytes: source.window(at: 0, upTo: Packer.windowSize))
        guard packer == nil, !Self.isDebugInformation(segments) else {
            (interpreter, dynamic) = (nil, nil)
            return
        }
        if let segment = segments.first(where: { $0.kind == .interpreter }) {
            interpreter = try Self.interpreter(segment, source, name)
        } else {
            interpreter = nil
        }
        if let segment = segments.first(where: { $0.kind == .dynamic }) {
            let reader = DynamicReader(name: name, format: header.format, loadMap: loadMap)
            dynamic = try DynamicSection(segment, reader, source)
        } else {
            dynamic = nil
        }
    }

    /// Whether the code was taken out, as `objcopy --only-keep-debug` does. Then most addresses lead nowhere, and
    /// `interpreter` and `dynamic` are `nil`.
    var isDebugInformation: Bool { Self.isDebugInformation(segments) }

    private static func isDebugInformation(_ segments: [ElfSegment]) -> Bool {
        let code = segments.filter { $0.kind == .load && $0.isExecutable && $0.memorySize > 0 }
        return !code.isEmpty && code.allSatisfy { $0.fileSize == 0 }
    }

    private static func segments(
        _ header: ElfHeader,
        _ source: borrowing some ElfSource & ~Copyable,
        _ name: String
    ) throws(Diagnostic) -> [ElfSegment] {
        // A core dump may have more of them than fit into the header's count, and is refused whatever they say.
        if header.type == .core { return [] }
        let table = header.programHeaders
        guard table.count > 0 else {
            guard header.type != .executable, header.type != .sharedObject else {
                throw .elfMalformed(name, "it has no program headers, so there is nothing to load")
            }
            return []
        }
        let entrySize = header.format.elfClass == .bits64 ? 56 : 32
        guard Int(table.entrySize) == entrySize else {
            throw .elfMalformed(name, "its program headers have \(table.entrySize) bytes each instead of \(entrySize)")
        }
        // fs/binfmt_elf.c, load_elf_phdrs. That excludes PN_XNUM too, the 65535 that says "look into section 0".
        let size = Int(table.count) * entrySize
        guard size <= 65536 else {
            throw .elfMalformed(
                name,
                "it has \(table.count) program headers, and Linux loads at most \(65536 / entrySize)"
            )
        }
        let bytes = try source.window(at: table.offset, upTo: size)
        guard bytes.count == size else {
            throw .elfTruncated(name, "its program headers are at \(table.offset), and it has \(source.size) bytes")
        }
        var cursor = ElfCursor(bytes, header.format)
        var segments: [ElfSegment] = []
        while let segment = ElfSegment(&cursor, header.format) { segments.append(segment) }
        return segments
    }

    private static func interpreter(
        _ segment: ElfSegment,
        _ source: borrowing some ElfSource & ~Copyable,
        _ name: String
    ) throws(Diagnostic) -> String {
        // fs/binfmt_elf.c: at least one byte and NUL, at most PATH_MAX.
        guard (2...4096).contains(segment.fileSize) else {
            throw .elfMalformed(name, "its loader's name has \(segment.fileSize) bytes")
        }
        let bytes = try source.window(at: segment.offset, upTo: Int(segment.fileSize))
        guard bytes.count == Int(segment.fileSize) else {
            throw .elfTruncated(name, "its loader's name is at \(segment.offset), and it has \(source.size) bytes")
        }
        let path = bytes.prefix { $0 != 0 }
        guard bytes.last == 0, !path.isEmpty else {
            throw .elfMalformed(name, path.isEmpty ? "its loader's name is empty" : "its loader's name does not end")
        }
        return String(printing: path)
    }
}
