package import Diagnostics
package import ELF
package import Layers
package import Needs

extension ImageRoot {
    /// What the absolute path `text` leads to, through symlinks; `nil` if to nothing. Of a hard link, the file it is.
    package func resolve(_ text: String) -> RootEntry? { resolve(text.utf8) }

    /// What `path` leads to, through symlinks; `nil` if to nothing. Of a hard link, the file it is.
    package func resolve(_ path: EntryPath) -> RootEntry? { resolve(path.bytes) }

    private func resolve(_ path: some Collection<UInt8>) -> RootEntry? {
        guard case .found(let place) = PathWalk(path, { step(at: $0) }) else { return nil }
        return file(at: place)
            ?? (place.isRoot ? RootEntry(.root, .directory, mode: FileModes.directory, origin: .base) : nil)
    }

    /// What is at `path`, symlinks not followed; of a hard link, the file it is. `nil` if nothing is there.
    package func file(at path: EntryPath) -> RootEntry? {
        guard let entry = self[path] else { return nil }
        if case .hardlink(let first) = entry.kind { return self[first] }
        return entry
    }

    package func step(at path: EntryPath) -> PathWalk.Step? {
        switch file(at: path)?.kind {
        case nil: nil
        case .directory?: .directory
        case .symlink(let target)?: .symlink(target: target)
        case .file?, .hardlink?, .other?: .file
        }
    }

    /// How the file of `entry` runs; `nil` if it is neither an ELF file nor a script, or is not available.
    package func facts(of entry: RootEntry) throws(Diagnostic) -> FileFacts? {
        guard entry.kind == .file, try bytes(of: entry, at: 0, count: 1) != nil else { return nil }
        return try FileFacts(EntrySource(root: self, entry: entry), named: entry.path.description)
    }
}

extension ImageRoot {
    /// All bytes of the file that `path` leads to; `nil` if there is none, if it is larger than `limit`, or if its content
    /// is not available.
    package func content(of path: String, limit: Int64) throws(Diagnostic) -> [UInt8]? {
        guard let entry = resolve(path), entry.kind == .file, entry.size <= limit else { return nil }
        return try bytes(of: entry, at: 0, count: Int(entry.size))
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

extension Diagnostic.Code {
    package static let rootUnreadable = Self("root.unreadable", .input)
}

extension ImageRoot {
    package func needs(of entry: RootEntry) throws(Diagnostic) -> ProgramNeeds? { try readNeeds(of: entry) }

    /// Reads the whole program of `entry`; `nil` if it is not an ELF file, cannot be parsed, or is not available.
    package func readNeeds(of entry: RootEntry) throws(Diagnostic) -> ProgramNeeds? {
        guard entry.kind == .file, try bytes(of: entry, at: 0, count: 4) == ElfHeader.magic else { return nil }
        return try ProgramNeeds(ifIn: EntrySource(root: self, entry: entry), named: entry.path.description)
    }
}
