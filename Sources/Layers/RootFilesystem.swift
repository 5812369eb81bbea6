package import Archive
package import Diagnostics

/// What the layers of an image make together: the root filesystem that a container of it sees.
///
/// As in a file system, a name leads to a file, and several names may lead to one: a hard link is bound to the file that
/// its target named when the link was applied, whatever happens to that name later. About ninety bytes are held for an
/// entry, and nothing is recursive.
///
/// image-spec, layer.md § Applying Changesets; § Whiteouts.
package struct RootFilesystem: Sendable {
    /// One name in a directory. Names that were removed stay, as absent.
    struct Node: BitwiseCopyable {
        enum State: UInt8 {
            case absent
            /// A directory that no layer has an entry for, and something is in.
            case implied
            case present
        }

        let parent: Int32
        let name: UInt32
        var inode: Int32 = -1
        var firstChild: Int32 = -1
        var nextSibling: Int32 = -1
        /// The layer that the name is from.
        var layer: UInt16 = 0
        /// One more than the layer that has removed everything of lower layers below this directory; 0 for none.
        var cleaned: UInt16 = 0
        /// Length of the whole path, in bytes.
        let pathLength: UInt16
        let nameLength: UInt8
        private var flags: UInt8

        init(parent: Int32, name: UInt32, nameLength: Int, pathLength: Int, state: State = .absent) {
            self.parent = parent
            self.name = name
            self.nameLength = UInt8(truncatingIfNeeded: nameLength)
            self.pathLength = UInt16(truncatingIfNeeded: pathLength)
            flags = state.rawValue
        }

        var state: State {
            get { State(rawValue: flags & 3) ?? .absent }
            set { flags = flags & ~3 | newValue.rawValue }
        }

        /// Whether the parent's list has it.
        var isListed: Bool {
            get { flags & 4 != 0 }
            set { flags = newValue ? flags | 4 : flags & ~4 }
        }
    }

    /// One file, whatever it is called: 40 bytes, as an image may have a million.
    struct Inode: BitwiseCopyable {
        enum Kind: UInt16 {
            case regular, directory, symlink, characterDevice, blockDevice, fifo
        }

        /// Size of the content in bytes; of a device, its numbers; of a symlink, the length of its target.
        var size: Int64
        /// What the caller gave; of a symlink, the place of its target.
        private(set) var locator: Int64
        /// The time above, then four bits of the kind and twelve of the mode.
        private let modifiedKindAndMode: Int64
        let uid: UInt32
        let gid: UInt32
        /// The name that stands for the file in listings; -1 if it was removed.
        var holder: Int32
        private var counted: UInt16 = 1
        let layer: UInt16

        /// Later times, eight million years from now, are that time.
        private static let latest: Int64 = 1 << 47 - 1

        init(_ entry: TarEntry, _ kind: Kind, locator: Int64, layer: UInt16, holder: Int32) {
            size = entry.size
            self.locator = locator
            let modified = min(max(entry.modified, -Self.latest), Self.latest)
            modifiedKindAndMode = modified << 16 | Int64(kind.rawValue << 12 | entry.mode & 0o7777)
            (uid, gid) = (entry.uid, entry.gid)
            self.holder = holder
            self.layer = layer
        }

        var modified: Int64 { modifiedKindAndMode >> 16 }
        var mode: UInt16 { UInt16(truncatingIfNeeded: modifiedKindAndMode) & 0o7777 }
        var kind: Kind { Kind(rawValue: UInt16(truncatingIfNeeded: modifiedKindAndMode) >> 12) ?? .fifo }

        /// Place of a symlink's target.
        var target: UInt32 {
            get { UInt32(truncatingIfNeeded: locator) }
            set { locator = Int64(newValue) }
        }

        /// Whether it has more than one name.
        var isShared: Bool { counted > 1 }

        mutating func addName() { if counted < .max { counted += 1 } }

        /// Whether none is left. A file that had more names than are counted is kept: it takes room, and nothing else.
        mutating func removeName() -> Bool {
            if counted < .max { counted -= 1 }
            return counted == 0
        }
    }

    static let root: Int32 = 0

    var nodes = Pieces<Node>()
    var inodes = Pieces<Inode>()
    private var freeInodes: [Int32] = []
    private(set) var pool = BytePool()
    private var index = NodeIndex()
    /// How much of the limits is used.
    package private(set) var budget: TableBudget
    /// The layer being applied.
    var layer = -1
    private var subject: Diagnostic.Subject?
    /// Whether a file has lost the name that stands for it.
    private var hasOrphans = false
    private let keepsDiscarded: Bool
    /// The contents that went out of sight, in the order in which they did; empty unless they are kept.
    package private(set) var discarded: [DiscardedFile] = []
    /// The directory that was looked up last: entries of one directory follow each other.
    var lastDirectory: (path: [UInt8], node: Int32) = ([], root)

    /// - Parameter keepsDiscarded: whether it is remembered which contents no container sees.
    package init(_ limits: TableLimits = TableLimits(), keepsDiscarded: Bool = false) {
        budget = TableBudget(limits)
        self.keepsDiscarded = keepsDiscarded
        nodes.append(Node(parent: -1, name: 0, nameLength: 0, pathLength: 0, state: .implied))
    }

    /// Begins the next layer, which messages call `subject`.
    ///
    /// - Throws: `layer.too-many` for more layers than any image has.
    package mutating func beginLayer(_ subject: Diagnostic.Subject? = nil) throws(Diagnostic) {
        layer += 1
        lastDirectory = ([], Self.root)
        self.subject = subject
        guard layer < Self.mostLayers else {
            throw Diagnostic(
                .layerTooMany,
                "an image has too many layers",
                at: subject,
                because: "at most \(Self.mostLayers) are read"
            )
        }
    }

    // Engines stop at 127 or so: overlayfs cannot mount more.
    private static let mostLayers = 10_000
    /// As many symlinks as containerd follows on the way to one entry.
    private static let mostLinks = 255
    /// Length of a path and of a symlink's target, in bytes (limits.h, PATH_MAX).
    private static let longestPath = 4096
    /// Length of a name, in bytes (limits.h, NAME_MAX).
    private static let longestName = 255

    var currentLayer: UInt16 { UInt16(truncatingIfNeeded: max(0, layer)) }
}

