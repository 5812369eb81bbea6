import Diagnostics
import Layers

extension LayerStack {
    /// The entries where they really go: through the symlinks of what is below, so that no layer has a path with a
    /// symlink of another one in it. What would unpack such a layer makes a directory of the symlink, and all that was
    /// behind it is gone.
    ///
    /// An entry that has no place is left out, and reported.
    ///
    /// Where a symlink of the base leads to nothing, the directories are made that it leads to: engines do so, and roots of ostree and
    /// bootc are full of such links.
    mutating func placed(
        _ entries: [LayerEntry],
        as kind: LayerBlueprint.Kind,
        _ problems: inout Problems
    ) -> [LayerEntry] {
        guard base != nil || !blueprints.isEmpty else { return entries }
        var placer = Placer(stack: self)
        defer {
            for link in placer.dangling.sorted(by: { $0.key < $1.key }).map(\.value) where !kind.isReplaceable {
                notes.append(
                    Diagnostic(
                        .planDanglingDirectory,
                        "`\(link.path)` is a symlink that leads to nothing; the directory is made",
                        because: "it is \(link.origin)"
                    )
                )
            }
        }
        let placed = entries.compactMap { entry in
            problems.collect { () throws(Diagnostic) in try placer.place(entry) } ?? nil
        }
        guard !placer.moved.isEmpty else { return entries.count == placed.count ? entries : placed }
        return placer.relinked(placed)
    }
}

/// Finds the places of one layer's entries.
private struct Placer {
    let stack: LayerStack
    /// The places that are not where they were asked for.
    var moved: [EntryPath: EntryPath] = [:]
    /// The symlinks on the way that lead to nothing.
    private(set) var dangling: [EntryPath: StackEntry] = [:]
    /// Where directories lead: a tree has many files in each. The outer `nil` stands for those whose problem was reported.
    private var directories: [EntryPath: EntryPath?] = [:]

    init(stack: LayerStack) { self.stack = stack }

    /// `nil` if the problem is another entry's too, and was reported with that.
    mutating func place(_ entry: LayerEntry) throws(Diagnostic) -> LayerEntry? {
        guard let parent = entry.path.parent else { return entry }
        var placed = entry
        if entry.isDirectory {
            guard let path = try directory(entry.path, for: entry) else { return nil }
            placed.path = path
        } else {
            guard let path = try directory(parent, for: entry) else { return nil }
            placed.path = path.appending(entry.path.name)
        }
        if placed.path != entry.path { moved[entry.path] = placed.path }
        return placed
    }

    private mutating func directory(_ path: EntryPath, for entry: LayerEntry) throws(Diagnostic) -> EntryPath? {
        if let known = directories[path] { return known }
        directories[path] = .some(nil)
        let place = try lookUp(path, for: entry)
        directories[path] = .some(place)
        return place
    }

    private mutating func lookUp(_ path: EntryPath, for entry: LayerEntry) throws(Diagnostic) -> EntryPath {
        switch stack.follow(path) {
        case .found(let place):
            // A file in a directory's place is found to be one when the entries are put together.
            if let there = stack[place], !there.isDirectory, there.path != path || path != entry.path {
                throw blocked(entry, "`\(there.path)` above it is \(there.origin), not a directory")
            }
            return place
        case .missing(let place, link: nil): return place
        case .missing(let place, let link?):
            guard link.isOfBase else {
                let reason = "`\(link.path)` above it is \(link.origin), and there is no `\(place)`"
                throw blocked(entry, reason, hint: "add the directory with `--add`, or put it below another one")
            }
            dangling[link.path] = link
            return place
        case .blocked(let file): throw blocked(entry, "`\(file.path)` above it is \(file.origin), not a directory")
        case .loop(let link):
            throw blocked(entry, "`\(link.path)` is \(link.origin), one of too many links, or of a loop")
        }
    }

    private func blocked(_ entry: LayerEntry, _ reason: String, hint: String = "put it below a directory") -> Diagnostic
    {
        Diagnostic(.planBlocked, "`\(entry.path)` cannot be in the image", because: reason, hint: hint)
    }

    /// The entries with hard links that lead to where their files went.
    ///
    /// Among the names of a file, the first has the content. Which one is first may have changed.
    func relinked(_ entries: [LayerEntry]) -> [LayerEntry] {
        var firsts: [EntryPath: EntryPath] = [:]
        for case (let path, .hardlink(let target)) in entries.map({ ($0.path, $0.content) }) {
            let target = moved[target] ?? target
            firsts[target] = min(firsts[target] ?? target, path)
        }
        guard !firsts.isEmpty else { return entries }
        var contents: [EntryPath: LayerEntry.Content] = [:]
        for entry in entries where firsts[entry.path] != nil { contents[entry.path] = entry.content }
        return entries.map { entry in
            var entry = entry
            var holder = entry.path
            if case .hardlink(let target) = entry.content { holder = moved[target] ?? target }
            guard let first = firsts[holder], let content = contents[holder] else { return entry }
            entry.content = entry.path == first ? content : .hardlink(to: first)
            return entry
        }
    }
}

extension Diagnostic.Code {
    static let planDanglingDirectory = Self("plan.dangling-directory", .input)
}
