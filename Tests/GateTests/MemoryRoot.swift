import Diagnostics
import Findings
import Gate
import Layers

/// A root filesystem in memory.
struct MemoryRoot: ImageRoot {
    private var table: [EntryPath: RootEntry] = [:]
    private var contents: [EntryPath: [UInt8]] = [:]

    /// Each with the directories above it, if they are not there.
    init(_ files: [File]) {
        for file in files {
            let path = EntryPath(unchecked: Array(file.path.utf8.dropFirst()))
            var next = path.parent
            while let parent = next, !parent.isRoot, table[parent] == nil {
                table[parent] = RootEntry(parent, .directory, mode: 0o755, origin: file.origin)
                next = parent.parent
            }
            table[path] = RootEntry(
                path,
                file.kind,
                mode: file.mode,
                uid: file.uid,
                gid: file.gid,
                size: file.size ?? Int64(file.content.count),
                origin: file.origin,
                modified: file.modified
            )
            contents[path] = file.content
        }
    }

    subscript(path: EntryPath) -> RootEntry? { table[path] }

    var entries: [RootEntry] { table.values.sorted { $0.path < $1.path } }

    func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        contents[entry.path].map { Array($0.dropFirst(Int(offset)).prefix(count)) }
    }

    struct File {
        let path: String
        var kind = RootEntry.Kind.file
        var mode: UInt16 = 0o644
        var uid: UInt32 = 0
        var gid: UInt32 = 0
        var content: [UInt8] = []
        /// Larger than the content that is at hand.
        var size: Int64?
        var origin = RootEntry.Origin.application
        var modified: Int64 = 0
    }
}

/// A file of the application.
func file(
    _ path: String,
    _ content: String = "x",
    _ mode: UInt16 = 0o644,
    uid: UInt32 = 0,
    gid: UInt32 = 0,
    size: Int64? = nil,
    origin: RootEntry.Origin = .application
) -> MemoryRoot.File {
    MemoryRoot.File(
        path: path,
        mode: mode,
        uid: uid,
        gid: gid,
        content: Array(content.utf8),
        size: size,
        origin: origin
    )
}

func directory(
    _ path: String,
    _ mode: UInt16 = 0o755,
    uid: UInt32 = 0,
    gid: UInt32 = 0,
    origin: RootEntry.Origin = .application
) -> MemoryRoot.File {
    MemoryRoot.File(path: path, kind: .directory, mode: mode, uid: uid, gid: gid, origin: origin)
}

func symlink(_ path: String, to target: String) -> MemoryRoot.File {
    MemoryRoot.File(path: path, kind: .symlink(target: Array(target.utf8)), mode: 0o777)
}
