import ByteIO

/// Blobs that have a name in a layout whose `index.json` does not lead to them yet. An interrupted process deletes them.
///
/// To be used while the layout is locked.
struct UnlistedBlobs {
    private(set) var paths: [FilePath] = []

    /// To be called before a blob gets the name `path`. What has that name already is not ours to delete.
    mutating func add(_ path: FilePath) {
        guard (try? FileStatus(at: path)) == nil else { return }
        TemporaryPaths.insert(path)
        paths.append(path)
    }

    /// For a layout that stays as it was.
    mutating func delete() {
        for path in paths {
            deleteTree(path)
            TemporaryPaths.remove(path)
        }
        paths = []
    }

    /// For an index that leads to them.
    mutating func keep() {
        for path in paths { TemporaryPaths.remove(path) }
        paths = []
    }
}
