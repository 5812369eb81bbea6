import Archive
package import Check
package import ELF
package import Gate
package import Layers

/// The root filesystem of a base, asked by path.
package struct BaseFiles: Sendable {
    private let files: [EntryPath: LayerTable.Record]
    /// Directories that no layer has an entry for, and something is in.
    private let implied: Set<EntryPath>

    /// Applies the layers, the lowest first.
    package init(_ layers: [LayerTable]) {
        var filesystem = RootFilesystem<LayerTable.Record>()
        for layer in layers {
            filesystem.beginLayer()
            for record in layer.records { filesystem.apply(record) }
        }
        files = filesystem.all.mapValues(\.record)
        implied = filesystem.impliedDirectories
    }

    /// What is at `path`, symlinks not followed.
    package subscript(path: EntryPath) -> StackEntry? {
        guard let record = files[path] else {
            guard implied.contains(path) else { return nil }
            return StackEntry(
                path: path,
                kind: .directory,
                mode: FileModes.directory,
                origin: "a directory of the base",
                isOfBase: true
            )
        }
        let kind = EntryKind(record.kind)
        return StackEntry(
            path: path,
            kind: kind,
            mode: record.mode,
            uid: record.uid,
            gid: record.gid,
            origin: "\(kind.description) of the base",
            isOfBase: true
        )
    }

    /// The content of a file that is small enough to have been kept.
    package func content(of path: EntryPath) -> [UInt8]? { files[path]?.content }

    /// What a file says of how it runs; nil for what is neither an ELF file nor a script.
    package func facts(of path: EntryPath) -> FileFacts? { files[path]?.facts }

    /// All of it, sorted by path.
    package var entries: [RootEntry] {
        let made = implied.map { RootEntry($0, .directory, mode: FileModes.directory, origin: .base) }
        let known = files.map { RootEntry($1.entry, at: $0, origin: .base) }
        return (made + known).sorted { $0.path < $1.path }
    }
}