// MARK: - Applying

extension RootFilesystem {
    /// Applies the next entry of the layer. `locator` is the caller's: it comes back with the file.
    ///
    /// - Throws: `layer.cannot-unpack` for an entry with which no engine can unpack the layer; `layer.too-many-entries`,
    ///   `layer.too-much-metadata`.
    package mutating func apply(_ entry: TarEntry, locator: Int64 = 0) throws(Diagnostic) {
        try budget.take(entries: 1, metadata: 0, of: subject)
        guard !entry.path.isEmpty else {
            replaceInode(of: Self.root, with: makeInode(entry, .directory, locator, holder: Self.root))
            nodes[Self.root].layer = currentLayer
            return
        }
        let slash = entry.path.lastIndex(of: UInt8(ascii: "/"))
        let name = entry.path[(slash.map { $0 + 1 } ?? 0)...]
        let directory = try directory(entry.path[..<(slash ?? 0)], for: entry)
        if let deleted = Whiteout.deleted(by: name) {
            delete(deleted, in: directory)
        } else {
            try add(entry, locator, name, in: directory)
        }
    }

    private mutating func add(
        _ entry: TarEntry,
        _ locator: Int64,
        _ name: ArraySlice<UInt8>,
        in directory: Int32
    ) throws(Diagnostic) {
        // The target is looked up before what it may replace is gone, as it may be in it.
        var target: Int32?
        if case .hardlink(let path) = entry.kind { target = try self.target(path, of: entry) }
        let node = try findOrMake(name, in: directory, for: entry)
        try budget.take(entries: 0, metadata: Int(nodes[node].pathLength), of: subject)
        if nodes[node].state != .absent, entry.kind != .directory || !isDirectory(node) {
            delete([node], .ofAllLayers)
        }
        nodes[node].layer = currentLayer
        let inode: Int32
        switch entry.kind {
        case .directory:
            if nodes[node].state == .absent { nodes[node].cleaned = currentLayer + 1 }
            inode = makeInode(entry, .directory, locator, holder: node)
        case .hardlink(let path):
            guard let target, nodes[target].state == .present else {
                throw cannotUnpack(entry, "its target `/\(String(printing: path))` is replaced by it")
            }
            // Asking for this name gives the path of another one.
            try budget.take(entries: 0, metadata: Int(nodes[target].pathLength), of: subject)
            inode = nodes[target].inode
            inodes[inode].addName()
        case .regular: inode = makeInode(entry, .regular, locator, holder: node)
        case .symlink(let target):
            guard target.count <= Self.longestPath else { throw cannotUnpack(entry, "its target is too long") }
            try budget.take(entries: 0, metadata: target.count, of: subject)
            inode = makeInode(entry, .symlink, locator, holder: node)
            inodes[inode].target = pool.add(target)
            inodes[inode].size = Int64(target.count)
        case .characterDevice(let major, let minor):
            inode = makeInode(entry, .characterDevice, locator, holder: node)
            inodes[inode].size = Int64(bitPattern: UInt64(major) << 32 | UInt64(minor))
        case .blockDevice(let major, let minor):
            inode = makeInode(entry, .blockDevice, locator, holder: node)
            inodes[inode].size = Int64(bitPattern: UInt64(major) << 32 | UInt64(minor))
        case .fifo: inode = makeInode(entry, .fifo, locator, holder: node)
        }
        replaceInode(of: node, with: inode)
    }

