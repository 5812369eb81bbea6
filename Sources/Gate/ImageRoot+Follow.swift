package import Diagnostics
package import ELF
package import Layers

extension ImageRoot {
    /// What the absolute path `text` leads to, through symlinks; nil for nothing. Of a hard link, the file it is.
    package func resolve(_ text: String) -> RootEntry? { resolve(EntryPath(normalizing: text)) }

    /// What `path` leads to, through symlinks; nil for nothing. Of a hard link, the file it is.
    package func resolve(_ path: EntryPath) -> RootEntry? {
        guard case .found(let place) = PathWalk(path, { self[$0]?.step }) else { return nil }
        guard !place.isRoot else { return self[.root] ?? RootEntry(.root, .directory, mode: 0o755, origin: .base) }
        guard let entry = self[place] else { return nil }
        if case .hardlink(let first) = entry.kind { return self[first] }
        return entry
    }

    /// What the file of `entry` says of how it runs; nil for what is neither an ELF file nor a script, or not at hand.
    package func facts(of entry: RootEntry) throws(Diagnostic) -> FileFacts? {
        guard entry.kind == .file, try bytes(of: entry, at: 0, count: 1) != nil else { return nil }
        return try FileFacts(EntrySource(root: self, entry: entry), named: entry.path.description)
    }
}

/// A file of a root filesystem, to be read by range.
package struct EntrySource<Root: ImageRoot>: ElfSource {
    let root: Root
    let entry: RootEntry

    package init(root: Root, entry: RootEntry) {
        self.root = root
        self.entry = entry
    }

    package var size: Int64 { entry.size }

    package func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        let bytes = try root.bytes(of: entry, at: offset, count: count)
        guard let bytes, bytes.count == count else {
            throw Diagnostic(
                .rootUnreadable,
                "`\(entry.path)` cannot be read",
                at: .file(path: entry.path.description),
                because: "there are no \(count) bytes at \(offset)"
            )
        }
        return bytes
    }
}

extension RootEntry {
    var step: PathWalk.Step {
        switch kind {
        case .directory: .directory
        case .symlink(let target): .symlink(target: target)
        case .file, .hardlink, .other: .file
        }
    }
}

extension Diagnostic.Code {
    package static let rootUnreadable = Self("root.unreadable", .input)
}
