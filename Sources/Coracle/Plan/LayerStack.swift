import Diagnostics
import Layers
import OCI

/// The layers planned so far, and the root filesystem that they make together.
///
/// A directory is written once: a layer above never says again what a layer below says, so that `/tmp` keeps its mode.
struct LayerStack {
    /// Something in the root filesystem.
    struct Occupant {
        let entry: LayerEntry
        /// Whether a later layer may put another file in its place: true for the files that coracle brings by itself.
        let isReplaceable: Bool
    }

    private(set) var blueprints: [LayerBlueprint] = []
    private(set) var notes: [Diagnostic] = []
    private var occupants: [EntryPath: Occupant] = [:]

    /// Looks up `path` as it stands, without following symlinks.
    subscript(path: EntryPath) -> LayerEntry? { occupants[path]?.entry }

    /// Adds a layer with `entries` and the directories they need; nothing where there are none.
    ///
    /// `modified` is the time of directories that no entry is for.
    mutating func add(
        _ entries: [LayerEntry],
        createdBy: String,
        modified: Int64 = 0,
        isReplaceable: Bool = false,
        _ problems: inout Problems
    ) {
        guard !entries.isEmpty else { return }
        var kept = [LayerEntry]()
        kept.reserveCapacity(entries.count)
        occupants.reserveCapacity(occupants.count + entries.count)
        for entry in entries {
            guard makeParents(of: entry, modified: modified, isReplaceable, &kept, &problems) else { continue }
            guard let occupant = occupants[entry.path] else {
                occupants[entry.path] = Occupant(entry: entry, isReplaceable: isReplaceable)
                kept.append(entry)
                continue
            }
            if occupant.entry.isDirectory, entry.isDirectory { continue }
            guard occupant.isReplaceable, !occupant.entry.isDirectory, !entry.isDirectory, !isReplaceable else {
                problems.add(Self.conflict(occupant.entry, entry))
                continue
            }
            notes.append(
                Diagnostic(.planReplaced, "\(entry.origin) replaces coracle's own `\(entry.path)`")
            )
            occupants[entry.path] = Occupant(entry: entry, isReplaceable: false)
            kept.append(entry)
        }
        guard !kept.isEmpty else { return }
        if let blueprint = problems.collect({ () throws(Diagnostic) in
            try LayerBlueprint(createdBy: createdBy, entries: kept)
        }) {
            blueprints.append(blueprint)
        }
    }

    /// Adds the directories above `entry` that no layer has; false if there is something else in their place.
    private mutating func makeParents(
        of entry: LayerEntry,
        modified: Int64,
        _ isReplaceable: Bool,
        _ kept: inout [LayerEntry],
        _ problems: inout Problems
    ) -> Bool {
        var missing = [EntryPath]()
        var next = entry.path.parent
        while let path = next, !path.isRoot {
            if let occupant = occupants[path] {
                guard occupant.entry.isDirectory else {
                    problems.add(Self.blocked(entry, by: occupant.entry))
                    return false
                }
                break
            }
            missing.append(path)
            next = path.parent
        }
        for path in missing.reversed() {
            let directory = LayerEntry(path, .directory, mode: 0o755, modified: modified)
            occupants[path] = Occupant(entry: directory, isReplaceable: isReplaceable)
            kept.append(directory)
        }
        return true
    }

    /// What `path` leads to in the root filesystem, through symlinks; nil if to nothing.
    func resolve(_ path: EntryPath) -> LayerEntry? {
        // As many as the kernel follows (path_resolution(7)).
        var linksLeft = 40
        var resolved = EntryPath.root
        var rest = Array(path.bytes.split(separator: UInt8(ascii: "/")).reversed())
        while let component = rest.popLast() {
            switch Array(component) {
            case Array(".".utf8): continue
            case Array("..".utf8):
                resolved = resolved.parent ?? .root
                continue
            default: break
            }
            let candidate = resolved.appending(component)
            guard let entry = occupants[candidate]?.entry else { return nil }
            guard case .symlink(let target) = entry.content else {
                resolved = candidate
                continue
            }
            linksLeft -= 1
            guard linksLeft > 0 else { return nil }
            if target.first == UInt8(ascii: "/") { resolved = .root }
            rest += target.split(separator: UInt8(ascii: "/")).reversed()
        }
        guard !resolved.isRoot else { return LayerEntry(.root, .directory, mode: 0o755) }
        guard let entry = occupants[resolved]?.entry else { return nil }
        if case .hardlink(let first) = entry.content { return occupants[first]?.entry }
        return entry
    }

    /// The symlinks that lead to nothing, in order.
    var danglingSymlinks: [LayerEntry] {
        blueprints.flatMap(\.entries).filter { entry in
            guard case .symlink = entry.content else { return false }
            return resolve(entry.path) == nil
        }
    }

    private static func conflict(_ first: LayerEntry, _ second: LayerEntry) -> Diagnostic {
        Diagnostic(
            .planDuplicateDestination,
            "two things go to `\(second.path)`",
            because: "\(first.origin) and \(second.origin)",
            hint: "give one of them another place, with `--dest` or in `--add`"
        )
    }

    private static func blocked(_ entry: LayerEntry, by parent: LayerEntry) -> Diagnostic {
        Diagnostic(
            .planBlocked,
            "`\(entry.path)` cannot be in the image",
            because: "`\(parent.path)` above it is \(parent.origin), not a directory",
            hint: "put it below a directory"
        )
    }
}

extension LayerEntry {
    var isDirectory: Bool { content == .directory }
}

extension Diagnostic.Code {
    static let planReplaced = Self("plan.replaced", .usage)
    static let planDuplicateDestination = Self("plan.duplicate-destination", .usage)
    static let planBlocked = Self("plan.blocked", .usage)
}
