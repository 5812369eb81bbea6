import Archive
import Diagnostics
import Layers
import OCI

/// The root filesystem of one of the images that are compared.
struct ComparedTree: Sendable {
    let layers: [ComparedLayer]
    private let files: SortedFiles
    /// For each file with several names, by the one that stands for it: the first of them.
    private let firstNames: [EntryPath: EntryPath]

    /// - Parameters:
    ///   - layers: the lowest first.
    ///   - lower: what the first layers make together, and how many they are.
    /// - Throws: what `RootFilesystem.apply` throws.
    init(
        _ layers: [ComparedLayer],
        named subjects: [Diagnostic.Subject?],
        on lower: (filesystem: RootFilesystem, count: Int)
    ) throws(Diagnostic) {
        var filesystem = lower.filesystem
        for (layer, subject) in zip(layers, subjects).dropFirst(lower.count) {
            try layer.apply(to: &filesystem, subject)
        }
        filesystem.settle()
        files = filesystem.sorted
        self.layers = layers
        var firstNames = [EntryPath: EntryPath]()
        if layers.contains(where: \.hasHardlinks) {
            for (path, file) in files {
                guard case .hardlink(let target) = file.entry.kind else { continue }
                let holder = EntryPath(unchecked: target)
                firstNames[holder] = min(firstNames[holder] ?? holder, path)
            }
        }
        self.firstNames = firstNames
    }

    /// The files, sorted by path.
    func makeIterator() -> SortedFiles.Iterator { files.makeIterator() }

    /// The first of the file's other names, if that comes before `path`.
    func firstName(of file: RootFilesystem.File, at path: EntryPath) -> EntryPath? {
        guard !firstNames.isEmpty else { return nil }
        let holder: EntryPath
        switch file.entry.kind {
        case .hardlink(let target): holder = EntryPath(unchecked: target)
        case .regular: holder = path
        default: return nil
        }
        return firstNames[holder].flatMap { $0 == path ? nil : $0 }
    }

    func detail(of file: RootFilesystem.File) -> ComparedLayer.Detail {
        // Symlinks have no locator, and no extended attributes that engines would set.
        if case .symlink = file.entry.kind { return ComparedLayer.Detail() }
        if file.isImplied || layers.isEmpty { return ComparedLayer.Detail() }
        return layers[file.contentLayer].detail(at: file.locator)
    }
}