    /// The name that a hard link's target is.
    private func target(_ path: [UInt8], of entry: TarEntry) throws(Diagnostic) -> Int32 {
        let slash = path.lastIndex(of: UInt8(ascii: "/"))
        let name = path[(slash.map { $0 + 1 } ?? 0)...]
        guard let directory = walk(path[..<(slash ?? 0)]), let node = find(name, in: directory),
            nodes[node].state != .absent
        else {
            throw cannotUnpack(entry, "it is a hard link to `/\(String(printing: path))`, which does not exist")
        }
        guard !isDirectory(node) else {
            throw cannotUnpack(entry, "it is a hard link to the directory `/\(String(printing: path))`")
        }
        return node
    }

    /// The directory at `path`, made where it does not exist.
    ///
    /// Only symlinks of this layer are followed: engines unpack a layer into a directory of its own, where those of lower
    /// layers do not exist. A directory is made in their place, which hides them, and files of lower layers, too.
    private mutating func directory(_ path: ArraySlice<UInt8>, for entry: TarEntry) throws(Diagnostic) -> Int32 {
        if lastDirectory.path.elementsEqual(path) { return lastDirectory.node }
        let walk = try LinkWalk<Int32>(
            path,
            from: Self.root,
            linkLimit: Self.mostLinks,
            parent: { max(Self.root, nodes[$0].parent) }
        ) { name throws(Diagnostic) in try step(to: name, for: entry) }
        switch walk {
        case .found(let node):
            lastDirectory = (Array(path), node)
            return node
        case .loop: throw cannotUnpack(entry, "too many symlinks are above it")
        case .missing, .blocked, .denied: throw cannotUnpack(entry, "a symlink above it has no target")
        }
    }

    /// What is at `name` on the way to `entry`: a directory, which is made if it is not there, or a symlink of this layer.
    private mutating func step(
        to name: LinkWalk<Int32>.Name,
        for entry: TarEntry
    ) throws(Diagnostic) -> LinkWalk<Int32>.Step {
        let child = try findOrMake(name.bytes, in: name.directory, for: entry)
        if isDirectory(child) { return .directory(child) }
        if nodes[child].state != .absent {
            if Int(nodes[child].layer) == layer {
                if let target = symlinkTarget(of: child) { return .symlink(target: target) }
                throw cannotUnpack(entry, "`\(path(of: child))` above it is not a directory")
            }
            delete([child], .ofAllLayers)
        }
        try imply(child)
        return .directory(child)
    }

    private mutating func imply(_ node: Int32) throws(Diagnostic) {
        try budget.take(entries: 1, metadata: Int(nodes[node].pathLength), of: subject)
        nodes[node].state = .implied
        nodes[node].layer = currentLayer
        nodes[node].cleaned = currentLayer + 1
    }

    private func cannotUnpack(_ entry: TarEntry, _ reason: String) -> Diagnostic {
        Diagnostic(
            .layerCannotUnpack,
            "a layer cannot be unpacked: `/\(String(printing: entry.path.prefix(200)))` has no place",
            at: subject,
            because: reason,
            hint: "build the image again"
        )
    }
}

