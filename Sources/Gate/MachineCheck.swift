import Diagnostics
import ELF
import Layers
import OCI

/// Whether a file is for the processor and the system that the image says it is for.
struct MachineCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>

    init(_ image: GatedImage<Root>) { self.image = image }

    /// Whether the platform runs it. An amd64 machine runs programs for 386, too; for 32-bit ARM not every arm64 one does.
    func runs(_ elf: ElfFacts) -> Bool {
        guard elf.otherSystem == nil else { return false }
        let wanted = image.platform.architecture
        return elf.architecture == wanted || (elf.architecture, wanted) == ("386", "amd64")
    }

    private func isProgram(_ elf: ElfFacts) -> Bool {
        switch elf.linkage {
        case .staticExecutable, .staticPIE, .dynamic, .packed: true
        case .sharedLibrary, .relocatable, .core, .debugInformation, .other: false
        }
    }

    /// A program that is for another machine is a mistake. Of libraries packages often bring those for all machines, and
    /// load the one that fits.
    func findings(in entry: RootEntry, _ elf: ElfFacts) -> [Finding] {
        guard !runs(elf) else { return [] }
        let isCarried = elf.interpreter == nil && !isProgram(elf) || ApplicationScan.isDependency(entry.path)
        let found = elf.otherSystem ?? elf.architecture.map { "linux/\($0)" } ?? "\(elf.machine)"
        return [
            Finding(
                isCarried ? .junkForeignBinary : .machineMismatch,
                "`\(entry.path)` is for \(found), and the image for \(image.platform)",
                in: entry.path,
                because: elf.otherSystem.map { "its header says \($0)" } ?? "its ELF machine is \(elf.machine)",
                hint: "build it for \(image.platform), or leave it out with a line in `.coracleignore`"
            )
        ]
    }
}
