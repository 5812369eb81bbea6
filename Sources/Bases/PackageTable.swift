import Diagnostics

/// The paths of all packages of a base. Two packages must not have different content at one path.
struct PackageTable {
    private struct Place {
        let package: String
        let kind: PackageLayer.Kind
    }

    private var places: [String: Place] = [:]
    /// The loader's names of libraries, by their paths.
    private(set) var libraries: [String: String] = [:]
    /// What is known of apk packages, in the order of their layers.
    private(set) var installed: [(package: String, facts: InstalledPackage)] = []

    /// The libraries that files need, each with the first file that does.
    private var needs: [String: String] = [:]

    /// All directories, without a leading slash.
    var directories: [String] { places.filter { $0.value.kind == .directory }.map(\.key) }

    /// The libraries that are not there, sorted, each with a file that needs it.
    func missingLibraries(_ isThere: (String) -> Bool) -> [(library: String, file: String)] {
        needs.filter { !isThere($0.key) }.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    /// All paths, in no particular order.
    var paths: some Sequence<String> { places.keys }

    /// Whether there is something at `path`, without a leading slash, itself.
    func has(_ path: String) -> Bool { places[path] != nil }

    /// The target of the symlink at `path`; `nil` for anything else.
    func symlink(_ path: String) -> String? {
        guard case .symlink(let target)? = places[path]?.kind else { return nil }
        return target
    }

    /// Whether there is a symlink with the target `target`.
    func hasSymlink(to target: String) -> Bool { places.values.contains { $0.kind == .symlink(target) } }

    /// - Throws: `base.paths-conflict`, naming both packages.
    mutating func add(_ layer: PackageLayer, of package: String) throws(Diagnostic) {
        libraries.merge(layer.libraries) { first, _ in first }
        if let facts = layer.installed { installed.append((package, facts)) }
        needs.merge(layer.needs) { first, _ in first }
        for file in layer.files {
            if let place = places[file.path] {
                guard place.kind == file.kind else {
                    throw conflict(place.package, package, file.path, "it is not the same in both")
                }
                continue
            }
            // A path below a symlink of another layer would replace the symlink by a directory.
            if let (above, place) = parentThatIsNone(file.path) {
                throw conflict(
                    place.package,
                    package,
                    file.path,
                    "`/\(above)` is not a directory in `\(place.package)`"
                )
            }
            places[file.path] = Place(package: package, kind: file.kind)
        }
    }

    private func parentThatIsNone(_ path: String) -> (String, Place)? {
        var rest = path[...]
        while let slash = rest.lastIndex(of: "/") {
            rest = rest[..<slash]
            guard let place = places[String(rest)] else { continue }
            // The directories above were checked before.
            return place.kind == .directory ? nil : (String(rest), place)
        }
        return nil
    }

    private func conflict(_ first: String, _ second: String, _ path: String, _ reason: String) -> Diagnostic {
        Diagnostic(
            .basePathsConflict,
            "the packages `\(first)` and `\(second)` cannot be in one base",
            because: "both bring `/\(path)`, and \(reason)",
            hint: "leave one of them out of the definition"
        )
    }
}
