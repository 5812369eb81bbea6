/// What a layer's tar says of one file: where it is, what it is, and who owns it.
package struct TarEntry: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case regular
        case directory
        /// The target as stored.
        case symlink(target: [UInt8])
        /// The target is another entry's `path`, in the same normal form.
        case hardlink(target: [UInt8])
        case characterDevice(major: UInt32, minor: UInt32)
        case blockDevice(major: UInt32, minor: UInt32)
        case fifo
    }

    /// The name relative to the archive's root: no leading or trailing slash, no empty component, no `.` and no `..`.
    /// The root itself, which can only be a directory, is empty.
    package let path: [UInt8]
    package let kind: Kind
    /// Permission bits, with setuid, setgid and sticky.
    package let mode: UInt16
    package let uid: UInt32
    package let gid: UInt32
    /// Size of the content, in bytes; 0 for everything but a regular file.
    package let size: Int64
    /// Whole seconds since 1970, rounded down.
    package let modified: Int64

    package init(
        path: [UInt8],
        kind: Kind,
        mode: UInt16,
        uid: UInt32,
        gid: UInt32,
        size: Int64,
        modified: Int64 = 0
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.size = size
        self.modified = modified
    }

    /// The same entry without its time.
    package var withoutTime: TarEntry {
        TarEntry(path: path, kind: kind, mode: mode, uid: uid, gid: gid, size: size)
    }
}

/// A value that knows more of an entry than the entry itself says.
package protocol TarEntryRecord: Sendable {
    var entry: TarEntry { get }
}

extension TarEntryRecord {
    @inlinable package var path: [UInt8] { entry.path }
    @inlinable package var kind: TarEntry.Kind { entry.kind }
    @inlinable package var mode: UInt16 { entry.mode }
    @inlinable package var uid: UInt32 { entry.uid }
    @inlinable package var gid: UInt32 { entry.gid }
    @inlinable package var size: Int64 { entry.size }
    @inlinable package var modified: Int64 { entry.modified }
}
