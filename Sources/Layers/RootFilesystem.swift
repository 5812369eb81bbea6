package import Archive

/// What the layers of an image make together: the root filesystem that a container of it sees.
///
/// image-spec, layer.md § Applying Changesets; § Whiteouts.
package struct RootFilesystem<Record: TarEntryRecord>: Sendable {
    package struct File: Sendable {
        package let record: Record
        /// Which layer it is from, counted from 0.
        package let layer: Int
    }

    private var files: [EntryPath: File] = [:]
    /// The layer being applied, and what it has brought so far: whiteouts do not touch that.
    private var layer = -1
    private var children: [EntryPath: Set<EntryPath>] = [:]

    package init() {}

    /// Begins the next layer.
    package mutating func beginLayer() { layer += 1 }

    /// Applies the next entry of the layer.
    package mutating func apply(_ record: Record) {
        let path = EntryPath(unchecked: record.path)
        guard path.name.starts(with: ".wh.".utf8) else {
            add(record, at: path)
            return
        }
        guard let directory = path.parent else { return }
        let deleted = path.name.dropFirst(4)
        if deleted.elementsEqual(".wh..opq".utf8) {
            for child in children[directory] ?? [] { delete(child) }
        } else if !deleted.isEmpty {
            delete(directory.appending(deleted))
        }
    }

    private mutating func add(_ record: Record, at path: EntryPath) {
        // A file in a directory's place takes all that was in it away; a directory over a directory only changes it.
        if let old = files[path], old.record.kind == .directory, record.kind != .directory {
            delete(path, evenFromThisLayer: true)
        }
        files[path] = File(record: record, layer: layer)
        var child = path
        while let parent = child.parent {
            guard children[parent, default: []].insert(child).inserted else { break }
            child = parent
        }
    }

    /// Deletes what layers below have brought, at `path` and below it.
    private mutating func delete(_ path: EntryPath, evenFromThisLayer: Bool = false) {
        var pending = [path]
        while let next = pending.popLast() {
            pending += children[next] ?? []
            guard let file = files[next], evenFromThisLayer || file.layer < layer else { continue }
            files[next] = nil
        }
    }

    /// The directories, such as the root, that something is in and no layer has an entry for.
    package var impliedDirectories: Set<EntryPath> {
        var implied: Set<EntryPath> = files[.root] == nil ? [.root] : []
        for path in files.keys {
            var next = path.parent
            while let parent = next, files[parent] == nil, implied.insert(parent).inserted { next = parent.parent }
        }
        return implied
    }

    /// All files, in no order.
    package var all: [EntryPath: File] { files }

    /// All files, sorted by path.
    package var sorted: [(path: EntryPath, file: File)] {
        files.map { ($0.key, $0.value) }.sorted { $0.path < $1.path }
    }
}
