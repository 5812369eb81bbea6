import Check
package import Diagnostics
package import Findings
package import Layers

/// The root filesystem of a finished image, with the contents of its files at hand.
package struct UnpackedRoot: ImageRoot {
    package let entries: [RootEntry]
    private let filesystem: RootFilesystem
    private let layers: [UnpackedLayer]

    /// - Parameters:
    ///   - filesystem: what the layers make together, with the places of the contents as locators.
    ///   - layers: the lowest first.
    ///   - origin: says who brought which file.
    init(
        _ filesystem: RootFilesystem,
        _ layers: [UnpackedLayer],
        origin: (EntryPath, _ layer: Int) -> RootEntry.Origin
    ) {
        self.filesystem = filesystem
        self.layers = layers
        entries = filesystem.sorted.map { path, file in
            RootEntry(file.entry, at: path, origin: file.isImplied ? .base : origin(path, file.layer))
        }
    }

    package subscript(path: EntryPath) -> RootEntry? { entries.index(of: path).map { entries[$0] } }

    package func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        guard entry.kind == .file, let file = filesystem[entry.path] else { return nil }
        return try layers[file.contentLayer].bytes(of: file, at: offset, count: count)
    }
}
