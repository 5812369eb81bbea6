import Diagnostics
import ELF
import Layers

/// Whether the image has the loader that a program asks for.
struct LoaderCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>

    init(_ image: GatedImage<Root>) { self.image = image }

    func findings(in program: RootEntry, _ elf: ElfFacts) -> [Finding] {
        guard let loader = elf.interpreter, image.root.resolve(loader) == nil else { return [] }
        return [
            Finding(
                .loaderMissing,
                "`\(program.path)` is dynamically linked, and the image has no loader",
                in: program.path,
                because: "it asks for the loader `\(loader)`"
                    + (elf.needed.isEmpty ? "" : " and for " + elf.needed.map { "`\($0)`" }.joined(separator: ", ")),
                hint: (image.base == nil ? "stand on a base that has it, with `--base`" : "choose a base that has it")
                    + ", or link it statically: Go with `CGO_ENABLED=0`, Rust with `-C target-feature=+crt-static` or a "
                    + "musl target, C with `-static`"
            )
        ]
    }
}

extension Rule {
    static let loaderMissing = Rule("run.loader-missing", .error, "a program's loader is not in the image")
}
