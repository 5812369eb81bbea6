package import Diagnostics
package import Findings
package import Layers

/// A root filesystem that knows its layers, and what in them is out of sight.
package protocol LayeredRoot: ImageRoot {
    /// The layer with what is at `path`, counted from 0; `nil` if nothing is there.
    func layer(of path: EntryPath) -> Int?

    /// The contents that no container sees.
    var discarded: [DiscardedFile] { get }

    /// Up to `count` bytes of the content of `file` from `offset` on.
    func bytes(of file: DiscardedFile, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]
}
