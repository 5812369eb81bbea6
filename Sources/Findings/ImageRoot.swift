package import Archive
package import Diagnostics
package import ELF
package import Layers
package import Needs

/// The root filesystem that a container will see: a base's files and what is put on them, or the files of a finished image.
package protocol ImageRoot: Sendable {
    /// What is at `path`, symlinks not followed; `nil` if nothing is there.
    subscript(path: EntryPath) -> RootEntry? { get }

    associatedtype Entries: Sequence<RootEntry>, Sendable

    /// Everything, sorted by path. An image may have a million entries, so they may be made in each pass, and are not to
    /// be kept.
    var entries: Entries { get }

    /// Up to `count` bytes of the content of `entry` from `offset` on; `nil` if its content is not available.
    func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]?

    /// How the file of `entry` runs; `nil` if it is neither an ELF file nor a script, or if that is not known.
    ///
    /// The default implementation reads `bytes`; a type that knows the facts already returns them.
    func facts(of entry: RootEntry) throws(Diagnostic) -> FileFacts?

    /// What the program of `entry` needs of the image; `nil` if it is not an ELF file, or not available.
    ///
    /// The default implementation reads the whole file; a type that knows the needs already returns them.
    func needs(of entry: RootEntry) throws(Diagnostic) -> ProgramNeeds?
}

/// One entry of a root filesystem.
package struct RootEntry: Hashable, Sendable {
    package typealias Kind = EntryKind

    /// Where it comes from.
    package enum Origin: Hashable, Sendable {
        case base
        /// A file that coracle adds by itself.
        case runtime
        /// A file of the application.
        case application
        /// What the user puts into the image besides.
        case addition

        /// Whether the user brings it.
        package var isOfUser: Bool { self == .application || self == .addition }
    }

    package let path: EntryPath
    package let kind: Kind
    /// Permission bits, with setuid, setgid and sticky.
    package let mode: UInt16
    package let uid: UInt32
    package let gid: UInt32
    /// Size of the content, in bytes; 0 for entries without content.
    package let size: Int64
    package let origin: Origin
    /// Whole seconds since 1970.
    package let modified: Int64

    package init(
        _ path: EntryPath,
        _ kind: Kind,
        mode: UInt16,
        uid: UInt32 = 0,
        gid: UInt32 = 0,
        size: Int64 = 0,
        origin: Origin,
        modified: Int64 = 0
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.size = size
        self.origin = origin
        self.modified = modified
    }
}

extension Array where Element == RootEntry {
    /// The index of the entry for `path`; `nil` if absent. The entries are sorted by path.
    package func index(of path: EntryPath) -> Int? {
        let index = countOfPrefix { $0.path < path }
        return index < count && self[index].path == path ? index : nil
    }
}

extension RootEntry {
    /// An entry of a layer's tar.
    package init(_ entry: TarEntry, at path: EntryPath, origin: Origin) {
        self.init(
            path,
            EntryKind(entry.kind),
            mode: entry.mode,
            uid: entry.uid,
            gid: entry.gid,
            size: entry.size,
            origin: origin,
            modified: entry.modified
        )
    }

    /// An entry of a layer that is planned.
    package init(_ entry: LayerEntry, origin: Origin) {
        self.init(
            entry.path,
            EntryKind(entry.content),
            mode: entry.mode,
            uid: entry.uid,
            gid: entry.gid,
            size: entry.contentSize,
            origin: origin,
            modified: entry.modified
        )
    }
}

extension RootEntry {
    /// Whether it could be a program or a library by its mode and name: all that is worth reading through.
    package var mayBeLoaded: Bool {
        if mode & 0o111 != 0 { return true }
        let name = path.name
        return name.hasSuffix(".so") || name.hasSuffix(".node") || name.contains(".so.")
    }
}
