package import Layers

/// Finds the directories whose content others wrote, by the names that package managers give them.
package enum DependencyFolders {
    /// Wherever they are.
    private static let names = ["node_modules", "site-packages", "dist-packages"]
    /// Below the application's directory.
    private static let places = ["vendor", "BOOT-INF/lib", "WEB-INF/lib"]
    /// The same, if there is a jar in them.
    private static let jarPlaces = ["lib", "libs", "snapshot-libs"]

    /// In order; none is within another.
    ///
    /// - Parameter entries: sorted, those of the directory `root`.
    package static func find(in entries: [LayerEntry], at root: EntryPath) -> [EntryPath] {
        let places = Set(places.map { root.appending(Array($0.utf8)) })
        let jarPlaces = Set(
            jarPlaces.map { root.appending(Array($0.utf8)) }.filter { place in
                entries.contains { $0.path.parent == place && $0.path.name.suffix(4).elementsEqual(".jar".utf8) }
            }
        )
        var found = [EntryPath]()
        for entry in entries where entry.isDirectory && entry.path != root {
            if let last = found.last, last.contains(entry.path) { continue }
            let isNamed = names.contains { entry.path.name.elementsEqual($0.utf8) }
            if isNamed || places.contains(entry.path) || jarPlaces.contains(entry.path) { found.append(entry.path) }
        }
        return found
    }

    /// Entries of a directory, some of which go into a layer below the others.
    package struct Division {
        package let below: [LayerEntry]
        package let above: [LayerEntry]
    }

    /// The entries below `places`, and the others. Nothing is split where a hard link would lead from one to the other.
    package static func split(_ entries: [LayerEntry], _ places: [EntryPath]) -> Division {
        guard !places.isEmpty else { return Division(below: [], above: entries) }
        func isBelow(_ path: EntryPath) -> Bool { places.contains { $0 == path || $0.contains(path) } }
        var below = [LayerEntry]()
        var above = [LayerEntry]()
        for entry in entries {
            let isOwn = isBelow(entry.path)
            if case .hardlink(let first) = entry.content, isOwn != isBelow(first) {
                return Division(below: [], above: entries)
            }
            if isOwn { below.append(entry) } else { above.append(entry) }
        }
        return Division(below: below, above: above)
    }
}
