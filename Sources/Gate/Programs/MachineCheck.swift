import Diagnostics
import ELF
import Findings
import Hygiene
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
    ///
    /// - Parameter reach: how it comes to be loaded: what is imported for certain is a mistake, too.
    func finding(in entry: RootEntry, _ elf: ElfFacts, _ reach: Reach) -> Finding {
        var isCarried = elf.interpreter == nil && !isProgram(elf) || ApplicationScan.isDependency(entry.path)
        if reach != .carried { isCarried = false }
        let reason = elf.otherSystem.map { "its header says \($0)" } ?? "its ELF machine is \(elf.machine)"
        return Finding(
            isCarried ? .junkForeignBinary : .machineMismatch,
            "`\(entry.path)` is for \(system(of: elf)), and the image for \(image.platform)",
            in: entry.path,
            because: reason + (isCarried ? "" : reach.words.map { "; \($0)" } ?? ""),
            hint: "build it for \(image.platform), or leave it out with a line in `.coracleignore`"
        )
    }

    /// One finding for several files of the same machine that are imported.
    func finding(in imported: [(entry: RootEntry, elf: ElfFacts, reach: Reach)]) -> Finding {
        let (entry, elf, reach) = imported[0]
        let single = finding(in: entry, elf, reach)
        guard imported.count > 1 else { return single }
        let others = imported.dropFirst().prefix(3).map { "`\($0.entry.path)`" }.joined(separator: ", ")
        let count = imported.count == 2 ? "another file" : "\(imported.count - 1) other files"
        let more = imported.count > 4 ? " and \(imported.count - 4) more" : ""
        return Finding(
            single.rule,
            "`\(entry.path)` and \(count) are for \(system(of: elf)), and the image for \(image.platform)",
            in: entry.path,
            because: "\(single.reason ?? ""); so are \(others)\(more)",
            hint: "install the packages for \(image.platform)",
            places: imported.map(\.entry.path)
        )
    }

    /// For which system a file is, in the words of images.
    func system(of elf: ElfFacts) -> String {
        elf.otherSystem ?? elf.architecture.map { "linux/\($0)" } ?? "\(elf.machine)"
    }
}
