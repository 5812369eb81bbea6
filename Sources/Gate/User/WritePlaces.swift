package import Diagnostics
package import Findings
import Layers
import Needs
import OCI

/// Where an image's program is likely to write, as far as the image shows it.
package enum WritePlaces {
    /// A directory, and what shows that the program writes there.
    package struct Place: Hashable, Sendable {
        /// Absolute, as the image says it.
        package let path: String
        /// A clause.
        package let reason: String
    }

    /// The image's volumes, empty directories of the application that `user` may write, and the directory for temporary
    /// files if a program asks for one; no path twice.
    package static func all(
        in image: GatedImage<some ImageRoot>,
        for user: ContainerUser?
    ) throws(Diagnostic) -> [Place] {
        var places = image.execution.volumes.map { Place(path: $0, reason: "the image declares it as a volume") }
        if let user {
            places += ownDirectories(image.root, user).map {
                Place(path: $0, reason: "it is an empty directory of the application that the image's user may write")
            }
        }
        if let (directory, program) = try temporaryDirectory(image) {
            places.append(Place(path: directory, reason: "`\(program.path)` writes temporary files"))
        }
        var seen = Set<String>()
        return places.filter { seen.insert($0.path).inserted }
    }

    /// Empty directories of the application that the user may write into: they are there to be written into.
    package static func ownDirectories(_ root: some ImageRoot, _ user: ContainerUser) -> [String] {
        guard !user.isRoot else { return [] }
        var empty = [EntryPath]()
        var directory: EntryPath?
        for entry in root.entries {
            if let path = directory, !path.contains(entry.path) { empty.append(path) }
            let isOwn =
                entry.kind == .directory && entry.origin.isOfUser && user.may(.write, entry) && !isHome(entry.path)
            directory = isOwn ? entry.path : nil
        }
        if let directory { empty.append(directory) }
        return empty.compactMap { String(validating: $0.bytes, as: UTF8.self).map { "/" + $0 } }
    }

    /// Whether it is a home directory of an account, or in one: most programs do not write there.
    static func isHome(_ path: EntryPath) -> Bool {
        ["/home", "/root"].contains { EntryPath(normalizing: $0).contains(path) }
    }

    /// The directory for temporary files, and the first program of the application that asks for one; `nil` if none does.
    package static func temporaryDirectory(
        _ image: GatedImage<some ImageRoot>
    ) throws(Diagnostic) -> (directory: String, program: RootEntry)? {
        let start = ProgramSearch(image).entrypoint
        for entry in image.root.entries where entry.kind == .file {
            guard entry.origin.isOfUser || entry.path == start?.path else { continue }
            guard entry.mayBeLoaded, let needs = try image.root.needs(of: entry) else { continue }
            guard case .needed = needs[.temporaryFiles] else { continue }
            let variable = image.execution.value(of: "TMPDIR").flatMap { $0.hasPrefix("/") ? $0 : nil }
            return (variable ?? "/tmp", entry)
        }
        return nil
    }
}
