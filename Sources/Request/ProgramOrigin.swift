package import ByteIO

/// Where programs are from that were made for this build, by a toolchain of the user's, and are gone after it.
package struct ProgramOrigin: Hashable, Encodable, Sendable {
    /// What the user named: a directory, a file of the project, or a package.
    package let typed: FilePath
    /// The directory that the program was made in, without symlinks.
    package let root: FilePath

    package init(typed: FilePath, root: FilePath) {
        self.typed = typed
        self.root = root
    }
}

extension BuildRequest {
    /// Where layers of this application are remembered: the same for the same source, wherever its programs were made.
    package func lineage(of path: FilePath) -> FilePath {
        guard let origin else { return path.resolved ?? path }
        return origin.root.appending(origin.typed.display).appending(path.name)
    }
}
