package import Archive
package import Check
package import ELF
package import Gate
package import Layers

/// The root filesystem of a base, asked by path.
package struct BaseFiles: Sendable {
    private var files: [EntryPath: LayerTable.Record] = [:]
    /// Directories that no layer has an entry for, and something is in.
    private var implied: Set<EntryPath> = [.root]

    /// Applies the layers, the lowest first.
    package init(_ layers: [LayerTable]) {
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
    package subscript(path: EntryPath) -> StackEntry? {
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
    package func content(of path: EntryPath) -> [UInt8]? { files[path]?.content }

    /// What a file says of how it runs; nil for what is neither an ELF file nor a script.
    package func facts(of path: EntryPath) -> FileFacts? { files[path]?.facts }

    /// All of it, sorted by path.
    package var entries: [RootEntry] {
        let made = implied.map { RootEntry($0, .directory, mode: 0o755, origin: .base) }
        let known = files.map { path, record in
            RootEntry(
                path,
                RootEntry.Kind(record.kind),
                mode: record.mode,
                uid: record.uid,
                gid: record.gid,
                size: record.size,
                origin: .base
            )
        }
        return (made.filter { files[$0.path] == nil } + known).sorted { $0.path < $1.path }
    }
}

extension RootEntry.Kind {
    package init(_ kind: TarRecord.Kind) {
        switch kind {
        case .regular: self = .file
        case .directory: self = .directory
        case .symlink(let target): self = .symlink(target: target)
        case .hardlink(let target): self = .hardlink(to: EntryPath(unchecked: target))
        case .characterDevice, .blockDevice, .fifo: self = .other
        }
    }
}
