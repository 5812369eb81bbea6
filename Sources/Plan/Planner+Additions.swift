package import ByteIO
import Diagnostics
import Glibc
package import Layers
import OCI
import SourceTree
package import Stack

extension Planner {
    /// What `--add` brings, sorted.
    package mutating func additions() -> [LayerEntry] {
        var entries = [LayerEntry]()
        for addition in request.additions { entries += self.entries(of: addition) }
        return entries.sorted { $0.path < $1.path }
    }

    package mutating func add(_ additions: [LayerEntry], to stack: inout LayerStack) {
        stack.add(
            additions,
            as: .additions,
            createdBy: "coracle: " + request.additions.map { "--add \($0.destination)" }.joined(separator: " "),
            lineage: request.paths.map { ($0.resolved ?? $0).display }.joined(separator: "\u{0}"),
            modified: request.modified.secondsSince1970,
            &problems
        )
    }

    private mutating func entries(of addition: Addition) -> [LayerEntry] {
        let source = addition.source
        guard
            let path = problems.collect({ () throws(Diagnostic) in try EntryPath(absolute: addition.destination) })
        else { return [] }
        let status: FileStatus
        do throws(SystemError) {
            status = try FileStatus(at: source, following: true)
        } catch {
            problems.add(
                Diagnostic(
                    .planUnreadable,
                    "`\(source.display)` cannot be added",
                    at: .file(path: source.display),
                    because: error.description,
                    hint: "check the path given to `--add`"
                )
            )
            return []
        }
        switch status.kind {
        case .directory:
            let found = problems.collect { [request] () throws(Diagnostic) in
                try DirectoryWalk.Options(walking: source, of: request)
            }
            guard var options = found else { return [] }
            (options.fileMode, options.uid, options.gid) = (addition.mode, addition.uid, addition.gid)
            let walk = DirectoryWalk(source, to: path, options, &problems)
            notes += walk.notes
            return walk.entries
        case .regular:
            guard checkFileName(addition.destination, source), checkSize(of: source, status) else { return [] }
            if source.hasFileCapabilities { notes.append(.capabilitiesNotCarried(source)) }
            return [
                LayerEntry(
                    path,
                    .file(source.resolved ?? source, status.stamp),
                    mode: addition.mode ?? (status.isExecutable ? 0o755 : 0o644),
                    uid: addition.uid,
                    gid: addition.gid,
                    modified: request.modified.secondsSince1970
                )
            ]
        default:
            problems.add(
                Diagnostic(
                    .treeSpecialFile,
                    "`\(source.display)` cannot be added",
                    at: .file(path: source.display),
                    because: "it is neither a file nor a directory"
                )
            )
            return []
        }
    }

    /// `/srv/` could mean the file `srv`, or a place below `/srv`: it is not guessed.
    mutating func checkFileName(_ destination: String, _ source: FilePath) -> Bool {
        guard destination.hasSuffix("/") else { return true }
        problems.add(
            Diagnostic(
                .planFileName,
                "`\(destination)` is a directory, and `\(source.display)` a file",
                because: "the destination of a file ends with the file's name",
                hint: "write `\(destination)\(source.name)`"
            )
        )
        return false
    }

    package mutating func checkSize(of source: FilePath, _ status: FileStatus) -> Bool {
        guard status.size > request.largestFile else { return true }
        problems.add(.tooLarge(source, status, limit: request.largestFile))
        return false
    }
}

extension Diagnostic.Code {
    static let planFileName = Self("plan.file-name", .usage)
}
