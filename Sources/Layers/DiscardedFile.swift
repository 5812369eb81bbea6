/// The content of a regular file that a layer has and no container sees: it takes room, and nothing reads it.
package struct DiscardedFile: Hashable, Sendable {
    /// How it went out of sight.
    package enum Reason: Hashable, Sendable {
        /// A whiteout deletes it.
        case deleted
        /// Another entry stands at its path.
        case replaced
    }

    /// Its last name.
    package let path: EntryPath
    /// Size of the content, in bytes; never 0.
    package let size: Int64
    /// The layer that has the content, counted from 0.
    package let layer: Int
    /// The layer that hides it, counted from 0.
    package let hidingLayer: Int
    package let reason: Reason
    /// What the content's entry was applied with.
    package let locator: Int64

    package init(path: EntryPath, size: Int64, layer: Int, hidingLayer: Int, reason: Reason, locator: Int64) {
        self.path = path
        self.size = size
        self.layer = layer
        self.hidingLayer = hidingLayer
        self.reason = reason
        self.locator = locator
    }
}
