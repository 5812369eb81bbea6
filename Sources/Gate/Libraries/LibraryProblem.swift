import ELF
import Findings
import Layers

/// Something that is wrong with a library, and the files that need it.
struct LibraryProblem {
    enum Kind: Hashable {
        /// No file of the image has its name.
        case missing
        /// Files have its name, and the loader passes over them.
        case passedOver(MisfitLibrary)
        /// The loader takes this file, and fails.
        case unusable(MisfitLibrary)
        /// It is where the loader does not look.
        case elsewhere(EntryPath)
        /// It lacks these symbol versions.
        case lacksVersions
        case lacksWeakVersions
    }

    struct Needer {
        let entry: RootEntry
        let reach: Reach
        /// Why it is loaded, if another file loads it: to follow a sentence.
        let chain: String
    }

    let library: String
    let kind: Kind
    /// The first is the most important.
    var needers: [Needer]
    /// What is needed and not there, of all needers.
    var versions: Set<String> = []
    /// The library that lacks the versions.
    var provider: (entry: RootEntry, elf: ElfFacts)?

    var reach: Reach { needers[0].reach }

    /// Adds who has the same problem.
    mutating func merge(_ other: LibraryProblem) {
        for needer in other.needers {
            if let known = needers.firstIndex(where: { $0.entry.path == needer.entry.path }) {
                if needers[known].reach.severity < needer.reach.severity { needers[known] = needer }
            } else {
                needers.append(needer)
            }
        }
        versions.formUnion(other.versions)
        if provider == nil { provider = other.provider }
        // What starts stands before what is carried, and of these the first by path.
        needers.sort { left, right in
            let (a, b) = (left.reach.severity, right.reach.severity)
            return a == b ? left.entry.path < right.entry.path : a > b
        }
    }
}
