import Diagnostics
import ELF
import Layers

/// Whether the image has the loader that a program asks for.
struct LoaderCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>

    init(_ image: GatedImage<Root>) { self.image = image }

    func findings(in program: RootEntry, _ elf: ElfFacts) -> [Finding] {
        guard let loader = elf.interpreter, image.root.resolve(loader) == nil else { return [] }
        if let own = Libc(loader: loader), let (other, path) = loaderPresent(elf), own != other {
            return [mismatch(program, own, loader, other, path)]
        }
        return [
            Finding(
                .loaderMissing,
                "`\(program.path)` is dynamically linked, and the image has no loader",
                in: program.path,
                because: "it asks for the loader `\(loader)`"
                    + (elf.needed.isEmpty ? "" : " and for " + elf.needed.map { "`\($0)`" }.joined(separator: ", "))
                    + ": the kernel says `no such file or directory` of the program",
                hint: (image.base == nil ? "stand on a base that has it, with `--base`" : "choose a base that has it")
                    + ", or link it statically: Go with `CGO_ENABLED=0`, Rust with `-C target-feature=+crt-static` or a "
                    + "musl target, C with `-static`"
            )
        ]
    }

    private func mismatch(
        _ program: RootEntry,
        _ own: Libc,
        _ loader: String,
        _ other: Libc,
        _ path: String
    ) -> Finding {
        Finding(
            .libcMismatch,
            "`\(program.path)` is linked with \(own.rawValue), and the image has \(other.rawValue)",
            in: program.path,
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
