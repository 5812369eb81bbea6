import ByteIO
import Diagnostics
import Layers
import OCI
import Store

/// The directories that this user has had listed, so that they need not be read again.
struct TreeMemory: Sendable {
    /// A change in what is kept needs another number.
    private static let kind = "tree-1"

    let cache: BlobCache
    let trust: StampTrust
    /// Whether directories are read although they look as they did.
    let isReadingAll: Bool

    /// What is below `root`, which looks like `status` and is `resolved` without symlinks.
    func tree(
        _ root: FilePath,
        _ resolved: FilePath,
        _ status: FileStatus,
        _ options: DirectoryWalk.Options
    ) throws(Diagnostic) -> DirectoryTree {
        let place = Digest(sha256Of: resolved.bytes)
        let bytes = isReadingAll ? nil : try cache.derived(Self.kind, of: place)
        let tree = DirectoryTree(root, status, options, bytes.flatMap { KnownListings(bytes: $0) })
        if !tree.isKnown {
            let news = tree.known(trust).bytes
            if news != bytes { try cache.insert(derived: news, Self.kind, of: place) }
        }
        return tree
    }
}
