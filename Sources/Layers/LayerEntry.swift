package import ByteIO

/// One entry of a layer: where it goes, what it is and who owns it.
package struct LayerEntry: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case directory
        case bytes([UInt8])
        /// A file on this machine. The stamp is what it looked like when it was planned with: `layer.file-changed` is
        /// thrown if it differs while the layer is written.
        case file(FilePath, FileStamp)
        /// The target as stored, bytes that need not be UTF-8.
        case symlink(target: [UInt8])
        /// Another name of an entry of the same layer, which comes before it.
        case hardlink(to: EntryPath)
    }

    package var path: EntryPath
    package var content: Content
    /// Permission bits, with setuid, setgid and sticky.
    package var mode: UInt16
    package var uid: UInt32
    package var gid: UInt32
    /// Whole seconds since 1970.
    package var modified: Int64
    /// The value of a program's attribute `security.capability`; empty if it has none, and for everything else.
    package var capability: [UInt8]

    package init(
        _ path: EntryPath,
        _ content: Content,
        mode: UInt16,
        uid: UInt32 = 0,
        gid: UInt32 = 0,
        modified: Int64 = 0,
        capability: [UInt8] = []
    ) {
        self.path = path
        self.content = content
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.modified = modified
        self.capability = capability
    }
}

extension LayerEntry {
    package var isDirectory: Bool { content == .directory }

    /// The file of this machine that the entry is made from; `nil` if it is made from something else.
    package var hostFile: FilePath? {
        guard case .file(let path, _) = content else { return nil }
        return path
    }

    /// Whether the file was unpacked for this build alone, so that its path means nothing to anyone.
    package var isUnpacked: Bool {
        guard let path = hostFile?.bytes else { return false }
        return path.indices.contains { path[$0] == UInt8(ascii: "/") && path[$0...].starts(with: Self.unpacked) }
    }

    private static let unpacked = Array("/\(TemporaryPaths.prefix)unpack.".utf8)

    /// The size of a file's content, in bytes; 0 for everything else.
    package var contentSize: Int64 {
        switch content {
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, let stamp): stamp.size
        case .directory, .symlink, .hardlink: 0
        }
    }
}
