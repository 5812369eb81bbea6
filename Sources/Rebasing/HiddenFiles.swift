import Archive
import Check
import Diagnostics
package import Layers
import OCI
import Stack

/// What of a new base no container sees, because the image's own layers have something else in its place: often files that a step
/// of a Dockerfile changed in the old base.
package struct HiddenFiles: Sendable {
    /// Files, symlinks and directories of the base, sorted.
    package private(set) var paths: [EntryPath] = []
    /// Those among them that only layers hide which coracle adds by itself.
    package private(set) var ofRuntime: [EntryPath] = []

    /// - Parameters:
    ///   - layers: the image's own, the lowest first.
    ///   - steps: what the history says of them.
    ///   - base: the files of the new base.
    init(_ layers: [LayerTable], _ steps: [String], of base: BaseFiles) {
        var (byUser, byRuntime) = (Set<EntryPath>(), Set<EntryPath>())
        for (index, layer) in layers.enumerated() {
            let isOfRuntime = steps.indices.contains(index) && LayerStep.isReplaceable(steps[index])
            for record in layer.records {
                let path = EntryPath(unchecked: record.entry.path)
                guard let hidden = Self.hidden(record.entry.kind == .directory, path, base) else { continue }
                if isOfRuntime { byRuntime.insert(hidden) } else { byUser.insert(hidden) }
            }
        }
        paths = byUser.union(byRuntime).sorted()
        ofRuntime = byRuntime.subtracting(byUser).sorted()
    }

    /// What of `base` the entry at `path` hides.
    private static func hidden(_ isDirectory: Bool, _ path: EntryPath, _ base: BaseFiles) -> EntryPath? {
        if let deleted = Whiteout.place(deletedBy: path) {
            return base[deleted] == nil || deleted.isRoot ? nil : deleted
        }
        guard let below = base[path] else { return nil }
        // A directory over a directory only changes its mode and owner.
        return isDirectory && below.isDirectory ? nil : path
    }

    /// The lists of packages that scanners read: an image that hides its base's is taken for the old one.
    package var packageLists: [EntryPath] {
        paths.filter { path in
            let text = path.description
            return Self.lists.contains(text) || text.hasPrefix("/var/lib/dpkg/status.d/")
        }
    }

    private static let lists: Set<String> = [
        "/var/lib/dpkg/status", "/lib/apk/db/installed", "/usr/lib/apk/db/installed", "/var/lib/rpm/rpmdb.sqlite",
        "/usr/lib/sysimage/rpm/rpmdb.sqlite", "/var/lib/rpm/Packages", "/var/lib/rpm/Packages.db",
    ]
}

extension HiddenFiles {
    /// What the user should know, about the image that messages call `name`.
    func notes(_ name: String) -> [Diagnostic] {
        var notes = [Diagnostic]()
        if !packageLists.isEmpty {
            notes.append(
                Diagnostic(
                    .rebasePackageList,
                    "the image's own layers hide the new base's list of packages",
                    at: .image(name),
                    because: "\(Self.list(packageLists)): a step installed packages into the old base, and scanners"
                        + " will report the old versions",
                    hint: "build the image again on the new base"
                )
            )
        }
        let ofRuntime = Set(ofRuntime)
        let others = paths.filter { !ofRuntime.contains($0) && !packageLists.contains($0) }
        if !others.isEmpty {
            notes.append(
                Diagnostic(
                    .rebaseHides,
                    "the image's own layers hide files of the new base",
                    at: .image(name),
                    because: "they have something else in place of \(Self.list(others))",
                    hint: "if it is there to change the old base, build the image again on the new one"
                )
            )
        }
        if !self.ofRuntime.isEmpty {
            notes.append(
                Diagnostic(
                    .rebaseKeepsRuntime,
                    "the image keeps the files that coracle put over its old base",
                    at: .image(name),
                    because: "the new base brings its own \(Self.list(self.ofRuntime))",
                    hint: "build the image again to have those of the base"
                )
            )
        }
        return notes
    }

    private static let shown = 5

    private static func list(_ paths: [EntryPath]) -> String {
        let first = paths.prefix(shown).map { "`\($0)`" }.joined(separator: ", ")
        return paths.count > shown ? "\(first) and \(paths.count - shown) more" : first
    }
}

extension Diagnostic.Code {
    static let rebasePackageList = Self("rebase.package-list", .input)
    static let rebaseHides = Self("rebase.hides", .input)
    static let rebaseKeepsRuntime = Self("rebase.keeps-runtime", .input)
}
