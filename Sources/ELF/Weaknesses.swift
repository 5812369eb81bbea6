/// Protections of linker and kernel that an ELF file does without.
package struct Weaknesses: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// It asks for an executable stack, or does not say that it needs none: `PT_GNU_STACK`.
    package static let executableStack = Weaknesses(rawValue: 1)
    /// A segment is loaded that may be written and executed.
    package static let writableCode = Weaknesses(rawValue: 2)
    /// The data that the loader fills in stays writable, as there is no `PT_GNU_RELRO`: only in dynamically linked files.
    package static let writableRelocations = Weaknesses(rawValue: 4)
    /// The loader has to write into code: `DT_TEXTREL`, or `DF_TEXTREL`.
    package static let textRelocations = Weaknesses(rawValue: 8)

    /// None for what is not loaded, and for what is packed: its headers are the packer's.
    init(of file: ElfFile) {
        self = []
        guard file.packer == nil, !file.isDebugInformation else { return }
        let loads = file.segments.filter { $0.kind == .load }
        guard !loads.isEmpty else { return }
        let stack = file.segments.first { $0.kind == .stack }
        if stack?.isExecutable ?? true { insert(.executableStack) }
        if loads.contains(where: { $0.isExecutable && $0.isWritable }) { insert(.writableCode) }
        guard let dynamic = file.dynamic else { return }
        if !file.segments.contains(where: { $0.kind == .relro }) { insert(.writableRelocations) }
        if dynamic.hasTextRelocations { insert(.textRelocations) }
    }
}
