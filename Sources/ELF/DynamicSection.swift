import Diagnostics

/// What a program asks of the loader: the libraries it needs and where to look for them.
///
/// System V ABI, chapter 5, § Dynamic Section.
package struct DynamicSection: Hashable, Sendable {
    /// The libraries it needs, in the file's order: `libc.so.6`.
    package let needed: [String]
    /// The libraries in which glibc's loader looks for its symbols first, and which it needs as it does `needed`: `DT_FILTER`.
    package let filters: [String]
    /// The name it is known by, if it is a shared library.
    package let soname: String?
    /// Where libraries are looked for, separated by colons, as written: `$ORIGIN/../lib`. Not used if there is `runpath`.
    package let rpath: String?
    package let runpath: String?
    /// `DT_FLAGS_1`.
    package let flags1: UInt64
    /// Whether the loader has to write into code.
    package let hasTextRelocations: Bool
    /// The symbol versions it needs of each library, in the file's order.
    package let versionNeeds: [VersionNeed]
    /// The symbol versions it provides, without the one that stands for the file itself.
    package let versionDefinitions: [String]

    /// The linker's own word that this is a program, not a library.
    package var isPIE: Bool { flags1 & 0x0800_0000 != 0 }

    init(
        _ segment: ElfSegment,
        _ reader: DynamicReader,
        _ source: borrowing some ElfSource & ~Copyable
    ) throws(Diagnostic) {
        let entries = try reader.entries(segment, source)
        var strings = DynamicReader.StringTable()
        for entry in entries {
            switch entry.tag {
            case .stringTable: strings.address = entry.value
            case .stringTableSize: strings.size = entry.value
            default: continue
            }
        }
        var needed: [String] = []
        var filters: [String] = []
        var (soname, rpath, runpath): (String?, String?, String?)
        var flags1: UInt64 = 0
        var hasTextRelocations = false
        var needs = DynamicReader.Versions()
        var definitions = DynamicReader.Versions()
        for entry in entries {
            switch entry.tag {
            case .needed: needed.append(try reader.string(at: entry.value, strings, source))
            case .filter: filters.append(try reader.string(at: entry.value, strings, source))
            case .soname: soname = try reader.string(at: entry.value, strings, source)
            case .rpath: rpath = try reader.string(at: entry.value, strings, source)
            case .runpath: runpath = try reader.string(at: entry.value, strings, source)
            case .flags1: flags1 = entry.value
            case .textRelocations: hasTextRelocations = true
            // DF_TEXTREL, which says the same.
            case .flags: if entry.value & 4 != 0 { hasTextRelocations = true }
            case .versionNeeds: needs.address = entry.value
            case .versionNeedsCount: needs.count = entry.value
            case .versionDefinitions: definitions.address = entry.value
            case .versionDefinitionsCount: definitions.count = entry.value
            default: continue
            }
        }
        self.needed = needed
        self.filters = filters
        self.soname = soname
        self.rpath = rpath
        self.runpath = runpath
        self.flags1 = flags1
        self.hasTextRelocations = hasTextRelocations
        versionNeeds = try reader.versionNeeds(needs, strings, source)
        versionDefinitions = try reader.versionDefinitions(definitions, strings, source)
    }
}

/// The symbol versions that are needed of one library.
package struct VersionNeed: Hashable, Sendable {
    package struct Version: Hashable, Sendable {
        /// `GLIBC_2.34`.
        package let name: String
        /// Whether the loader only warns if the library does not have it.
        package let isWeak: Bool

        package init(name: String, isWeak: Bool) {
            self.name = name
            self.isWeak = isWeak
        }
    }

    /// As in `needed`: `libc.so.6`.
    package let library: String
    package let versions: [Version]

    package init(library: String, versions: [Version]) {
        self.library = library
        self.versions = versions
    }
}
