import Diagnostics
import ELF
import Findings
import Layers

/// A program, or a library that one loads, with all the libraries that come along.
struct LoadedLibraries<Root: ImageRoot> {
    typealias Loaded = LibrarySearch<Root>.Loaded

    /// A library that is not found, or is and cannot be loaded.
    struct Missing {
        /// The number of the file that needs it.
        let needer: Int
        let library: String
        /// What the loader takes for it and fails with; `nil` if it finds none.
        let refused: MisfitLibrary?
        /// Files of its name that the loader passes over.
        let passedOver: [MisfitLibrary]
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
    var unversioned: [Unversioned] = []
    /// By every name that the loader knows them by.
    private(set) var numbers: [String: Int] = [:]
    /// What the program that loads the file has loaded before: what stands in `loaded` behind the file itself.
    let hosts: Range<Int>
    let isMusl: Bool

    /// - Parameters:
    ///   - host: the program that loads the file while it runs, with its libraries; `nil` for a program, and where it is not known.
    ///   - loader: the loader, where the image starts it and names the program as its argument.
    init(
        of entry: RootEntry,
        _ elf: ElfFacts,
        _ search: LibrarySearch<Root>,
        in host: LoadedLibraries? = nil,
        startedBy loader: RootEntry? = nil
    ) throws(Diagnostic) {
        loaded = [Loaded(entry: entry, path: entry.path.description, elf: elf, parent: nil)]
        let program = host?.loaded.first
        isMusl = search.usesMusl(loaded, program)
        if let soname = elf.soname, !isMusl { numbers[soname] = 0 }
        hosts = 1..<1 + (host?.loaded.count ?? 0)
        for file in host?.loaded ?? [] {
            loaded.append(Loaded(entry: file.entry, path: file.path, elf: file.elf, parent: nil))
        }
        for (name, number) in host?.numbers ?? [:] where numbers[name] == nil { numbers[name] = number + 1 }
        // The kernel has loaded it before anything else is.
        if host == nil, let path = loader?.path.description ?? elf.interpreter, let found = try search.loader(path) {
            add(Loaded(entry: found.entry, path: path, elf: found.elf, parent: 0), as: elf.interpreter ?? path)
        }
        if host == nil, elf.interpreter != nil { try preload(search) }
        var number = 0
        while number < loaded.count, loaded.count < Self.mostLoaded {
            // glibc alone knows filters.
            let names =
                hosts.contains(number) ? [] : loaded[number].elf.needed + (isMusl ? [] : loaded[number].elf.filters)
            for name in names where numbers[name] == nil { try load(name, for: number, search, program) }
            number += 1
        }
        if !isMusl { checkVersions() }
    }

    /// The loader warns of what it cannot load before the program, and goes on.
    private mutating func preload(_ search: LibrarySearch<Root>) throws(Diagnostic) {
        for name in search.preloads where numbers[name] == nil {
            guard case .found(let path, let file, let facts) = try search.find(name, for: 0, in: loaded) else {
                continue
            }
            add(Loaded(entry: file, path: path, elf: facts, parent: 0), as: name)
        }
    }

    private mutating func load(
        _ name: String,
        for number: Int,
        _ search: LibrarySearch<Root>,
        _ program: Loaded?
    ) throws(Diagnostic) {
        switch try search.find(name, for: number, in: loaded, host: program) {
        case .found(let path, let file, let facts):
            if let known = loaded.firstIndex(where: { $0.entry.path == file.path }) {
                numbers[name] = known
            } else {
                add(Loaded(entry: file, path: path, elf: facts, parent: number), as: name)
            }
        case .refused(let misfit): miss(name, number, refused: misfit)
        case .missing(let misfits): miss(name, number, passedOver: misfits)
        }
    }

    private mutating func miss(
        _ name: String,
        _ needer: Int,
        refused: MisfitLibrary? = nil,
        passedOver: [MisfitLibrary] = []
    ) {
        guard !missing.contains(where: { $0.needer == needer && $0.library == name }) else { return }
        missing.append(Missing(needer: needer, library: name, refused: refused, passedOver: passedOver))
    }

    private mutating func add(_ file: Loaded, as name: String) {
        let number = loaded.count
        loaded.append(file)
        numbers[name] = number
        // musl knows a library by the name that it was asked for.
        if let soname = file.elf.soname, !isMusl, numbers[soname] == nil { numbers[soname] = number }
    }
}