// MARK: - Names

extension RootFilesystem {
    /// The name in `directory`, which may be absent; `nil` if there never was one.
    func find(_ name: ArraySlice<UInt8>, in directory: Int32) -> Int32? {
        index.find(name, in: directory, nodes, pool)
    }

    private mutating func findOrMake(
        _ name: ArraySlice<UInt8>,
        in directory: Int32,
        for entry: TarEntry
    ) throws(Diagnostic) -> Int32 {
        let node: Int32
        if let known = find(name, in: directory) {
            node = known
        } else {
            let length = Int(nodes[directory].pathLength) + name.count + (directory == Self.root ? 0 : 1)
            guard name.count <= Self.longestName, length <= Self.longestPath else {
                throw cannotUnpack(entry, "its path is longer than Linux allows")
            }
            node = Int32(truncatingIfNeeded: nodes.count)
            nodes.append(
                Node(parent: directory, name: pool.add(name), nameLength: name.count, pathLength: length)
            )
            index.insert(node, nodes, pool)
        }
        if !nodes[node].isListed {
            nodes[node].nextSibling = nodes[directory].firstChild
            nodes[directory].firstChild = node
            nodes[node].isListed = true
        }
        return node
    }

    func name(of node: Int32) -> ArraySlice<UInt8> {
        pool.bytes(at: nodes[node].name, count: Int(nodes[node].nameLength))
    }

    func isDirectory(_ node: Int32) -> Bool {
        switch nodes[node].state {
        case .absent: false
        case .implied: true
        case .present: inodes[nodes[node].inode].kind == .directory
        }
    }

    private func symlinkTarget(of node: Int32) -> ArraySlice<UInt8>? {
        guard nodes[node].state == .present else { return nil }
        let inode = inodes[nodes[node].inode]
        guard inode.kind == .symlink else { return nil }
        return pool.bytes(at: inode.target, count: Int(inode.size))
    }

    func presentChildren(of directory: Int32) -> [Int32] {
        var children = [Int32]()
        var next = nodes[directory].firstChild
        while next >= 0 {
            if nodes[next].state != .absent { children.append(next) }
            next = nodes[next].nextSibling
        }
        return children
    }

    /// The directory at `path`, through all symlinks; `nil` if there is none.
    private func walk(_ path: ArraySlice<UInt8>) -> Int32? {
        let walk = LinkWalk<Int32>(
            path,
            from: Self.root,
            linkLimit: Self.mostLinks,
            parent: { max(Self.root, nodes[$0].parent) }
        ) { name in
            guard let child = find(name.bytes, in: name.directory) else { return .nothing }
            if let target = symlinkTarget(of: child) { return .symlink(target: target) }
            return isDirectory(child) ? .directory(child) : .nothing
        }
        guard case .found(let node) = walk else { return nil }
        return node
    }

    /// What is exactly at `path`, symlinks not followed.
    private func node(at path: EntryPath) -> Int32? {
        var node = Self.root
        for component in path.bytes.split(separator: UInt8(ascii: "/")) {
            guard let child = find(component, in: node) else { return nil }
            node = child
        }
        return nodes[node].state == .absent ? nil : node
    }

    func path(of node: Int32) -> EntryPath {
        var names = [Int32]()
        var next = node
        while next > Self.root {
            names.append(next)
            next = nodes[next].parent
        }
        var bytes = [UInt8]()
        for next in names.reversed() {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "/")) }
            bytes += name(of: next)
        }
        return EntryPath(unchecked: bytes)
    }
}

// MARK: - Files

extension RootFilesystem {
    private mutating func makeInode(_ entry: TarEntry, _ kind: Inode.Kind, _ locator: Int64, holder: Int32) -> Int32 {
        let inode = Inode(entry, kind, locator: locator, layer: currentLayer, holder: holder)
        if let free = freeInodes.popLast() {
            inodes[free] = inode
            return free
        }
        inodes.append(inode)
        return Int32(truncatingIfNeeded: inodes.count - 1)
    }

    private mutating func replaceInode(of node: Int32, with inode: Int32) {
        let old = nodes[node].inode
        nodes[node].inode = inode
        nodes[node].state = .present
        if old >= 0 { release(old, by: node, .replaced) }
    }

