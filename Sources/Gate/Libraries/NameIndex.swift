import Diagnostics
import Layers

/// Where files are, by their names alone.
struct NameIndex {
    private let paths: [String: [EntryPath]]

    /// Only names of libraries are kept.
    init(_ root: some ImageRoot) {
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

    /// In order; empty if there is none.
    subscript(name: String) -> [EntryPath] { paths[name] ?? [] }
}

extension ArraySlice<UInt8> {
    /// Whether the bytes of `mark` are among these: as text they would have to be understood first.
    func contains(_ mark: StaticString) -> Bool {
        let length = mark.utf8CodeUnitCount
        guard count >= length else { return false }
        return (startIndex...endIndex - length).contains { self[$0..<$0 + length].starts(with: mark) }
    }

    func hasSuffix(_ mark: StaticString) -> Bool {
        count >= mark.utf8CodeUnitCount && suffix(mark.utf8CodeUnitCount).starts(with: mark)
    }

    private func starts(with mark: StaticString) -> Bool { mark.withUTF8Buffer { elementsEqual($0) } }
}
