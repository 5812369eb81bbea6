import Diagnostics
package import Findings
import Layers

/// Follows paths through a root filesystem as the kernel does for one user: through symlinks, and with the execute bit of
/// every directory on the way.
package struct RootWalk<Root: ImageRoot>: Sendable {
    package enum Outcome: Hashable, Sendable {
        /// What is there; of a hard link, the file itself.
        case found(RootEntry)
        /// Nothing is there.
        case missing
        /// The user may not search this directory.
        case denied(RootEntry)
        /// There are more symlinks on the way than Linux follows.
        case loop
    }

    /// Smallest length of a path that Linux refuses, in bytes (PATH_MAX).
    private static var lengthLimit: Int { 4096 }

    let root: Root
    package let user: ContainerUser

    package init(root: Root, user: ContainerUser) {
        self.root = root
        self.user = user
    }

    /// Follows `path`, which is absolute; a relative one is taken from the root directory.
    package func reach(_ path: some Collection<UInt8>) -> Outcome {
        guard path.count < Self.lengthLimit else { return .missing }
        let walk = PathWalk(path, mayEnter: { user.may(.execute, directory(at: $0)) }) { place in
            root.step(at: place)
        }
        switch walk {
        case .found(let place): return .found(root.file(at: place) ?? directory(at: place))
        case .missing, .blocked: return .missing
        case .denied(let place): return .denied(directory(at: place))
        case .loop: return .loop
        }
    }

    /// A directory that no layer has an entry for is made by what unpacks the image: it is root's, and open to all.
    private func directory(at path: EntryPath) -> RootEntry {
        root.file(at: path) ?? RootEntry(path, .directory, mode: FileModes.directory, origin: .base)
    }
}
