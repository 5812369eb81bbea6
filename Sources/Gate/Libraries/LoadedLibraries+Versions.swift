import Diagnostics
import ELF
import Findings
import Layers

extension LoadedLibraries {
    /// Notes which versions of symbols a file needs and the library that it gets does not define, as the loader does.
    mutating func checkVersions() {
        for (needer, file) in loaded.enumerated() where !hosts.contains(needer) {
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

    /// The C library, if it is glibc's and not of the release of the loader: the two know each other's inner structures.
    func mismatchedLibc(in root: Root) throws(Diagnostic) -> (libc: Loaded, beside: RootEntry)? {
        guard !isMusl, let loader = loaded.dropFirst().first, loaded[0].elf.interpreter != nil,
            let libc = loaded.first(where: { $0.elf.soname == "libc.so.6" }),
            let directory = loader.entry.path.parent,
            let own = root.resolve(directory.appending("libc.so.6".utf8)), own.path != libc.entry.path,
            case .elf(let facts)? = try root.facts(of: own)
        else { return nil }
        let newest = SymbolVersion.newest(like: "GLIBC_2.0", among: facts.versionDefinitions)
        let found = SymbolVersion.newest(like: "GLIBC_2.0", among: libc.elf.versionDefinitions)
        return newest == found ? nil : (libc, own)
    }
}
