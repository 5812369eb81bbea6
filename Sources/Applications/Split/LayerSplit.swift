import ByteIO
package import Layers
import OCI

/// An application's entries, divided by the directories and files that are a layer each.
///
/// Where an entry goes depends on the path alone once the roots of the parts are chosen, so that one file more changes
/// one part.
package struct LayerSplit {
    package struct Part {
        /// A directory or a file; that of the rest is the application's directory.
        package let root: EntryPath
        package fileprivate(set) var entries: [LayerEntry] = []
    }

    package struct Rules {
        /// Folders that are parts whatever size they have.
        package var dependencies: [EntryPath]
        /// What the history of an earlier image says of its layers: its parts stay parts.
        package var kept: [String]
        /// How many parts there are at most, the rest included.
        package var mostParts: Int
        /// From how many bytes on a directory or file is a part.
        package var smallest: Int64

        package init(
            dependencies: [EntryPath] = [],
            kept: [String] = [],
            mostParts: Int,
            smallest: Int64 = 8 << 20
        ) {
            self.dependencies = dependencies
            self.kept = kept
            self.mostParts = mostParts
            self.smallest = smallest
        }
    }

    /// The lowest first, the rest at the end. Those without entries are left out.
    package private(set) var parts: [Part] = []

    /// - Parameter entries: sorted, those of the directory `root` with itself.
    package init(_ entries: [LayerEntry], at root: EntryPath, _ rules: Rules) {
        var roots = Self.roots(of: entries, at: root, rules)
        repeat { parts = Self.divide(entries, by: roots, root) } while Self.joinLinked(parts, &roots)
        parts.removeAll { $0.entries.isEmpty }
    }

    /// What the image's history says of a part's layer.
    package static func createdBy(_ root: EntryPath) -> String { "coracle: \(root)" }

    // MARK: Choosing the roots

    private struct Candidate {
        let path: EntryPath
        let size: Int64
    }

    private static func roots(of entries: [LayerEntry], at root: EntryPath, _ rules: Rules) -> [EntryPath] {
        let kept = kept(in: entries, at: root, rules)
        let isNew = { (path: EntryPath) in !kept.contains { $0.contains(path) } }
        let dependencies = rules.dependencies.filter(isNew)
        let sized = sized(entries, at: root, apart: Set(kept + dependencies), rules.smallest)
        let groups = sized.groups.filter { isNew($0.path) }
        // The larger a part is, the more is saved by it.
        let room = max(0, rules.mostParts - 1 - kept.count)
        let wanted =
            largest(dependencies.map { Candidate(path: $0, size: sized.sizes[$0] ?? 0) }) + largest(groups)
        let chosen = Set(wanted.prefix(room).map(\.path))
        return kept + dependencies.filter(chosen.contains) + groups.map(\.path).sorted().filter(chosen.contains)
    }

    private static func largest(_ candidates: [Candidate]) -> [Candidate] {
        candidates.sorted { $0.size != $1.size ? $0.size > $1.size : $0.path < $1.path }
    }

    /// The parts of the earlier image that are still there, in its order.
    private static func kept(in entries: [LayerEntry], at root: EntryPath, _ rules: Rules) -> [EntryPath] {
        guard !rules.kept.isEmpty else { return [] }
        var paths: [String: EntryPath] = [:]
        let steps = Set(rules.kept)
        for entry in entries where entry.path != root {
            let step = createdBy(entry.path)
            if steps.contains(step) { paths[step] = entry.path }
        }
        var seen = Set<EntryPath>()
        return Array(
            rules.kept.compactMap { paths[$0] }.filter { seen.insert($0).inserted }.prefix(max(0, rules.mostParts - 1))
        )
    }

    /// Directories and files of at least `smallest` bytes, without what is in such a one below them; and how much is in
    /// those of `apart`.
    private static func sized(
        _ entries: [LayerEntry],
        at root: EntryPath,
        apart: Set<EntryPath>,
        _ smallest: Int64
    ) -> (groups: [Candidate], sizes: [EntryPath: Int64]) {
        var groups = [Candidate]()
        var sizes: [EntryPath: Int64] = [:]
        // The directories that the next entry may be in, the innermost last.
        var open = [(path: EntryPath, size: Int64)]()
        func close() {
            guard let closed = open.popLast() else { return }
            if apart.contains(closed.path) {
                sizes[closed.path] = closed.size
            } else if closed.size >= smallest, closed.path != root {
                groups.append(Candidate(path: closed.path, size: closed.size))
            } else if !open.isEmpty {
                open[open.count - 1].size = open[open.count - 1].size.addingClamped(closed.size)
            }
        }
        for entry in entries {
            while let last = open.last, !last.path.contains(entry.path) { close() }
            open.append((entry.path, entry.size))
        }
        while !open.isEmpty { close() }
        return (groups, sizes)
    }

    // MARK: Dividing

    private static func divide(_ entries: [LayerEntry], by roots: [EntryPath], _ root: EntryPath) -> [Part] {
        var parts = roots.map { Part(root: $0) } + [Part(root: root)]
        var indexes: [EntryPath: Int] = [:]
        for (index, path) in roots.enumerated() { indexes[path] = index }
        var open = [Int]()
        for entry in entries {
            while let last = open.last, !parts[last].root.contains(entry.path) { open.removeLast() }
            if let index = indexes[entry.path] { open.append(index) }
            parts[open.last ?? roots.count].entries.append(entry)
        }
        return parts
    }

    /// Gives up the parts that a hard link leads out of or into: a layer has a file with all its names.
    ///
    /// - Returns: whether there were any.
    private static func joinLinked(_ parts: [Part], _ roots: inout [EntryPath]) -> Bool {
        var places: [EntryPath: Int] = [:]
        for (index, part) in parts.enumerated() {
            for entry in part.entries {
                if case .hardlink(let first) = entry.content { places[first] = index }
            }
        }
        guard !places.isEmpty else { return false }
        var joined = Set<EntryPath>()
        for (index, part) in parts.enumerated() {
            for entry in part.entries {
                if let other = places[entry.path], other != index {
                    joined.formUnion([part.root, parts[other].root])
                } else if case .hardlink(let first) = entry.content, let other = places[first], other != index {
                    joined.formUnion([part.root, parts[other].root])
                }
            }
        }
        let count = roots.count
        roots.removeAll(where: joined.contains)
        return roots.count < count
    }
}

extension LayerEntry {
    /// About as many bytes as it has in a tar; those of a file on this machine were limited when it was planned.
    fileprivate var size: Int64 {
        switch content {
        case .bytes(let bytes): 512 + Int64(bytes.count)
        case .file(_, let stamp): 512 + max(0, stamp.size)
        case .directory, .symlink, .hardlink: 512
        }
    }
}
