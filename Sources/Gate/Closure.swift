import Diagnostics
import ELF
import Layers

/// A program, or a library that one loads, with all the libraries that come along.
struct Closure<Root: ImageRoot> {
    typealias Loaded = LibrarySearch<Root>.Loaded

    /// A library that is not found.
    struct Missing {
        /// The number of the file that needs it.
        let needer: Int
        let library: String
    }

    /// Versions that a library does not have.
    struct Unversioned {
        let needer: Int
        /// The number of the library that was found, and what it was asked for as.
        let library: Int
        let name: String
        let versions: [VersionNeed.Version]
    }

    /// So many libraries come along at most: real programs have up to a few hundred.
    private static var mostLoaded: Int { 4096 }

    /// In the order they are loaded, breadth first; the file itself is the first.
    private(set) var loaded: [Loaded]
    private(set) var missing: [Missing] = []
    private(set) var unversioned: [Unversioned] = []
    /// By every name that the loader knows them by.
    private var numbers: [String: Int] = [:]

    init(of entry: RootEntry, _ elf: ElfFacts, _ search: LibrarySearch<Root>) throws(Diagnostic) {
        loaded = [Loaded(entry: entry, path: entry.path, elf: elf, parent: nil)]
        if let soname = elf.soname { numbers[soname] = 0 }
        // The kernel has loaded it before anything else is.
        if let loader = elf.interpreter, let (file, facts) = try search.file(EntryPath(normalizing: loader)) {
            add(Loaded(entry: file, path: file.path, elf: facts, parent: 0), as: loader)
        }
        var number = 0
        while number < loaded.count, loaded.count < Self.mostLoaded {
            for name in loaded[number].elf.needed where numbers[name] == nil {
                guard let (path, file, facts) = try search.find(name, for: number, in: loaded) else {
                    if !missing.contains(where: { $0.needer == number && $0.library == name }) {
                        missing.append(Missing(needer: number, library: name))
                    }
                    continue
                }
                if let known = loaded.firstIndex(where: { $0.entry.path == file.path }) {
                    numbers[name] = known
                } else {
                    add(Loaded(entry: file, path: path, elf: facts, parent: number), as: name)
                }
            }
            number += 1
        }
        checkVersions()
    }

    private mutating func add(_ file: Loaded, as name: String) {
        let number = loaded.count
        loaded.append(file)
        numbers[name] = number
        if let soname = file.elf.soname, numbers[soname] == nil { numbers[soname] = number }
    }

    private mutating func checkVersions() {
        for (needer, file) in loaded.enumerated() {
            for need in file.elf.versionNeeds {
                guard let number = numbers[need.library] else { continue }
                let defined = loaded[number].elf.versionDefinitions
                // The loader takes a library without versions for one that has them all.
                guard !defined.isEmpty else { continue }
                let definitions = Set(defined)
                let versions = need.versions.filter { !definitions.contains($0.name) }
                guard !versions.isEmpty else { continue }
                unversioned.append(
                    Unversioned(needer: needer, library: number, name: need.library, versions: versions)
                )
            }
        }
    }
}
