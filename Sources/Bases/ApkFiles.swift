import Diagnostics
import Layers

/// The files of a base of apk packages that apk would make: its database, and the links of busybox.
enum ApkFiles {
    private static let package = "apk-tools"

    /// The entries, without the directories above them.
    ///
    /// - Throws: `base.paths-conflict` if links of a package lead too far.
    static func entries(
        for definition: BaseDefinition,
        _ architecture: String,
        over table: PackageTable
    ) throws(Diagnostic) -> [LayerEntry] {
        var entries = [LayerEntry]()
        func add(_ path: String, _ content: LayerEntry.Content, mode: UInt16 = FileModes.plain) throws(Diagnostic) {
            entries.append(LayerEntry(try place(path, over: table), content, mode: mode))
        }
        let records = table.installed.map(\.facts.record).joined(separator: "\n")
        try add("lib/apk/db/installed", .bytes(Array("\(records)\n".utf8)))
        if definition.packages.contains(package), let apk = definition.apk {
            // Without these, apk takes every package for one that may be removed.
            try add("etc/apk/world", .bytes(Array(definition.packages.sorted().map { "\($0)\n" }.joined().utf8)))
            try add("etc/apk/arch", .bytes(Array("\(definition.suite.directory(of: architecture))\n".utf8)))
            if let mirror = apk.mirror, !table.has("etc/apk/repositories") {
                let lines = apk.names.map { "\(mirror)/\($0)\n" }.joined()
                try add("etc/apk/repositories", .bytes(Array(lines.utf8)))
            }
            try add("lib/apk/db/scripts.tar", .bytes([UInt8](repeating: 0, count: 1024)))
            try add("lib/apk/db/triggers", .bytes([]))
        }
        if let program = ["bin/busybox", "usr/bin/busybox"].first(where: table.has) {
            var known = Set<EntryPath>()
            for tool in table.installed.flatMap(\.facts.tools).sorted() {
                let path = try place(tool, over: table)
                // As busybox itself, which never takes the place of another program.
                guard !table.has(String(printing: path.bytes)), known.insert(path).inserted else { continue }
                entries.append(
                    LayerEntry(path, .symlink(target: Array("/\(program)".utf8)), mode: FileModes.symlink)
                )
            }
        }
        return entries
    }

    /// Where `path` is, if directories above it are links.
    private static func place(_ path: String, over table: PackageTable) throws(Diagnostic) -> EntryPath {
        let path = EntryPath(normalizing: path)
        guard let parent = path.parent, !parent.isRoot else { return path }
        guard let place = table.follow(String(printing: parent.bytes)) else {
            throw Diagnostic(
                .basePathsConflict,
                "`\(path)` cannot be written",
                because: "there are too many links above it"
            )
        }
        return EntryPath(normalizing: place).appending(path.name)
    }
}
