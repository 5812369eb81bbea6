import Archive
import ByteIO
import Diagnostics
import ELF
import Inventory
import Findings
import Layers
import OCI

/// Compares two root filesystems, path by path.
struct TreeComparison {
    private(set) var files: [FileDifference] = []
    private(set) var leftOut = 0
    /// Whether anything but a time differs, and whether a time does.
    private(set) var hasChanges = false
    private(set) var hasTimes = false
    /// Whether a file differs that says which packages there are, or may be a program that does.
    private(set) var touchesPackages = false

    private let left: ComparedTree
    private let right: ComparedTree
    /// Number of layers at the front that both have.
    private let shared: Int
    /// Whether one of them is a directory of this machine: owners, times, links and extended attributes are not compared.
    private let isLoose: Bool
    private let ignoresTimes: Bool
    private let ignored: IgnoredPaths

    /// - Throws: `cancelled`.
    init(
        _ left: ComparedTree,
        _ right: ComparedTree,
        shared: Int,
        isLoose: Bool,
        ignoringTimes ignoresTimes: Bool,
        ignoring ignored: IgnoredPaths
    ) throws(Diagnostic) {
        (self.left, self.right, self.shared) = (left, right, shared)
        (self.isLoose, self.ignoresTimes, self.ignored) = (isLoose, ignoresTimes, ignored)
        var (lefts, rights) = (left.makeIterator(), right.makeIterator())
        var (old, new) = (lefts.next(), rights.next())
        var count = 0
        while old != nil || new != nil {
            count += 1
            if count & 0xFFFF == 0 { try checkCancellation() }
            if let one = old, let other = new, one.path == other.path {
                compare(one.file, other.file, at: one.path)
                (old, new) = (lefts.next(), rights.next())
            } else if let one = old, new.map({ one.path < $0.path }) ?? true {
                add(one.file, nil, [], at: one.path)
                old = lefts.next()
            } else if let other = new {
                add(nil, other.file, [], at: other.path)
                new = rights.next()
            }
        }
    }

    private mutating func compare(_ old: RootFilesystem.File, _ new: RootFilesystem.File, at path: EntryPath) {
        if isShared(old, new) { return }
        if isLoose, path.isRoot { return }
        var aspects = Set<FileDifference.Aspect>()
        let (oldKind, newKind) = (old.entry.kind.withoutLinks, new.entry.kind.withoutLinks)
        switch (oldKind, newKind) {
        case (.regular, .regular):
            if old.contentSize != new.contentSize || content(old, left) != content(new, right) {
                aspects.insert(.content)
            }
        case (.symlink, .symlink): if oldKind != newKind { aspects.insert(.target) }
        case (.directory, .directory), (.fifo, .fifo): break
        case (.characterDevice, .characterDevice), (.blockDevice, .blockDevice):
            if oldKind != newKind, !isLoose { aspects.insert(.device) }
        default: aspects.insert(.type)
        }
        var isSymlink = false
        if case .symlink = newKind { isSymlink = true }
        if !isSymlink, !aspects.contains(.type), old.entry.mode != new.entry.mode { aspects.insert(.mode) }
        var attributes = [FileDifference.Attribute]()
        if !isLoose {
            if old.entry.uid != new.entry.uid || old.entry.gid != new.entry.gid { aspects.insert(.owner) }
            if !ignoresTimes, !old.isImplied, !new.isImplied, old.entry.modified != new.entry.modified {
                aspects.insert(.time)
            }
            if left.firstName(of: old, at: path) != right.firstName(of: new, at: path) { aspects.insert(.links) }
            attributes = Self.attributes(left.detail(of: old), right.detail(of: new))
            if !attributes.isEmpty { aspects.insert(.attributes) }
        }
        guard !aspects.isEmpty else { return }
        add(old, new, FileDifference.Aspect.allCases.filter(aspects.contains), attributes, at: path)
    }

