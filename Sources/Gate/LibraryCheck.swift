import Diagnostics
import ELF
import Layers

/// Whether every library that a file loads is in the image, with the symbol versions that are needed of it.
struct LibraryCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>
    private let search: LibrarySearch<Root>
    /// All files and links by their names, for libraries that are where the loader does not look.
    private let names: NameIndex
    private let advice: BaseAdvice

    init(_ image: GatedImage<Root>, _ search: LibrarySearch<Root>) {
        self.image = image
        self.search = search
        names = NameIndex(image.root)
        advice = BaseAdvice(base: image.base, platform: image.platform)
    }

    /// - Parameter isStarted: whether it is what the image starts: then what is missing is missing for certain, and else
    ///   another file may have loaded it before.
    func findings(in entry: RootEntry, _ elf: ElfFacts, isStarted: Bool) throws(Diagnostic) -> [Finding] {
        let closure = try Closure(of: entry, elf, search)
        var findings = [Finding]()
        for missing in closure.missing { findings.append(libraryMissing(missing, closure, isStarted: isStarted)) }
        for unversioned in closure.unversioned {
            let strong = unversioned.versions.filter { !$0.isWeak }
            if !strong.isEmpty { findings.append(versionMissing(unversioned, strong, closure)) }
            let weak = unversioned.versions.filter(\.isWeak)
            if !weak.isEmpty { findings.append(versionWeak(unversioned, weak, closure)) }
        }
        return findings
    }

    /// A user who builds on a base is not responsible for what is broken in the base itself.
    func findingsInBase(_ entry: RootEntry, _ elf: ElfFacts) throws(Diagnostic) -> [Finding] {
        let closure = try Closure(of: entry, elf, search)
        let missing = closure.missing.filter { $0.needer == 0 && names[$0.library] == nil }.map { "`\($0.library)`" }
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

    // MARK: Findings

    private func libraryMissing(
        _ missing: Closure<Root>.Missing,
        _ closure: Closure<Root>,
        isStarted: Bool
    ) -> Finding {
        let needer = closure.loaded[missing.needer].entry
        let chain = chain(to: missing.needer, closure)
        if let elsewhere = names[missing.library] {
            let directory = (elsewhere.parent ?? .root).description
            if directory.contains("/glibc-hwcaps/") {
                return Finding(
                    isStarted ? .libraryUnreachable : .libraryElsewhere,
                    "`\(needer.path)` needs `\(missing.library)`, which the image has for some processors only",
                    in: needer.path,
                    because: "the image has `\(elsewhere)`, which the loader takes where it fits\(chain)",
                    hint: "add the library for all processors, too, above `glibc-hwcaps`"
                )
            }
            return Finding(
                isStarted ? .libraryUnreachable : .libraryElsewhere,
                "`\(needer.path)` needs `\(missing.library)`, which is where the loader does not look",
                in: needer.path,
                because: "the image has `\(elsewhere)`\(chain)",
                hint: isStarted
                    ? "say where it is: `--env LD_LIBRARY_PATH=\(directory)`, or link with `-Wl,-rpath,\(directory)`"
                    : "this is fine if what loads it has loaded `\(missing.library)` before"
            )
        }
        return Finding(
            .libraryMissing,
            "`\(needer.path)` needs `\(missing.library)`, which the image does not have",
            in: needer.path,
            because: "the loader would say `\(missing.library): cannot open shared object file`\(chain)",
            hint: advice.library(missing.library)
        )
    }

    private func versionMissing(
        _ need: Closure<Root>.Unversioned,
        _ versions: [VersionNeed.Version],
        _ closure: Closure<Root>
    ) -> Finding {
        let needer = closure.loaded[need.needer].entry
        let wanted = versions.map(\.name).sorted { SymbolVersion.isOlder($1, than: $0) }
        let library = closure.loaded[need.library]
        let described = wanted.prefix(3).map { version in
            let symbols = symbols(needing: version, of: need.name, in: needer)
            return symbols.isEmpty ? version : "\(version) (\(symbols.joined(separator: ", ")))"
        }
        let rest = wanted.count > 3 ? " and \(wanted.count - 3) more" : ""
        let newest = SymbolVersion.newest(like: wanted[0], among: library.elf.versionDefinitions)
        let provider = library.entry.origin == .base ? image.base ?? "the base" : "`\(library.entry.path)`"
        return Finding(
            .versionMissing,
            "`\(needer.path)` needs \(wanted[0]), which the image's `\(need.name)` does not have",
            in: needer.path,
            because: "needs \(described.joined(separator: ", "))\(rest) from \(need.name); \(provider) provides "
                + (newest.map { "up to \($0)" } ?? "none of them") + chain(to: need.needer, closure),
            hint: advice.version(wanted[0], of: need.name)
        )
    }

    private func versionWeak(
        _ need: Closure<Root>.Unversioned,
        _ versions: [VersionNeed.Version],
        _ closure: Closure<Root>
    ) -> Finding {
        let needer = closure.loaded[need.needer].entry
        return Finding(
            .versionWeak,
            "`\(needer.path)` can do without \(versions.map(\.name).joined(separator: ", ")) of `\(need.name)`",
            in: needer.path,
            because: "the image's `\(need.name)` does not have it, and the file says that it need not",
            hint: nil
        )
    }

    /// By which way a file comes to be loaded, if it is not the first.
    private func chain(to number: Int, _ closure: Closure<Root>) -> String {
        var files = [String]()
        var next = closure.loaded[number].parent
        while let current = next {
            files.append("`\(closure.loaded[current].entry.path)`")
            next = closure.loaded[current].parent
        }
        return files.isEmpty ? "" : "; it is loaded for " + files.joined(separator: ", for ")
    }

    /// For the message: some of the symbols that have the version.
    private func symbols(needing version: String, of library: String, in entry: RootEntry) -> [String] {
        let source = EntrySource(root: image.root, entry: entry)
        guard let file = try? ElfFile(source, named: entry.path.description) else { return [] }
        return file.symbols(needing: version, of: library, in: source)
    }
}
