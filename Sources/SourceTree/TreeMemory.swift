package import ByteIO
package import Diagnostics
package import Layers
import OCI
package import Store

/// The directories that this user has had listed, so that they need not be read again.
package struct TreeMemory: Sendable {
    /// A change in what is kept needs another number.
    private static let kind = "tree-1"

    package let cache: BlobCache
    package let trust: StampTrust
    /// Whether directories are read although they look as they did.
    package let isReadingAll: Bool

    package init(cache: BlobCache, trust: StampTrust, isReadingAll: Bool) {
        self.cache = cache
        self.trust = trust
        self.isReadingAll = isReadingAll
    }

    /// What is below `root`, which looks like `status` and is `resolved` without symlinks.
    package func tree(
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
