import Diagnostics
import ELF

/// A file of a root filesystem, for what reads ELF.
struct RootFile<Root: ImageRoot>: ElfSource {
    private let root: Root
    private let entry: RootEntry

    /// Nil for what is no file.
    init?(_ entry: RootEntry, in root: Root) {
        guard entry.kind == .file else { return nil }
        self.root = root
        self.entry = entry
    }

    var size: Int64 { entry.size }

    func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        guard let bytes = try root.bytes(of: entry, at: offset, count: count), bytes.count == count else {
            throw Diagnostic(
                .elfTruncated,
                "`\(entry.path)` is cut short",
                because: "\(count) bytes at \(offset) are not there"
            )
        }
        return bytes
    }
}
