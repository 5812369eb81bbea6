package import Diagnostics
package import Layers

extension LayerStack {
    /// Whether `entry` has to be in a new layer over what the base has in its place.
    package mutating func keeps(
        _ entry: LayerEntry,
        _ kind: LayerBlueprint.Kind,
        over below: StackEntry,
        _ problems: inout Problems
    ) -> Bool {
        switch (below.kind, entry.isDirectory) {
        case (.directory, true):
            if changes(entry, below) {
                notes.append(
                    Diagnostic(
                        .planDirectoryChanged,
                        "the base's directory `\(entry.path)` gets another mode or owner",
                        because:
                            "`--mkdir` says so; it was \(String(below.mode & 0o7777, radix: 8)) \(below.uid):\(below.gid)"
                    )
                )
                return true
            }
            // Its mode and owner stay: a layer that says a directory again changes it for everything in it.
            if !kind.isReplaceable, (entry.uid, entry.gid) != (below.uid, below.gid), (entry.uid, entry.gid) != (0, 0) {
                notes.append(
                    Diagnostic(
                        .planDirectoryKept,
                        "the base's directory `\(entry.path)` keeps its owner \(below.uid):\(below.gid)",
                        because: "files that are put into it do not change it"
                    )
                )
            }
            return false
        case (.directory, false):
            problems.add(collision(entry, below, hint: "put it below the directory: `\(entry.path)/NAME`"))
            return false
        case (_, true):
            problems.add(collision(entry, below, hint: "choose another place for it"))
            return false
        case (.symlink, false):
            if case .found(let place) = follow(entry.path), self[place]?.isDirectory ?? true {
                problems.add(collision(entry, below, hint: "put it below the directory: `\(place)/NAME`"))
                return false
            }
            fallthrough
        default:
            if !kind.isReplaceable {
                notes.append(
                    Diagnostic(
                        .planReplaced,
                        "\(entry.origin) replaces the base's `\(entry.path)`",
                        because: below.kind == .file ? nil : "which is \(below.origin)"
                    )
                )
            }
            return true
        }
    }

    private func collision(_ entry: LayerEntry, _ below: StackEntry, hint: String) -> Diagnostic {
        Diagnostic(
            .planBaseCollision,
            "`\(entry.path)` would destroy a part of the base",
            because: "it is \(entry.origin), and there is \(below.origin)",
            hint: hint
        )
    }
}

extension Diagnostic.Code {
    static let planBaseCollision = Self("plan.base-collision", .input)
    static let planDirectoryChanged = Self("plan.directory-changed", .input)
    static let planDirectoryKept = Self("plan.directory-kept", .input)
}
