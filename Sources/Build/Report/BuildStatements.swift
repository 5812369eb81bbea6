package import Diagnostics
package import Layers
package import OCI
package import Store

/// What is said about images that are built: it hangs on them, and none of it is part of them.
package protocol BuildStatements: Sendable {
    /// Whether they are about the plan: then an earlier build is not taken as it is.
    var needsPlan: Bool { get }

    /// Whether they need the digests of files, which are taken while layers are written.
    var takesDigests: Bool { get }

    /// `images` with what stands beside them where they are written on this machine.
    ///
    /// - Parameter files: by the digests of their layers, what was written just now.
    func accompanied(_ images: ImageSet, knowing files: [Digest: WrittenFiles]) async throws(Diagnostic) -> ImageSet

    /// States it about images that are in place.
    ///
    /// - Parameter report: `nil` for an earlier build.
    func state(about images: ImageSet, _ report: BuildReport?) async throws(Diagnostic) -> [BuildStatement]
}

/// One thing that was said about images.
package struct BuildStatement: Sendable {
    /// For a person; `nil` if nothing was written.
    package let line: String?
    /// For a program: a member of the array `attached`; `nil` for a file of this machine.
    package let json: JSON?

    package init(line: String?, json: JSON? = nil) { (self.line, self.json) = (line, json) }
}

extension [BuildStatement] {
    /// The member `attached`; `nil` if nothing hangs on the images.
    package var json: JSON? {
        let all = compactMap(\.json)
        return all.isEmpty ? nil : .array(all)
    }
}
