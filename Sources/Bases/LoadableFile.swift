package import ELF
package import Layers

/// A library, program, script or symlink of a package, as far as the kernel and the loader see it.
package struct LoadableFile: Sendable {
    package let path: EntryPath
    package let kind: EntryKind
    /// What an ELF file or a script asks for; `nil` for a symlink.
    package let facts: FileFacts?

    init(_ path: EntryPath, _ kind: EntryKind, _ facts: FileFacts? = nil) {
        self.path = path
        self.kind = kind
        self.facts = facts
    }
}
