import Applications
import ByteIO
import Diagnostics
import ELF
import Findings
import Layers

/// What the ELF files of an application ask of a base: loaders, libraries, and versions of their symbols.
struct LinkRequirements: Hashable, Sendable {
    /// The version of a symbol, and who asks for it of which library.
    struct Version: Hashable, Sendable {
        let name: String
        let library: String
        let program: EntryPath
    }

    /// Whose C library is asked for; several where the parts do not fit together.
    private(set) var libcs: Set<Libc> = []
    /// By name, with the first that asks for it; without what the application brings itself.
    private(set) var libraries: [String: EntryPath] = [:]
    private(set) var versions: [Version] = []

    /// Whether there is nothing that a loader would look for.
    var isEmpty: Bool { libcs.isEmpty && libraries.isEmpty }

    /// Reads the headers of what could be a program or a library; the gate reports what is damaged.
    init(of entries: [LayerEntry]) {
        var files = [(path: EntryPath, facts: ElfFacts)]()
        for entry in entries where RootEntry(entry, origin: .application).mayBeLoaded {
            guard
                let host = entry.hostFile, let source = try? HostFile(host),
                let facts = try? FileFacts(source, named: host.display), case .elf(let elf) = facts
            else { continue }
            files.append((entry.path, elf))
        }
        let own = Set(
            files.flatMap { [String(decoding: $0.path.name, as: UTF8.self)] + [$0.facts.soname].compactMap(\.self) }
        )
        for (path, facts) in files {
            if let libc = facts.linkage.libc ?? facts.needed.lazy.compactMap(Libc.init(library:)).first {
                libcs.insert(libc)
            }
            for library in facts.needed where !own.contains(library) && libraries[library] == nil {
                libraries[library] = path
            }
            for need in facts.versionNeeds where !own.contains(need.library) {
                for version in need.versions where !version.isWeak {
                    versions.append(Version(name: version.name, library: need.library, program: path))
                }
            }
        }
    }
}
