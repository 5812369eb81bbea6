import Diagnostics
import ELF
import Findings
import Layers

/// Says what is wrong with libraries.
struct LibraryFindings<Root: ImageRoot> {
    private let image: GatedImage<Root>
    private let hints: LibraryHints<Root>

    init(_ image: GatedImage<Root>) {
        self.image = image
        hints = LibraryHints(image)
    }

    func finding(_ problem: LibraryProblem) -> Finding {
        switch problem.kind {
        case .missing: missing(problem)
        case .passedOver(let misfit): passedOver(problem, misfit)
        case .unusable(let misfit): unusable(problem, misfit)
        case .elsewhere(let path): elsewhere(problem, path)
        case .lacksVersions: versionMissing(problem)
        case .lacksWeakVersions: versionWeak(problem)
        }
    }

    /// The files that need it, as the subject of a sentence.
    private func needers(_ problem: LibraryProblem, _ verb: (one: String, many: String)) -> String {
        let first = "`\(problem.needers[0].entry.path)`"
        let others = problem.needers.count - 1
        return switch others {
        case 0: "\(first) \(verb.one)"
        case 1: "\(first) and another file \(verb.many)"
        default: "\(first) and \(others) other files \(verb.many)"
        }
    }

    /// Why the first file is loaded, and which the others are.
    private func loading(_ problem: LibraryProblem) -> String {
        let others = problem.needers.dropFirst().prefix(3).map { "`\($0.entry.path)`" }
        let more = problem.needers.count - 1 - others.count
        let list = others.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
        return problem.needers[0].chain + (others.isEmpty ? "" : "; so do \(list)")
            + (problem.reach.words.map { "; \($0)" } ?? "")
    }

    private func finding(
        _ rule: Rule,
        _ problem: LibraryProblem,
        _ summary: String,
        as severity: Rule.Severity? = nil,
        because reason: String,
        hint: String?
    ) -> Finding {
        Finding(
            rule,
            summary,
            in: problem.needers[0].entry.path,
            as: severity,
            because: reason,
            hint: hint,
            places: problem.needers.map(\.entry.path),
            subject: problem.library
        )
    }

    private func missing(_ problem: LibraryProblem) -> Finding {
        if let mounter = MountedLibrary.mounter(of: problem.library) {
            return finding(
                .libraryMounted,
                problem,
                "\(needers(problem, ("needs", "need"))) `\(problem.library)`, which no image has",
                because: mounter + loading(problem),
                hint: "start the container with a GPU: `--gpus all`, or a limit for `nvidia.com/gpu` in Kubernetes"
            )
        }
        return finding(
            .libraryMissing,
            problem,
            "\(needers(problem, ("needs", "need"))) `\(problem.library)`, which the image does not have",
            as: problem.reach.severity,
            because: "the loader would say `\(problem.library): cannot open shared object file`\(loading(problem))",
            hint: hints.missing(problem)
        )
    }

    private func passedOver(_ problem: LibraryProblem, _ misfit: MisfitLibrary) -> Finding {
        finding(
            .libraryMissing,
            problem,
            "\(needers(problem, ("needs", "need"))) `\(problem.library)`, which the image has as a file that does not fit",
            as: problem.reach.severity,
            because: "`\(misfit.path)` \(misfit.flaw.description): the loader passes over it, and finds no other"
                + loading(problem),
            hint: misfit.flaw.hint
        )
    }

    private func unusable(_ problem: LibraryProblem, _ misfit: MisfitLibrary) -> Finding {
        finding(
            .libraryUnusable,
            problem,
            "\(needers(problem, ("needs", "need"))) `\(problem.library)`, and the loader cannot load what it finds",
            as: problem.reach.severity,
            because: "`\(misfit.path)` \(misfit.flaw.description): the loader fails there, and looks no further"
                + loading(problem),
            hint: misfit.flaw.hint
        )
    }

    private func elsewhere(_ problem: LibraryProblem, _ path: EntryPath) -> Finding {
        let isStarted = problem.reach == .started
        let directory = (path.parent ?? .root).description
        let rule: Rule = isStarted ? .libraryUnreachable : .libraryElsewhere
        if directory.contains("/glibc-hwcaps/") {
            return finding(
                rule,
                problem,
                "\(needers(problem, ("needs", "need"))) `\(problem.library)`, which the image has for some processors only",
                because: "the image has `\(path)`, which the loader takes where it fits\(loading(problem))",
                hint: "add the library for all processors, too, above `glibc-hwcaps`"
            )
        }
        return finding(
            rule,
            problem,
            "\(needers(problem, ("needs", "need"))) `\(problem.library)`, which is where the loader does not look",
            because: "the image has `\(path)`\(loading(problem))",
            hint: isStarted
                ? "say where it is: `--env LD_LIBRARY_PATH=\(directory)`, or link with `-Wl,-rpath,\(directory)`"
                : "this is fine if what loads it has loaded `\(problem.library)` before"
        )
    }

    private func versionMissing(_ problem: LibraryProblem) -> Finding {
        let wanted = problem.versions.sorted { SymbolVersion.isOlder($1, than: $0) }
        let first = problem.needers[0].entry
        let described = wanted.prefix(3).map { version in
            let symbols = symbols(needing: version, of: problem.library, in: first)
            return symbols.isEmpty ? version : "\(version) (\(symbols.joined(separator: ", ")))"
        }
        let rest = wanted.count > 3 ? " and \(wanted.count - 3) more" : ""
        let newest = SymbolVersion.newest(like: wanted[0], among: problem.provider?.elf.versionDefinitions ?? [])
        let provider = problem.provider.map { provider in
            provider.entry.origin == .base ? image.base ?? "the base" : "`\(provider.entry.path)`"
        }
        return finding(
            .versionMissing,
            problem,
            "\(needers(problem, ("needs", "need"))) \(wanted[0]), which the image's `\(problem.library)` does not have",
            as: problem.reach.severity,
            because: "needs \(described.joined(separator: ", "))\(rest) from \(problem.library); "
                + "\(provider ?? "the image") provides " + (newest.map { "up to \($0)" } ?? "none of them")
                + loading(problem),
            hint: hints.tooOld(problem)
        )
    }

    private func versionWeak(_ problem: LibraryProblem) -> Finding {
        finding(
            .versionWeak,
            problem,
            "\(needers(problem, ("can", "can"))) do without \(problem.versions.sorted().joined(separator: ", ")) "
                + "of `\(problem.library)`",
            because: "the image's `\(problem.library)` does not have it, and the file says that it need not",
            hint: nil
        )
    }

    /// For the message: some of the symbols that have the version.
    private func symbols(needing version: String, of library: String, in entry: RootEntry) -> [String] {
        let source = EntrySource(root: image.root, entry: entry)
        guard let file = try? ElfFile(source, named: entry.path.description) else { return [] }
        return file.symbols(needing: version, of: library, in: source)
    }
}