    /// Whether they are the same entry of a layer that both have.
    private func isShared(_ old: RootFilesystem.File, _ new: RootFilesystem.File) -> Bool {
        guard old.layer < shared, old.layer == new.layer, old.contentLayer == new.contentLayer,
            old.locator == new.locator, old.isImplied == new.isImplied, old.entry.kind == new.entry.kind
        else { return false }
        if case .symlink = old.entry.kind { return old.entry == new.entry }
        return left.layers.isEmpty || old.entry.kind == .directory || old.contentSize == 0
            || left.firstName(of: old, at: EntryPath(unchecked: old.entry.path))
                == right.firstName(of: new, at: EntryPath(unchecked: new.entry.path))
    }

    private func content(_ file: RootFilesystem.File, _ tree: ComparedTree) -> ContentHash? {
        file.contentSize == 0 ? nil : tree.detail(of: file).content
    }

    private mutating func add(
        _ old: RootFilesystem.File?,
        _ new: RootFilesystem.File?,
        _ aspects: [FileDifference.Aspect],
        _ attributes: [FileDifference.Attribute] = [],
        at path: EntryPath
    ) {
        if isLoose, path.isRoot { return }
        if ignored.contains(path) { return }
        if aspects.contains(.time) { hasTimes = true }
        if aspects != [.time] {
            hasChanges = true
            if !touchesPackages, aspects.isEmpty || aspects.contains(.content) || aspects.contains(.type) {
                touchesPackages = [old, new].contains { file in
                    guard let file, file.contentSize > 0 else { return false }
                    let entry = TarEntry(
                        path: path.bytes,
                        kind: .regular,
                        mode: file.entry.mode,
                        uid: 0,
                        gid: 0,
                        size: file.contentSize
                    )
                    return Inventory.interest(in: RootEntry(entry, at: path, origin: .base)) != nil
                }
            }
        }
        guard files.count < FileDifference.most else {
            leftOut += 1
            return
        }
        var difference = FileDifference(
            path: path,
            left: old.map { state($0, left, at: path) },
            right: new.map { state($0, right, at: path) },
            aspects: aspects
        )
        difference.attributes = attributes
        if let old, let new, aspects.contains(.content),
            let oldElf = left.detail(of: old).elf.flatMap({ ElfSummary(bytes: $0) }),
            let newElf = right.detail(of: new).elf.flatMap({ ElfSummary(bytes: $0) })
        {
            difference.elf = ElfDifference(oldElf, newElf)
        }
        files.append(difference)
    }

    private func state(_ file: RootFilesystem.File, _ tree: ComparedTree, at path: EntryPath) -> FileDifference.State {
        let isRegular = file.entry.kind.withoutLinks == .regular
        return FileDifference.State(
            kind: file.entry.kind.withoutLinks,
            mode: file.entry.mode,
            owner: isLoose ? nil : FileDifference.Owner(uid: file.entry.uid, gid: file.entry.gid),
            size: file.contentSize,
            modified: isLoose || file.isImplied ? nil : file.entry.modified,
            content: isRegular ? tree.detail(of: file).content?.digest : nil,
            linkedTo: isLoose ? nil : tree.firstName(of: file, at: path),
            layer: file.layer
        )
    }

    private static func attributes(
        _ old: ComparedLayer.Detail,
        _ new: ComparedLayer.Detail
    ) -> [FileDifference.Attribute] {
        guard !old.attributes.isEmpty || !new.attributes.isEmpty else { return [] }
        var values = [[UInt8]: (left: [UInt8]?, right: [UInt8]?)]()
        for (name, value) in old.attributes { values[name] = (value, nil) }
        for (name, value) in new.attributes { values[name] = (values[name]?.left, value) }
        return values.filter { $0.value.left != $0.value.right }
            .map { FileDifference.Attribute(name: $0.key, left: $0.value.left, right: $0.value.right) }
            .sorted { $0.name.lexicographicallyPrecedes($1.name) }
    }
}

extension TarEntry.Kind {
    /// A hard link is the file that it leads to.
    fileprivate var withoutLinks: TarEntry.Kind {
        if case .hardlink = self { .regular } else { self }
    }
}
