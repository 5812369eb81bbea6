package import Archive
import Diagnostics

/// What a file of a root filesystem is.
package enum EntryKind: Hashable, Sendable {
    case directory
    case file
    /// The target as stored.
    case symlink(target: [UInt8])
    /// Another name of a file, the first in order, which has the content.
    case hardlink(to: EntryPath)
    /// A device or a FIFO.
    case other

    package init(_ kind: TarEntry.Kind) {
        switch kind {
        case .regular: self = .file
        case .directory: self = .directory
        case .symlink(let target): self = .symlink(target: target)
        case .hardlink(let target): self = .hardlink(to: EntryPath(unchecked: target))
        case .characterDevice, .blockDevice, .fifo: self = .other
        }
    }

    package init(_ content: LayerEntry.Content) {
        switch content {
        case .directory: self = .directory
        case .bytes, .file: self = .file
        case .symlink(let target): self = .symlink(target: target)
        case .hardlink(let first): self = .hardlink(to: first)
        }
    }
}

extension EntryKind: CustomStringConvertible {
    /// With its article.
    package var description: String {
        switch self {
        case .directory: "a directory"
        case .file, .hardlink: "a file"
        case .symlink(let target): "a symlink to `\(String(printing: target))`"
        case .other: "a device"
        }
    }
}
