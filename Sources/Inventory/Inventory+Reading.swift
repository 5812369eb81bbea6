import Debian
package import Diagnostics
import ELF
package import Findings
package import Layers
package import OCI
import Rootfs

extension Inventory {
    /// Databases of other package managers, which are not read.
    private static let foreign = [
        ("/var/lib/rpm", "rpm"),
        ("/usr/lib/sysimage/rpm", "rpm"), ("/var/lib/pacman/local", "pacman"),
    ]

    private static func gap(of manager: String) -> String { "the packages of `\(manager)` are not read" }

    /// The package managers whose databases are in the image, and whose packages are not compared with an index, sorted.
    package var unreadManagers: [String] {
        let read = components.contains { $0.url?.type == "apk" } ? ["apk"] : []
        return (Set(Self.foreign.map(\.1)).filter { gaps.contains(Self.gap(of: $0)) } + read).sorted()
    }

    /// Takes the inventory of `root`.
    ///
    /// - Parameters:
    ///   - layer: the layer with a file; `nil` if it is not known.
    ///   - digests: those of the content of a regular file; `nil` to read it.
    ///   - readers: one for each ecosystem.
    /// - Throws: what keeps the image from being read.
    package init(
        of root: some ImageRoot,
        layer: @escaping (EntryPath) -> DiffID? = { _ in nil },
        digests: (RootEntry) -> FileDigests? = { _ in nil },
        readers: [any PackageReader.Type] = Inventory.readers
    ) throws(Diagnostic) {
        var draft = InventoryDraft(layer: layer)
        draft.distribution = try OSRelease(in: root).flatMap(Distribution.init)
        let owned = try DebianRecords.read(root, into: &draft).union(ApkRecords.read(root, into: &draft))
        try EmbeddedDataReader.read(root, ownedBySystem: owned, into: &draft)
        for (path, manager) in Self.foreign where root.resolve(path) != nil {
            draft.addGap(Self.gap(of: manager))
        }
        // One pass, for an image may have a million entries.
        var records = [[RootEntry]](repeating: [], count: readers.count)
        var files = [File]()
        for entry in root.entries {
            guard let file = Self.file(entry, in: root) else { continue }
            for (index, reader) in readers.enumerated() where reader.isRecord(file) {
                if !owned.contains(entry.path) { records[index].append(file) }
            }
            guard entry.origin.isOfUser else { continue }
            var known = digests(file)
            if known == nil { known = try Self.digests(of: file, at: entry.path, in: root, &draft) }
            guard let known else { continue }
            files.append(File(path: entry.path, size: file.size, layer: layer(entry.path), digests: known))
        }
        for (reader, records) in zip(readers, records) { try reader.read(records, of: root, into: &draft) }
        self.init(
            components: draft.finished,
            files: files,
            distribution: draft.distribution,
            gaps: draft.gaps,
            notes: draft.notes
        )
    }

    /// The regular file that `entry` is a name of; `nil` if it is not one.
    private static func file(_ entry: RootEntry, in root: some ImageRoot) -> RootEntry? {
        switch entry.kind {
        case .file: entry
        case .hardlink: root.file(at: entry.path).flatMap { $0.kind == .file ? $0 : nil }
        case .directory, .symlink, .other: nil
        }
    }

    private static func digests(
        of file: RootEntry,
        at path: EntryPath,
        in root: some ImageRoot,
        _ draft: inout InventoryDraft
    ) throws(Diagnostic) -> FileDigests {
        let window = 1 << 20
        var digests = FileDigests.Running()
        var offset: Int64 = 0
        while offset < file.size {
            let count = Int(min(Int64(window), file.size - offset))
            guard let bytes = try root.bytes(of: file, at: offset, count: count), bytes.count == count else {
                draft.addGap("the content of `\(path)` is not available")
                break
            }
            bytes.withUnsafeBytes { digests.update($0) }
            offset += Int64(count)
        }
        return digests.finalize()
    }
}

extension Inventory {
    /// Whether an inventory reads files like `entry`, and of which kind they are: all that is not said here is not read.
    package static func interest(in entry: RootEntry) -> Interest? {
        guard entry.kind == .file else { return nil }
        if readers.contains(where: { $0 != ProgramReader.self && $0.isRecord(entry) })
            || dpkg.contains(entry.path)
            || (entry.path.name.elementsEqual("copyright".utf8) && documentation.contains(entry.path))
            || entry.path.name.elementsEqual("os-release".utf8)
            || EmbeddedData.paths.contains(entry.path)
            || ApkRecords.paths.contains(entry.path)
        {
            return .record
        }
        return ProgramReader.isRecord(entry) ? .program : nil
    }

    /// Why a file is read.
    package enum Interest: Hashable, Sendable {
        /// Its whole content says something of packages, or of the image's system.
        case record
        /// If it is an ELF file, parts of it may say what it was made of.
        case program
    }

    private static let dpkg = EntryPath(normalizing: "/var/lib/dpkg")
    private static let documentation = EntryPath(normalizing: "/usr/share/doc")
}

extension Inventory.Distribution {
    /// `nil` if the system has no name.
    init?(_ release: OSRelease) {
        guard let id = release.id, !id.isEmpty else { return nil }
        self.init(id: id, version: release.version ?? "", name: release.name, codename: release.codename)
    }
}
