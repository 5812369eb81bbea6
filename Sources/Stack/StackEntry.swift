package import ByteIO
import Diagnostics
package import Layers

/// What stands at a path of the root filesystem that is planned: a layer's entry, or a file of the base.
package struct StackEntry: Sendable {
    package enum Kind: Hashable, Sendable {
        case directory
        case file
        case symlink(target: [UInt8])
        case hardlink(to: EntryPath)
        /// A device or a FIFO.
        case other
    }

    package let path: EntryPath
    package let kind: Kind
    package let mode: UInt16
    package var uid: UInt32 = 0
    package var gid: UInt32 = 0
    /// What the entry is made from, for messages.
    package let origin: String
    var isOfBase = false
    /// The file of this machine that the entry is made from.
    package var hostFile: FilePath?

    package var isDirectory: Bool { kind == .directory }
}

extension StackEntry {
    package init(_ entry: LayerEntry) {
        let kind: Kind =
            switch entry.content {
            case .directory: .directory
            case .bytes, .file: .file
            case .symlink(let target): .symlink(target: target)
            case .hardlink(let first): .hardlink(to: first)
            }
        self.init(
            path: entry.path,
            kind: kind,
            mode: entry.mode,
            uid: entry.uid,
            gid: entry.gid,
            origin: entry.origin,
            hostFile: entry.hostFile
        )
    }
}

extension StackEntry.Kind: CustomStringConvertible {
    /// With its article.
    package var description: String {
        switch self {
        case .directory: "a directory"
        case .file: "a file"
        case .symlink(let target): "a symlink to `\(String(printing: target))`"
        case .hardlink: "a file"
        case .other: "a device"
        }
    }
}
