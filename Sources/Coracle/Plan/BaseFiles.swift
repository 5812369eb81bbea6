import Archive
import Check
import Layers

/// The root filesystem of a base, asked by path.
struct BaseFiles: Sendable {
    private var files: [EntryPath: LayerTable.Record] = [:]
    /// Directories that no layer has an entry for, and something is in.
    private var implied: Set<EntryPath> = [.root]

    /// Applies the layers, the lowest first.
    init(_ layers: [LayerTable]) {
        var filesystem = RootFilesystem<LayerTable.Record>()
        for layer in layers {
            filesystem.beginLayer()
            for record in layer.records { filesystem.apply(record) }
        }
        files = filesystem.all.mapValues(\.record)
        for path in files.keys {
            var next = path.parent
            while let parent = next, files[parent] == nil, implied.insert(parent).inserted { next = parent.parent }
        }
    }

    /// What is at `path`, symlinks not followed.
    subscript(path: EntryPath) -> StackEntry? {
        guard let record = files[path] else {
            guard implied.contains(path) else { return nil }
            return StackEntry(
                path: path,
                kind: .directory,
                mode: 0o755,
                origin: "a directory of the base",
                isOfBase: true
            )
        }
        var kind = StackEntry.Kind.other
        switch record.kind {
        case .regular: kind = .file
        case .directory: kind = .directory
        case .symlink(let target): kind = .symlink(target: target)
        case .hardlink(let target): kind = .hardlink(to: EntryPath(unchecked: target))
        case .characterDevice, .blockDevice, .fifo: break
        }
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
    func content(of path: EntryPath) -> [UInt8]? { files[path]?.content }
}
