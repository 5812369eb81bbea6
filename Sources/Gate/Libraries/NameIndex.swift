import Diagnostics
package import Findings
package import Layers

/// Where files are, by their names alone.
package struct NameIndex {
    private let paths: [String: [EntryPath]]

    /// Only names of libraries are kept.
    package init(_ root: some ImageRoot) {
        var paths: [String: [EntryPath]] = [:]
        for entry in root.entries {
            switch entry.kind {
            case .directory, .other: continue
            case .file, .symlink, .hardlink: break
            }
            guard entry.path.name.count > 3, entry.path.name.contains(".so") else { continue }
            paths[String(printing: entry.path.name), default: []].append(entry.path)
        }
        self.paths = paths
    }

    /// The paths of all files whose names fit, sorted.
    package func names(_ fits: (String) -> Bool) -> [EntryPath] {
        paths.filter { fits($0.key) }.flatMap(\.value).sorted()
    }

    /// In order; empty if there is none.
    package subscript(name: String) -> [EntryPath] { paths[name] ?? [] }
}
