import Diagnostics
import ELF
import Findings
import Layers

/// What to do about libraries that an image lacks.
struct LibraryHints<Root: ImageRoot> {
    private let image: GatedImage<Root>

    init(_ image: GatedImage<Root>) { self.image = image }

    /// For a library that is not there at all.
    func missing(_ problem: LibraryProblem) -> String {
        if problem.library == "libssl.so.1.1" || problem.library == "libcrypto.so.1.1" {
            return "build it with OpenSSL 3: no supported release of Debian has 1.1 any more"
        }
        if problem.library.hasPrefix("libc.musl-") {
            return "it was built for Alpine: build it on Debian, or choose a base that has musl"
        }
        let base = image.advice?.words(about: problem.library) ?? "choose a base that has it"
        return finish(
            base,
            [image.advice?.works == nil ? "add the file with `--add`" : nil, linkingStatically(problem)]
        )
    }

    /// For one that is there, and lacks versions of symbols.
    func tooOld(_ problem: LibraryProblem) -> String {
        let base = image.advice?.words(about: problem.library) ?? "choose a newer base"
        let own = linkingStatically(problem) ?? "build it on a system as old as the base"
        return finish(base, [own])
    }

    private func finish(_ base: String, _ others: [String?]) -> String {
        let ways = [base] + others.compactMap { $0.map { "or \($0)" } }
        return ways.joined(separator: ", ") + (image.advice?.command.map { "; \($0)" } ?? "")
    }

    /// How the program that needs the library is linked without it; `nil` for a library, which cannot be.
    private func linkingStatically(_ problem: LibraryProblem) -> String? {
        let entry = problem.needers[0].entry
        guard case .elf(let elf)? = try? image.root.facts(of: entry), elf.interpreter != nil else { return nil }
        return (try? StaticLinking(of: entry, elf, in: image.root))?.advice ?? "link statically"
    }
}
