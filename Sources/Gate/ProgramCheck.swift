import Diagnostics
import ELF
import Layers

/// Whether every ELF file that the image carries can run in it.
struct ProgramCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>
    private let libraries: LibraryCheck<Root>

    init(_ image: GatedImage<Root>) {
        self.image = image
        libraries = LibraryCheck(image, LibrarySearch(image))
    }

    func findings() throws(Diagnostic) -> [Finding] {
        var findings = [Finding]()
        let search = ProgramSearch(image)
        let start = try search.entrypoint.flatMap { entry throws(Diagnostic) in try started(by: entry, search) }
        for entry in image.root.entries where entry.kind == .file {
            let isStarted = entry.path == start?.path
            guard let facts = try image.root.facts(of: entry) else { continue }
            switch facts {
            case .elf(let elf) where isStarted || entry.origin != .base:
                findings += try self.findings(in: entry, elf, isStarted: isStarted)
                if entry.origin != .base { findings += ProtectionCheck.findings(in: entry, elf) }
            case .elf(let elf) where MachineCheck(image).runs(elf): findings += try libraries.findingsInBase(entry, elf)
            case .damaged(let reason) where entry.origin != .base: findings.append(damaged(entry, reason))
            case .elf, .damaged, .script: continue
            }
        }
        return findings
    }

    private func findings(in entry: RootEntry, _ elf: ElfFacts, isStarted: Bool) throws(Diagnostic) -> [Finding] {
        switch elf.linkage {
        case .relocatable, .core, .debugInformation, .other: return []
        case .packed(let packer): return MachineCheck(image).findings(in: entry, elf) + [packed(entry, packer)]
        case .staticExecutable, .staticPIE:
            return try MachineCheck(image).findings(in: entry, elf) + StaticCheck(image).findings(in: entry, elf)
        case .dynamic, .sharedLibrary: break
        }
        let mismatches = MachineCheck(image).findings(in: entry, elf)
        // A file for another machine needs nothing of this image.
        guard mismatches.isEmpty else { return mismatches }
        let loader = LoaderCheck(image).findings(in: entry, elf)
        // Without its loader nothing else is looked for.
        guard loader.isEmpty else { return loader }
        return try libraries.findings(in: entry, elf, isStarted: isStarted)
            + ExtensionCheck(image).findings(in: entry)
    }

    /// The program that runs when `entry` is started: of a script, its interpreter.
    private func started(by entry: RootEntry, _ search: ProgramSearch<Root>) throws(Diagnostic) -> RootEntry? {
        guard case .script(let shebang)? = try image.root.facts(of: entry) else { return entry }
        return search.find(shebang.program)
    }

    private func packed(_ entry: RootEntry, _ packer: Packer) -> Finding {
        Finding(
            .packed,
            "`\(entry.path)` is packed with \(packer.rawValue): what it needs cannot be seen",
            in: entry.path,
            because: "only the unpacker's own headers can be read",
            hint: "ship it unpacked: layers are compressed anyway"
        )
    }

    private func damaged(_ entry: RootEntry, _ reason: String) -> Finding {
        Finding(
            .damaged,
            "`\(entry.path)` begins like an ELF file, and cannot be loaded",
            in: entry.path,
            because: reason,
            hint: "build it or copy it again, or leave it out with a line in `.coracleignore`"
        )
    }
}
