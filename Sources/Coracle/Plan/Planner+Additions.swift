import ByteIO
import Diagnostics
import Glibc
import Layers
import OCI

extension Planner {
    mutating func addAdditions(to stack: inout LayerStack) {
        var entries = [LayerEntry]()
        for addition in request.additions { entries += self.entries(of: addition) }
        stack.add(
            entries.sorted { $0.path < $1.path },
            createdBy: "coracle: " + request.additions.map { "--add \($0.destination)" }.joined(separator: " "),
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
            guard var options = walkOptions(in: source) else { return [] }
            (options.fileMode, options.uid, options.gid) = (addition.mode, addition.uid, addition.gid)
            let walk = DirectoryWalk(source, to: path, options, &problems)
            notes += walk.notes
            return walk.entries
        case .regular:
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

    mutating func walkOptions(in root: FilePath) -> DirectoryWalk.Options? {
        guard
            let ignored = problems.collect({ () throws(Diagnostic) in
                try IgnoreFile(in: root)
            })
        else { return nil }
        var options = DirectoryWalk.Options()
        options.ignoring = ignored.rules
        // They say what is left out of the image, and are no part of what is in it.
        options.skipping = Set(ignored.files)
        options.modified = request.modified.secondsSince1970
        options.allowsEscapingSymlinks = request.allowsEscapingSymlinks
        options.largestFile = request.largestFile
        return options
    }
}
