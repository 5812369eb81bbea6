import Findings
package import Layers

/// Goes over a root filesystem's entries in order and knows, for each that is the application's, what it is inside of.
package struct ApplicationScan {
    /// Folders that package managers fill: what is in them, the user did not write.
    static let dependencyFolders: Set<String> = [
        "node_modules", "site-packages", "dist-packages", "bower_components", "gems", "vendor",
    ]

    /// Whether `path` is in such a folder.
    package static func isDependency(_ path: EntryPath) -> Bool {
        path.bytes.split(separator: UInt8(ascii: "/")).dropLast().contains { component in
            dependencyFolders.contains(String(decoding: component, as: UTF8.self))
        }
    }

    private var dependencies: EntryPath?
    private var repository: EntryPath?

    /// Whether the entry that was seen last is in a folder of dependencies.
    var isDependency: Bool { dependencies != nil }
    /// Whether it is below a `.git`.
    private(set) var isInRepository = false

    /// To be called for each entry, in order.
    mutating func see(_ entry: RootEntry) {
        if let folder = dependencies, !folder.contains(entry.path) { dependencies = nil }
        if let folder = repository, !folder.contains(entry.path) { repository = nil }
        isInRepository = repository != nil
        guard entry.kind == .directory else { return }
        let name = String(decoding: entry.path.name, as: UTF8.self)
        if dependencies == nil, Self.dependencyFolders.contains(name) { dependencies = entry.path }
        if repository == nil, name == ".git" { repository = entry.path }
    }
}
