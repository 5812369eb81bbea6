import Diagnostics
import ELF
import Layers

/// Whether every ELF file that the image carries can run in it.
struct ProgramCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>

    init(_ image: GatedImage<Root>) { self.image = image }

    func findings() throws(Diagnostic) -> [Finding] {
        var findings = [Finding]()
        let start = ProgramSearch(image).entrypoint
        for entry in image.root.entries where entry.kind == .file {
            guard entry.origin == .application || entry.path == start?.path else { continue }
            guard case .elf(let elf)? = try image.root.facts(of: entry) else { continue }
            findings += LoaderCheck(image).findings(in: entry, elf)
        }
        return findings
    }
}
