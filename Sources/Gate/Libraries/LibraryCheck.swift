import Diagnostics
import ELF
import Findings
import Layers

/// Whether every library that files load is in the image, with the symbol versions that are needed of it: one problem for each
/// library, however many files need it.
struct LibraryCheck<Root: ImageRoot> {
    private struct Key: Hashable {
        let library: String
        let kind: LibraryProblem.Kind
    }

    private let image: GatedImage<Root>
    private let search: LibrarySearch<Root>
    /// All files and links by their names, for libraries that are where the loader does not look.
    private let names: NameIndex
    private var problems: [Key: LibraryProblem] = [:]

    init(_ image: GatedImage<Root>, _ search: LibrarySearch<Root>) {
        self.image = image
        self.search = search
        names = NameIndex(image.root)
    }

    /// Whether something that the file needs to be loaded is missing.
    func isWhole(_ closure: LoadedLibraries<Root>) -> Bool {
        closure.missing.allSatisfy { MountedLibrary.mounter(of: $0.library) != nil }
            && closure.unversioned.allSatisfy { $0.versions.allSatisfy(\.isWeak) }
    }

    /// Takes up what is wrong with the libraries of a file that is loaded as `reach` says.
    mutating func add(_ closure: LoadedLibraries<Root>, _ reach: Reach) throws(Diagnostic) {
        for missing in closure.missing {
            let needer = needer(missing.needer, closure, reach)
            let kind = try kind(of: missing, closure)
            add(LibraryProblem(library: missing.library, kind: kind, needers: [needer]))
        }
        for need in closure.unversioned {
            let library = closure.loaded[need.library]
            for isWeak in [false, true] {
                let versions = need.versions.filter { $0.isWeak == isWeak }.map(\.name)
                guard !versions.isEmpty else { continue }
                add(
                    LibraryProblem(
                        library: need.name,
                        kind: isWeak ? .lacksWeakVersions : .lacksVersions,
                        needers: [needer(need.needer, closure, reach)],
                        versions: Set(versions),
                        provider: (library.entry, library.elf)
                    )
                )
            }
        }
    }

    private mutating func add(_ problem: LibraryProblem) {
        let key = Key(library: problem.library, kind: problem.kind)
        if problems[key] == nil { problems[key] = problem } else { problems[key]?.merge(problem) }
    }

    private func needer(_ number: Int, _ closure: LoadedLibraries<Root>, _ reach: Reach) -> LibraryProblem.Needer {
        LibraryProblem.Needer(
            entry: closure.loaded[number].entry,
            reach: reach,
            chain: Self.chain(to: number, closure)
        )
    }

    private func kind(
        of missing: LoadedLibraries<Root>.Missing,
        _ closure: LoadedLibraries<Root>
    ) throws(Diagnostic) -> LibraryProblem.Kind {
        if let refused = missing.refused { return .unusable(refused) }
        let elf = closure.loaded[missing.needer].elf
        var misfits = missing.passedOver
        for path in names[missing.library] {
            switch try search.place(path, for: elf) {
            case .fits: return .elsewhere(path)
            case .misfit(let misfit): misfits.append(misfit)
            case .nothing: continue
            }
        }
        return misfits.first.map { .passedOver($0) } ?? .missing
    }

    /// A user who builds on a base is not responsible for what is broken in the base itself.
    func findingsInBase(_ entry: RootEntry, _ elf: ElfFacts) throws(Diagnostic) -> [Finding] {
        let closure = try LoadedLibraries(of: entry, elf, search)
        let missing = closure.missing.filter { $0.needer == 0 && names[$0.library].isEmpty }.map { "`\($0.library)`" }
        let versions = closure.unversioned.filter { $0.needer == 0 }.flatMap { need in
            need.versions.filter { !$0.isWeak }.map { "\($0.name) of `\(need.name)`" }
        }
        guard !missing.isEmpty || !versions.isEmpty else { return [] }
        return [
            Finding(
                .baseIncomplete,
                "`\(entry.path)` of the base cannot be loaded",
                in: entry.path,
                because: "it needs \((missing + versions).joined(separator: ", ")), which the image does not have",
                hint: "only what starts it is affected"
            )
        ]
    }

    /// By which way a file comes to be loaded, if it is not the first.
    private static func chain(to number: Int, _ closure: LoadedLibraries<Root>) -> String {
        var files = [String]()
        var next = closure.loaded[number].parent
        while let current = next {
            files.append("`\(closure.loaded[current].entry.path)`")
            next = closure.loaded[current].parent
        }
        return files.isEmpty ? "" : "; it is loaded for " + files.joined(separator: ", for ")
    }

    /// What was taken up, as findings.
    func findings() -> [Finding] {
        let writer = LibraryFindings(image)
        return problems.values.map { writer.finding($0) }
    }
}
