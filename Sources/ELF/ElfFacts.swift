import Diagnostics

/// What an ELF file's headers say of where it runs and what it needs there: little enough to keep for every file of an
/// image.
package struct ElfFacts: Hashable, Sendable {
    package let format: ElfFormat
    package let machine: Machine
    /// The processor's name in images, such as `amd64`; `nil` if it has none.
    package let architecture: String?
    package let linkage: Linkage
    /// The system it is for, if that is certainly not Linux.
    package let otherSystem: String?
    package let soname: String?
    package let needed: [String]
    /// The libraries that glibc's loader needs besides, as they have the symbols that the file itself only names: `DT_FILTER`.
    package let filters: [String]
    package let rpath: String?
    package let runpath: String?
    /// Whether the loader ignores its usual directories: `DF_1_NODEFLIB`.
    package let avoidsUsualDirectories: Bool
    /// Whether the loader takes it for a library: it refuses programs, be they position-independent or not, and objects.
    package let isLoadable: Bool
    package let versionNeeds: [VersionNeed]
    package let versionDefinitions: [String]
    package let weaknesses: Weaknesses

    /// The loader that Linux starts in the program's place.
    package var interpreter: String? {
        if case .dynamic(let loader, _) = linkage { loader } else { nil }
    }

    package init(
        format: ElfFormat,
        machine: Machine,
        architecture: String?,
        linkage: Linkage,
        otherSystem: String? = nil,
        soname: String? = nil,
        needed: [String] = [],
        filters: [String] = [],
        rpath: String? = nil,
        runpath: String? = nil,
        avoidsUsualDirectories: Bool = false,
        isLoadable: Bool = true,
        versionNeeds: [VersionNeed] = [],
        versionDefinitions: [String] = [],
        weaknesses: Weaknesses = []
    ) {
        self.format = format
        self.machine = machine
        self.architecture = architecture
        self.linkage = linkage
        self.otherSystem = otherSystem
        self.soname = soname
        self.needed = needed
        self.filters = filters
        self.rpath = rpath
        self.runpath = runpath
        self.avoidsUsualDirectories = avoidsUsualDirectories
        self.isLoadable = isLoadable
        self.versionNeeds = versionNeeds
        self.versionDefinitions = versionDefinitions
        self.weaknesses = weaknesses
    }

    init(_ file: ElfFile, in source: borrowing some ElfSource & ~Copyable) {
        let dynamic = file.dynamic
        self.init(
            format: file.header.format,
            machine: file.header.machine,
            architecture: (try? Architecture(of: file, in: source))?.name,
            linkage: Linkage(of: file),
            otherSystem: file.header.osABI.otherSystem,
            soname: dynamic?.soname,
            needed: dynamic?.needed ?? [],
            filters: dynamic?.filters ?? [],
            rpath: dynamic?.rpath,
            runpath: dynamic?.runpath,
            avoidsUsualDirectories: (dynamic?.flags1 ?? 0) & 0x800 != 0,
            isLoadable: file.header.type == .sharedObject && dynamic?.isPIE == false,
            versionNeeds: dynamic?.versionNeeds ?? [],
            versionDefinitions: dynamic?.versionDefinitions ?? [],
            weaknesses: Weaknesses(of: file)
        )
    }
}
