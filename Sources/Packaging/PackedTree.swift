package import ByteIO
package import Diagnostics
import Layers
import SourceTree

/// A directory as one compressed archive: as a layer is written, so that the same files give the same bytes.
package struct PackedTree {
    private let blueprint: LayerBlueprint

    /// - Parameters:
    ///   - modified: the time of every file, in seconds since 1970.
    /// - Throws: what is wrong with the files.
    package init(_ directory: FilePath, modified: Int64) throws(DiagnosticList) {
        var problems = Problems()
        var options = DirectoryWalk.Options()
        options.modified = modified
        let walk = DirectoryWalk(directory, to: .root, options, &problems)
        let blueprint = problems.collect { () throws(Diagnostic) in
            try LayerBlueprint(
                .application,
                createdBy: "coracle-dist",
                entries: walk.entries.filter { !$0.path.isRoot }
            )
        }
        if let list = DiagnosticList(problems.diagnostics) { throw list }
        guard let blueprint else { preconditionFailure("what failed has a problem") }
        self.blueprint = blueprint
    }

    /// Writes the archive into a file beside `place`, which it can become.
    package func written(besides place: FilePath) async throws(Diagnostic) -> SealedDraft {
        var draft = try BlobDraft(in: place.directory)
        _ = try await LayerWriter(cores: 2).write(blueprint, LayerCompression(level: 9), to: &draft)
        return draft.seal()
    }
}
