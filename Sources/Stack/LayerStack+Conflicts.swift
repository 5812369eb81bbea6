import Diagnostics
import Layers

/// What of a new layer's entries goes into it, and which of them collide with each other or with what is below.
extension LayerStack {
    /// The entries that a new layer has to have, with the directories that they need.
    mutating func kept(
        of entries: [LayerEntry],
        as kind: LayerBlueprint.Kind,
        _ modified: Int64,
        _ problems: inout Problems
    ) -> [LayerEntry] {
        var kept = [LayerEntry]()
        kept.reserveCapacity(entries.count)
        // The entries of this layer that the next one may be below: sorted, they are the last one and its ancestors.
        var open = [LayerEntry]()
        for entry in LayerBlueprint.sorted(placed(entries, as: kind, &problems)) {
            while let last = open.last, !last.path.contains(entry.path) { open.removeLast() }
            if let last = open.last, last.path == entry.path {
                if !last.isDirectory || !entry.isDirectory { problems.add(Self.conflict(last, entry)) }
                continue
            }
            guard openParents(of: entry, &open, &kept, modified, &problems) else { continue }
            if keeps(entry, kind, &problems) { kept.append(entry) }
            open.append(entry)
        }
        return kept
    }

    /// Adds the directories above `entry` that no layer has; false if there is something else in their place.
    private func openParents(
        of entry: LayerEntry,
        _ open: inout [LayerEntry],
        _ kept: inout [LayerEntry],
        _ modified: Int64,
        _ problems: inout Problems
    ) -> Bool {
        var missing = [LayerEntry]()
        var next = entry.path.parent
        while let path = next, !path.isRoot, open.last?.path != path {
            if let below = self[path] {
                guard below.isDirectory else {
                    problems.add(Self.blocked(entry, by: below))
                    return false
                }
                break
            }
            missing.append(LayerEntry(path, .directory, mode: FileModes.directory, modified: modified))
            next = path.parent
        }
        if let last = open.last, last.path == next, !last.isDirectory {
            problems.add(Self.blocked(entry, by: StackEntry(last)))
            return false
        }
        kept += missing.reversed()
        open += missing.reversed()
        return true
    }

    /// Whether `entry` has to be in a new layer, given what the layers below have in its place.
    private mutating func keeps(
        _ entry: LayerEntry,
        _ kind: LayerBlueprint.Kind,
        _ problems: inout Problems
    ) -> Bool {
        guard let (below, layer) = find(entry.path) else {
            guard let below = base?[entry.path] else { return true }
            return keeps(entry, kind, over: below, &problems)
        }
        if below.isDirectory, entry.isDirectory { return changes(entry, StackEntry(below)) }
        guard layer.kind.isReplaceable, !below.isDirectory, !entry.isDirectory else {
            problems.add(Self.conflict(below, entry))
            return false
        }
        // What coracle makes, it may make again.
        if !kind.isReplaceable {
            notes.append(Diagnostic(.planReplaced, "\(entry.origin) replaces coracle's own `\(entry.path)`"))
        }
        return true
    }

    private static func conflict(_ first: LayerEntry, _ second: LayerEntry) -> Diagnostic {
        Diagnostic(
            .planDuplicateDestination,
            "two things go to `\(second.path)`",
            because: "\(first.origin) and \(second.origin)",
            hint: "give one of them another place"
        )
    }

    private static func blocked(_ entry: LayerEntry, by parent: StackEntry) -> Diagnostic {
        Diagnostic(
            .planBlocked,
            "`\(entry.path)` cannot be in the image",
            because: "`\(parent.path)` above it is \(parent.origin), not a directory",
            hint: "put it below a directory"
        )
    }
}

extension Diagnostic.Code {
    static let planReplaced = Self("plan.replaced", .usage)
    static let planDuplicateDestination = Self("plan.duplicate-destination", .usage)
    static let planBlocked = Self("plan.blocked", .usage)
}