    mutating func release(_ inode: Int32, by node: Int32, _ reason: DiscardedFile.Reason) {
        if inodes[inode].removeName() {
            if keepsDiscarded { keepDiscarded(inodes[inode], at: node, reason) }
            freeInodes.append(inode)
        } else if inodes[inode].holder == node {
            inodes[inode].holder = -1
            hasOrphans = true
        }
    }

    // The path was paid for when its entry was applied: the list is as long as the limits allow.
    private mutating func keepDiscarded(_ file: Inode, at node: Int32, _ reason: DiscardedFile.Reason) {
        guard file.kind == .regular, file.size > 0 else { return }
        discarded.append(
            DiscardedFile(
                path: path(of: node),
                size: file.size,
                layer: Int(file.layer),
                hidingLayer: layer,
                reason: reason,
                locator: file.locator
            )
        )
    }

    /// Decides which name stands for a file whose first one was removed: the first in order. To be called after the last
    /// layer.
    package mutating func settle() {
        guard hasOrphans else { return }
        var walk = RootFilesystemOrder(self)
        while let node = walk.next(self) {
            let inode = nodes[node].inode
            if inode >= 0, inodes[inode].holder < 0 { inodes[inode].holder = node }
        }
        hasOrphans = false
    }
}

// MARK: - Asking

extension RootFilesystem {
    /// A file under one of its names.
    package struct File: Sendable {
        /// What it is, at the path that was asked for. All names but one of a regular file are hard links to that one.
        package let entry: TarEntry
        /// Size of the content in bytes, also of a hard link's; 0 for everything but a regular file.
        package let contentSize: Int64
        /// The layer that has the name, counted from 0.
        package let layer: Int
        /// The layer that has the content, counted from 0.
        package let contentLayer: Int
        /// What the content's entry was applied with.
        package let locator: Int64
        /// Whether it is a directory that no layer has an entry for, and something is in.
        package let isImplied: Bool
    }

    /// What is at `path`, symlinks not followed; `nil` if nothing is there.
    package subscript(path: EntryPath) -> File? {
        node(at: path).map { file($0, at: path.bytes) }
    }

    func file(_ node: Int32, at path: [UInt8]) -> File {
        let layer = Int(nodes[node].layer)
        guard nodes[node].state == .present else {
            return File(
                entry: TarEntry(path: path, kind: .directory, mode: FileModes.directory, uid: 0, gid: 0, size: 0),
                contentSize: 0,
                layer: layer,
                contentLayer: layer,
                locator: 0,
                isImplied: true
            )
        }
        let inode = inodes[nodes[node].inode]
        let numbers = UInt64(bitPattern: inode.size)
        let (major, minor) = (UInt32(truncatingIfNeeded: numbers >> 32), UInt32(truncatingIfNeeded: numbers))
        let isOther = inode.isShared && inode.holder != node && inode.holder >= 0
        let kind: TarEntry.Kind =
            switch inode.kind {
            case .regular: isOther ? .hardlink(target: self.path(of: inode.holder).bytes) : .regular
            case .directory: .directory
            case .symlink: .symlink(target: Array(pool.bytes(at: inode.target, count: Int(inode.size))))
            case .characterDevice: .characterDevice(major: major, minor: minor)
            case .blockDevice: .blockDevice(major: major, minor: minor)
            case .fifo: .fifo
            }
        return File(
            entry: TarEntry(
                path: path,
                kind: kind,
                mode: inode.mode,
                uid: inode.uid,
                gid: inode.gid,
                size: kind == .regular ? inode.size : 0,
                modified: inode.modified
            ),
            contentSize: inode.kind == .regular ? inode.size : 0,
            layer: layer,
            contentLayer: Int(inode.layer),
            locator: inode.kind == .symlink ? 0 : inode.locator,
            isImplied: false
        )
    }

    /// All files, implied directories and the root among them, sorted by path.
    package var sorted: SortedFiles { SortedFiles(self) }
}

extension Diagnostic.Code {
    package static let layerCannotUnpack = Self("layer.cannot-unpack", .verification)
    static let layerTooMany = Self("layer.too-many", .verification)
}
