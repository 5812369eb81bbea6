import Diagnostics
import Layers

/// Where files are, by their names alone.
struct NameIndex {
    private let paths: [String: EntryPath]

    /// Of several files with one name, the first in order counts. Only names of libraries are kept.
    init(_ root: some ImageRoot) {
        let mark = Array(".so".utf8)
        var paths: [String: EntryPath] = [:]
        for entry in root.entries {
            switch entry.kind {
            case .directory, .other: continue
            case .file, .symlink, .hardlink: break
            }
            guard entry.path.name.count > mark.count, Self.contains(mark, entry.path.name) else { continue }
            let name = String(printing: entry.path.name)
            if paths[name] == nil { paths[name] = entry.path }
        }
        self.paths = paths
    }

    subscript(name: String) -> EntryPath? { paths[name] }

    private static func contains(_ mark: [UInt8], _ name: ArraySlice<UInt8>) -> Bool {
        var start = name.startIndex
        while start + mark.count <= name.endIndex {
            if name[start..<start + mark.count].elementsEqual(mark) { return true }
            start += 1
        }
        return false
    }
}
