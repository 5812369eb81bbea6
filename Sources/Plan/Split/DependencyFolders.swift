import Layers

/// Finds the directories whose content others wrote, by the names that package managers give them.
enum DependencyFolders {
    /// Wherever they are.
    private static let names = ["node_modules", "site-packages", "dist-packages"]
    /// Below the application's directory.
    private static let places = ["vendor", "BOOT-INF/lib", "WEB-INF/lib"]
    /// The same, if there is a jar in them.
    private static let jarPlaces = ["lib", "libs"]

    /// In order; none is within another.
    ///
    /// - Parameter entries: sorted, those of the directory `root`.
    static func find(in entries: [LayerEntry], at root: EntryPath) -> [EntryPath] {
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
}
