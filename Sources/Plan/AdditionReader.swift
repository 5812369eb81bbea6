import ByteIO
import Diagnostics
import Glibc
import Layers
import OCI
import Request
import SourceTree

/// Reads what `--add` brings.
struct AdditionReader {
    private let request: BuildRequest
    private var remarks = Remarks()

    private init(_ request: BuildRequest) { self.request = request }

    /// The entries of all additions, sorted.
    static func read(_ request: BuildRequest) -> Checked<[LayerEntry]> {
        var reader = AdditionReader(request)
        var entries = [LayerEntry]()
        for addition in request.additions { entries += reader.entries(of: addition) }
        reader.checkContradictions()
        for made in request.made {
            entries +=
                reader.remarks.collect { () throws(Diagnostic) in try made.entry(at: request.modified) }
                .map { [$0] } ?? []
        }
        return Checked(entries.sorted { $0.path < $1.path }, reader.remarks)
    }

    /// Two wishes for one path of which only one can be had.
    private mutating func checkContradictions() {
        var known: [EntryPath: MadeEntry] = [:]
        for made in request.made {
            guard let path = try? EntryPath(absolute: made.path) else { continue }
            if let other = known[path], !other.agrees(with: made) {
                remarks.problems.add(
                    Diagnostic(
                        .addMalformed,
                        "`\(made.path)` is to be two different things",
                        at: .option(made.option),
                        because: "`\(other.option)` and `\(made.option)` say different things about it",
                        hint: "leave one of them out"
                    )
                )
            }
            known[path] = made
        }
    }

    /// Engines mount something else there, so that what the image has cannot be seen.
    private mutating func noteHidden(_ path: EntryPath) {
        let mounts = ["/proc", "/sys", "/dev"]
        guard let mount = mounts.first(where: { EntryPath(normalizing: $0).contains(path) }) else { return }
        remarks.notes.append(
            Diagnostic(
                .planHidden,
                "`\(path)` cannot be seen in a container",
                because: "engines mount the kernel's own files at `\(mount)`",
                hint: "choose another place"
            )
        )
    }

    private mutating func entries(of addition: Addition) -> [LayerEntry] {
        let source = addition.source
        guard
            let path = remarks.collect({ () throws(Diagnostic) in try EntryPath(absolute: addition.destination) })
        else { return [] }
        noteHidden(path)
        let status: FileStatus
        do throws(SystemError) {
            status = try FileStatus(at: source, following: true)
        } catch {
            remarks.problems.add(
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
            let found = remarks.collect { [request] () throws(Diagnostic) in
                try DirectoryWalk.Options(walking: source, of: request)
            }
            guard var options = found else { return [] }
            (options.mode, options.uid, options.gid) = (addition.mode, addition.uid, addition.gid)
            let walk = DirectoryWalk(source, to: path, options, &remarks.problems)
            remarks.notes += walk.notes
            return walk.entries
        case .regular:
            let fits = request.check(source, status, at: addition.destination)
            guard remarks.take(fits) else { return [] }
            let capabilities = (source.resolved ?? source).fileCapabilities
            if let lost = capabilities, !request.keepsCapabilities {
                remarks.notes.append(.capabilitiesNotCarried(source, lost))
            }
            return [
                LayerEntry(
                    path,
                    .file(source.resolved ?? source, status.stamp),
                    mode: addition.mode ?? FileModes.file(isExecutable: status.isExecutable),
                    uid: addition.uid,
                    gid: addition.gid,
                    modified: request.modified.secondsSince1970,
                    capability: request.keepsCapabilities ? capabilities?.value ?? [] : []
                )
            ]
        default:
            remarks.problems.add(
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
}

extension BuildRequest {
    /// Whether the file `source` may go to `destination`, and is as small as the user wants it.
    func check(_ source: FilePath, _ status: FileStatus, at destination: String) -> Checked<Bool> {
        var remarks = Remarks()
        // `/srv/` could mean the file `srv`, or a place below `/srv`: it is not guessed.
        if destination.hasSuffix("/") {
            remarks.problems.add(
                Diagnostic(
                    .planFileName,
                    "`\(destination)` is a directory, and `\(source.display)` a file",
                    because: "the destination of a file ends with the file's name",
                    hint: "write `\(destination)\(source.name)`"
                )
            )
        } else if status.size > largestFile {
            remarks.problems.add(.tooLarge(source, status, limit: largestFile))
        }
        return Checked(remarks.problems.isEmpty, remarks)
    }
}

extension Diagnostic.Code {
    static let planHidden = Self("plan.hidden", .input)
    static let planFileName = Self("plan.file-name", .usage)
}
