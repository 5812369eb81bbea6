import Diagnostics
import ELF
import Findings
import Layers
import OCI

/// Whether the image has the loader that a program asks for.
struct LoaderCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>

    init(_ image: GatedImage<Root>) { self.image = image }

    func findings(in program: RootEntry, _ elf: ElfFacts, _ severity: Rule.Severity) throws(Diagnostic) -> [Finding] {
        guard let loader = elf.interpreter else { return [] }
        // As any path, a relative one begins where the program starts.
        let start = image.execution.startDirectory
        if let entry = image.root.resolve(loader.hasPrefix("/") ? loader : "\(start)/\(loader)") {
            guard let flaw = try flaw(of: entry, for: elf) else { return [] }
            return [
                Finding(
                    .loaderMissing,
                    "`\(program.path)` asks for the loader `\(loader)`, which \(flaw)",
                    in: program.path,
                    as: severity,
                    because:
                        "the kernel starts it in the program's place, and it has to be an ELF file for the same processor",
                    hint: "leave the file out, so that the base's own loader is there"
                )
            ]
        }
        if let own = Libc(loader: loader), let (other, path) = loaderPresent(elf), own != other {
            return [mismatch(program, own, loader, other, path, severity)]
        }
        return [
            Finding(
                .loaderMissing,
                "`\(program.path)` is dynamically linked, and the image has no loader",
                in: program.path,
                as: severity,
                because: "it asks for the loader `\(loader)`"
                    + (elf.needed.isEmpty ? "" : " and for " + elf.needed.map { "`\($0)`" }.joined(separator: ", "))
                    + ": the kernel says `no such file or directory` of the program",
                hint: (image.advice?.words() ?? standing)
                    + ", or link it statically: " + (try StaticLinking(of: program, elf, in: image.root).words)
                    + (image.advice?.command.map { "; \($0)" } ?? "")
            )
        ]
    }

    private var standing: String {
        image.base == nil ? "stand on a base that has it, with `--base`" : "choose a base that has it"
    }

    /// What keeps `entry` from being a loader; `nil` if nothing does.
    private func flaw(of entry: RootEntry, for elf: ElfFacts) throws(Diagnostic) -> String? {
        if entry.kind == .directory { return "is a directory" }
        switch try image.root.facts(of: entry) {
        case .elf(let facts)?:
            let fits = facts.machine == elf.machine && facts.format == elf.format
            return fits ? nil : "is for \(facts.architecture.map { "linux/\($0)" } ?? "\(facts.machine)")"
        case .script?: return "is a script"
        case .damaged(let reason)?: return "is damaged: \(reason)"
        case nil: return entry.size == 0 ? "is empty" : "is not an ELF file"
        }
    }

    private func mismatch(
        _ program: RootEntry,
        _ own: Libc,
        _ loader: String,
        _ other: Libc,
        _ path: String,
        _ severity: Rule.Severity
    ) -> Finding {
        Finding(
            .libcMismatch,
            "`\(program.path)` is linked with \(own.rawValue), and the image has \(other.rawValue)",
            in: program.path,
            as: severity,
            because: "it asks for the loader `\(loader)`, and the image has `\(path)`",
            hint: own == .musl
                ? "build it on Debian or another system with glibc, choose a base made from Alpine, or link it statically"
                : "build it on Alpine, choose a base that has glibc, such as `debian13/base`, or link it statically"
        )
    }

    /// Whose loader the image has.
    private func loaderPresent(_ elf: ElfFacts) -> (Libc, String)? {
        let names = LoaderNames(architecture: elf.architecture)
        if let glibc = names.glibcLoader, image.root.resolve(glibc) != nil { return (.glibc, glibc) }
        return image.root.resolve(names.muslLoader) == nil ? nil : (.musl, names.muslLoader)
    }
}
