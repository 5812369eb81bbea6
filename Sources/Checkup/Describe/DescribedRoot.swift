import ByteIO
import Diagnostics
import Findings
import Layers
import OCI
import Synchronization

/// The root filesystem of an image whose inventory is taken.
struct DescribedRoot: ImageRoot {
    /// What is known of one layer.
    enum Part: Sendable {
        case read(LayerContents)
        case written(WrittenFiles)
    }

    /// The layers of which a content was asked for that is not at hand.
    private final class Misses: Sendable {
        let layers = Mutex<Set<Int>>([])
    }

    struct Entries: Sequence, Sendable {
        fileprivate let files: SortedFiles
        fileprivate let origins: LayerOrigins

        func makeIterator() -> Iterator { Iterator(entries: self, files: files.makeIterator()) }

        struct Iterator: IteratorProtocol {
            fileprivate let entries: Entries
            fileprivate var files: SortedFiles.Iterator

            mutating func next() -> RootEntry? { files.next().map { path, file in entries.entry(file, at: path) } }
        }

        fileprivate func entry(_ file: RootFilesystem.File, at path: EntryPath) -> RootEntry {
            let origin = file.isImplied ? .base : origins.origin(of: path, layer: file.layer)
            return RootEntry(file.entry, at: path, origin: origin)
        }
    }

    let entries: Entries
    private let filesystem: RootFilesystem
    private let parts: [Part]
    private let misses = Misses()

    /// - Parameter layers: the lowest first.
    /// - Throws: what `RootFilesystem.apply` throws.
    init(
        _ layers: [(Descriptor, Part)],
        _ limits: TableLimits,
        _ origins: LayerOrigins
    ) throws(Diagnostic) {
        var filesystem = RootFilesystem(limits)
        for (layer, part) in layers {
            try filesystem.beginLayer(.blob(layer.digest.description))
            switch part {
            case .read(let contents):
                for (index, entry) in contents.entries.enumerated() {
                    try filesystem.apply(entry, locator: Int64(index))
                }
            case .written(let files):
                for (index, entry) in files.entries.enumerated() {
                    try filesystem.apply(entry.tarEntry, locator: Int64(index))
                }
            }
        }
        filesystem.settle()
        self.filesystem = filesystem
        parts = layers.map(\.1)
        entries = Entries(files: filesystem.sorted, origins: origins)
    }

    subscript(path: EntryPath) -> RootEntry? { filesystem[path].map { entries.entry($0, at: path) } }

    /// What is at `path`, symlinks not followed; `nil` if nothing is there.
    func found(at path: EntryPath) -> RootFilesystem.File? { filesystem[path] }

    func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        guard entry.kind == .file, let file = filesystem[entry.path] else { return nil }
        let index = Int(file.locator)
        switch parts[file.contentLayer] {
        case .read(let contents):
            let bytes = try contents.bytes(of: index, size: file.contentSize, at: offset, count: count)
            if bytes == nil { _ = misses.layers.withLock { $0.insert(file.contentLayer) } }
            return bytes
        case .written(let files):
            if let content = files.content(of: index) {
                return offset < 0 ? [] : Array(content.dropFirst(Int(offset)).prefix(count))
            }
            return try files.entries[index].bytes(at: offset, count: count)
        }
    }

    /// Those of a regular file; `nil` if its bytes have to be read for them.
    func digests(of file: RootFilesystem.File) -> FileDigests? {
        let index = Int(file.locator)
        switch parts[file.contentLayer] {
        case .read(let contents): return contents.digests.isEmpty ? nil : contents.digests[index]
        case .written(let files): return files.digests(of: index)
        }
    }

    /// The layers of which more has to be kept for an inventory that is right, counted from 0.
    var missing: Set<Int> { misses.layers.withLock { $0 } }
}
