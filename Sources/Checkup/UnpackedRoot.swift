import Check
package import Diagnostics
package import Findings
import Hygiene
package import Layers

/// The root filesystem of a finished image, with the contents of its files at hand.
package struct UnpackedRoot: LayeredRoot {
    /// The entries of a root filesystem, made in each pass: only the table is held.
    package struct Entries: Sequence, Sendable {
        fileprivate let files: SortedFiles
        fileprivate let origin: @Sendable (EntryPath, _ layer: Int) -> RootEntry.Origin

        package func makeIterator() -> Iterator { Iterator(entries: self, files: files.makeIterator()) }

        package struct Iterator: IteratorProtocol {
            fileprivate let entries: Entries
            fileprivate var files: SortedFiles.Iterator

            package mutating func next() -> RootEntry? {
                files.next().map { path, file in entries.entry(file, at: path) }
            }
        }

        fileprivate func entry(_ file: RootFilesystem.File, at path: EntryPath) -> RootEntry {
            RootEntry(file.entry, at: path, origin: file.isImplied ? .base : origin(path, file.layer))
        }
    }

    package let entries: Entries
    private let filesystem: RootFilesystem
    private let layers: [UnpackedLayer]

    /// - Parameters:
    ///   - filesystem: what the layers make together, with the places of the contents as locators.
    ///   - layers: the lowest first.
    ///   - origin: says who brought which file.
    init(
        _ filesystem: RootFilesystem,
        _ layers: [UnpackedLayer],
        origin: @escaping @Sendable (EntryPath, _ layer: Int) -> RootEntry.Origin
    ) {
        self.filesystem = filesystem
        self.layers = layers
        entries = Entries(files: filesystem.sorted, origin: origin)
    }

    package subscript(path: EntryPath) -> RootEntry? { filesystem[path].map { entries.entry($0, at: path) } }

    package func layer(of path: EntryPath) -> Int? { filesystem[path]?.layer }

    /// The layer with the content of the file at `path`, counted from 0; `nil` if nothing is there.
    func layer(ofContentAt path: EntryPath) -> Int? { filesystem[path]?.contentLayer }

    package var discarded: [DiscardedFile] { filesystem.discarded }

    package func bytes(of file: DiscardedFile, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        try layers[file.layer].bytes(of: file, at: offset, count: count)
    }

    package func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        guard entry.kind == .file, let file = filesystem[entry.path] else { return nil }
        return try layers[file.contentLayer].bytes(of: file, at: offset, count: count)
    }
}
