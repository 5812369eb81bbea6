package import Diagnostics
package import Findings

/// Reads the records that one ecosystem leaves in an image.
///
/// Whatever a record says may be a lie: what cannot be right becomes a remark, and never an error.
package protocol PackageReader: Sendable {
    /// Whether the regular file `entry` is a record, or could be a program with records in it. Asked of every file, by name,
    /// mode and size; symlinks are never followed.
    static func isRecord(_ entry: RootEntry) -> Bool

    /// Adds what `records` say.
    ///
    /// - Parameter records: those of the image, sorted by path, without what belongs to the distribution's packages.
    /// - Throws: what keeps the image from being read.
    static func read(
        _ records: [RootEntry],
        of root: some ImageRoot,
        into draft: inout InventoryDraft
    ) throws(Diagnostic)
}

extension Inventory {
    /// A reader for each ecosystem. Debian's is not among them: what its packages own is not read again.
    package static let readers: [any PackageReader.Type] = [
        ProgramReader.self,
        NodePackageReader.self,
        PythonPackageReader.self,
        GemReader.self,
        JavaArchiveReader.self,
        DotNetReader.self,
        ComposerReader.self,
        SwiftPackageReader.self,
    ]
}
