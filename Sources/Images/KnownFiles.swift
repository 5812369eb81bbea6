import ByteIO

/// What a location's reader asks about files, so that its rules can be tried without any.
package struct KnownFiles: Sendable {
    enum Kind { case layout, archive }

    /// Whether there is anything of that name.
    let exists: @Sendable (FilePath) -> Bool
    /// Which kind of image seems to be there; `nil` if there is none.
    let kind: @Sendable (FilePath) -> Kind?

    static let thisMachine = KnownFiles(
        exists: { (try? FileStatus(at: $0, following: true)) != nil },
        kind: { path in
            switch (try? FileStatus(at: path, following: true))?.kind {
            case .regular: .archive
            case .directory where (try? FileStatus(at: path.appending("oci-layout"))) != nil: .layout
            default: nil
            }
        }
    )
}
