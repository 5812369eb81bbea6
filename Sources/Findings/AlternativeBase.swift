import Diagnostics
package import ELF
package import Layers
package import OCI

/// A base that an image could stand on, as far as the kernel and the loader see it.
package struct AlternativeBase: Sendable {
    package let name: String
    /// Compressed, in bytes.
    package let size: Int64
    /// What a container of the base itself starts.
    package let entrypoint: [String]
    /// Symlinks and files that run, and the directories above them, sorted by path.
    package let entries: [RootEntry]
    package let facts: [EntryPath: FileFacts]
    /// The names of all files, without their directories.
    package let names: Set<String>

    /// - Parameter files: what the loader finds, in any order; of two at one path the last counts.
    package init(
        _ name: String,
        size: Int64,
        entrypoint: [String],
        _ files: [(path: EntryPath, kind: EntryKind, facts: FileFacts?)]
    ) {
        self.name = name
        self.size = size
        self.entrypoint = entrypoint
        var entries: [EntryPath: RootEntry] = [:]
        var facts: [EntryPath: FileFacts] = [:]
        for file in files {
            let isLink = if case .symlink = file.kind { true } else { false }
            entries[file.path] = RootEntry(
                file.path,
                file.kind,
                mode: isLink ? FileModes.symlink : FileModes.executable,
                size: isLink ? 0 : FileFacts.smallestElf,
                origin: .base
            )
            facts[file.path] = file.facts
        }
        for directory in RootEntry.directories(above: entries.keys) where entries[directory] == nil {
            entries[directory] = RootEntry(directory, .directory, mode: FileModes.directory, origin: .base)
        }
        self.entries = entries.values.sorted { $0.path < $1.path }
        self.facts = facts
        names = Set(files.map { String(printing: $0.path.name) })
    }
}

/// The bases that an image could stand on instead of its own.
package struct AlternativeBases: Sendable {
    /// What `coracle advise` takes for the same application; `nil` for a finished image.
    package let source: String?
    /// All bases that are known for a platform, the newest release first. Asked only when something is missing.
    package let load: @Sendable (Platform) -> [AlternativeBase]

    package init(for source: String?, _ load: @escaping @Sendable (Platform) -> [AlternativeBase]) {
        self.source = source
        self.load = load
    }
}

extension RootEntry {
    /// The directories that have to be there for files at `paths`, without the root.
    package static func directories(above paths: some Sequence<EntryPath>) -> Set<EntryPath> {
        var directories = Set<EntryPath>()
        for path in paths {
            var next = path.parent
            while let directory = next, !directory.isRoot, directories.insert(directory).inserted {
                next = directory.parent
            }
        }
        return directories
    }
}
