import Diagnostics
import Findings
import Layers

/// A root filesystem of files in memory.
struct ProbeRoot: ImageRoot {
    private let table: [EntryPath: RootEntry]
    private let contents: [EntryPath: [UInt8]]
    let entries: [RootEntry]

    /// Later files replace earlier ones of the same path. All belong to the user, and may be started.
    init(_ files: [(path: String, content: [UInt8])]) {
        var table: [EntryPath: RootEntry] = [:]
        var contents: [EntryPath: [UInt8]] = [:]
        for (path, content) in files {
            let path = EntryPath(normalizing: path)
            table[path] = RootEntry(path, .file, mode: 0o755, size: Int64(content.count), origin: .application)
            contents[path] = content
            var next = path.parent
            while let parent = next, !parent.isRoot, table[parent] == nil {
                table[parent] = RootEntry(parent, .directory, mode: 0o755, origin: .application)
                next = parent.parent
            }
        }
        self.table = table
        self.contents = contents
        entries = table.values.sorted { $0.path < $1.path }
    }

    subscript(path: EntryPath) -> RootEntry? { table[path] }

    func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        require(offset >= 0 && count >= 0 && offset <= entry.size, "bytes are asked for that cannot be")
        return contents[entry.path].map { Array($0.dropFirst(Int(offset)).prefix(count)) }
    }
}
