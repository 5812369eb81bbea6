package import ByteIO
package import Layers

/// What stands at a path of the root filesystem that is planned: a layer's entry, or a file of the base.
package struct StackEntry: Sendable {
    package typealias Kind = EntryKind

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
        self.init(
            path: entry.path,
            kind: EntryKind(entry.content),
            mode: entry.mode,
            uid: entry.uid,
            gid: entry.gid,
            origin: entry.origin,
            hostFile: entry.hostFile
        )
    }
}
