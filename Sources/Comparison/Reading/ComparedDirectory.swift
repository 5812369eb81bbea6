import Archive
import ByteIO
import Diagnostics
import Findings
import Glibc
import Layers
import OCI

/// A directory of this machine that is compared as a root filesystem: like one layer, and the contents stay at hand.
struct ComparedDirectory: Sendable {
    let layer: ComparedLayer
    let root: DirectoryRoot
    /// Sockets, which no image can have.
    let notes: [Diagnostic]

    /// Reads everything below `path`; a symlink at `path` itself is followed, and none below it.
    ///
    /// - Throws: `tree.…` and `io.failed` for what cannot be read; `layer.too-many-entries`, `layer.too-much-metadata`.
    init(_ path: FilePath, drafts: FilePath, _ limits: TableLimits) throws(Diagnostic) {
        var budget = TableBudget(limits)
        let subject = Diagnostic.Subject.file(path: path.display)
        var found = [(entry: TarEntry, status: FileStatus)]()
        var sockets = 0
        var pending: [[UInt8]] = [[]]
        while let name = pending.popLast() {
            try checkCancellation()
            for (child, status, target) in try Self.list(path, name) {
                let place = name.isEmpty ? child : name + [UInt8(ascii: "/")] + child
                try budget.take(entries: 1, metadata: place.count + (target?.count ?? 0), of: subject)
                guard let kind = Self.kind(status, target) else {
                    sockets += 1
                    continue
                }
                if kind == .directory { pending.append(place) }
                let entry = TarEntry(
                    path: place,
                    kind: kind,
                    mode: status.permissions,
                    uid: 0,
                    gid: 0,
                    size: kind == .regular ? status.size : 0
                )
                found.append((entry, status))
            }
        }
        found.sort { EntryPath(unchecked: $0.entry.path) < EntryPath(unchecked: $1.entry.path) }
        let entries = found.map(\.entry)
        let parts = inStretches(of: 64, entries.count) { stretch in
            Result { () throws(Diagnostic) in
                try stretch.map { index throws(Diagnostic) in
                    try Self.detail(entries[index], in: path, drafts: drafts)
                }
            }
        }
        var writer = ComparedLayerWriter()
        var index = 0
        for part in parts {
            for detail in try part.get() {
                try budget.take(entries: 0, metadata: writer.put(entries[index], detail), of: subject)
                index += 1
            }
        }
        layer = writer.finalize(diffID: DiffID(Digest(sha256Of: [])), size: 0)
        root = DirectoryRoot(path, entries)
        notes =
            sockets == 0
            ? []
            : [
                Diagnostic(
                    .diffSockets,
                    sockets == 1 ? "a socket is passed over" : "\(sockets) sockets are passed over",
                    at: subject,
                    because: "no image can have one"
                )
            ]
    }

    private static func list(
        _ root: FilePath,
        _ name: [UInt8]
    ) throws(Diagnostic) -> [([UInt8], FileStatus, [UInt8]?)] {
        let path = name.isEmpty ? root : root.appending(name: name)
        do throws(SystemError) {
            let file = try OpenFile(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | (name.isEmpty ? 0 : O_NOFOLLOW))
            return try file.directoryEntries().map { child throws(SystemError) in
                let status = try file.status(of: child[...])
                return (child, status, status.kind == .symlink ? try file.symlinkTarget(of: child[...]) : nil)
            }
        } catch {
            throw error.diagnostic("read the directory", path.display)
        }
    }

    /// `nil` for a socket.
    private static func kind(_ status: FileStatus, _ target: [UInt8]?) -> TarEntry.Kind? {
        switch status.kind {
        case .regular: .regular
        case .directory: .directory
        case .symlink: .symlink(target: target ?? [])
        case .fifo: .fifo
        // Their numbers are not compared: to make a device one has to be root.
        case .characterDevice: .characterDevice(major: 0, minor: 0)
        case .blockDevice: .blockDevice(major: 0, minor: 0)
        case .socket, .unknown: nil
        }
    }

    private static func detail(
        _ entry: TarEntry,
        in root: FilePath,
        drafts: FilePath
    ) throws(Diagnostic) -> ComparedLayer.Detail {
        guard entry.kind == .regular else { return ComparedLayer.Detail() }
        let path = root.appending(name: entry.path)
        var content = try HostContent(path)
        let name = EntryPath(unchecked: entry.path).description
        return try ComparedLayer.Detail(of: &content, size: entry.size, named: name, drafts: drafts)
    }
}

/// The bytes of a file of this machine, in order.
private struct HostContent: ByteSource, ~Copyable {
    private let path: FilePath
    private let file: OpenFile
    private var position: Int64 = 0

    init(_ path: FilePath) throws(Diagnostic) {
        self.path = path
        do throws(SystemError) {
            file = try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            throw error.diagnostic("read the file", path.display)
        }
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        do throws(SystemError) {
            let count = try file.read(into: buffer, at: position)
            position += Int64(count)
            return count
        } catch {
            throw error.diagnostic("read the file", path.display)
        }
    }
}

/// A directory of this machine as the root filesystem whose inventory is taken.
struct DirectoryRoot: ImageRoot {
    /// Sorted by path.
    let entries: [RootEntry]
    private let path: FilePath

    init(_ path: FilePath, _ entries: [TarEntry]) {
        self.path = path
        self.entries = entries.map { RootEntry($0, at: EntryPath(unchecked: $0.path), origin: .base) }
    }

    subscript(path: EntryPath) -> RootEntry? {
        if path.isRoot { return RootEntry(path, .directory, mode: FileModes.directory, origin: .base) }
        return entries.index(of: path).map { entries[$0] }
    }

    func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        guard entry.kind == .file, offset >= 0 else { return nil }
        let path = path.appending(name: entry.path.bytes)
        do throws(SystemError) {
            let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            return try file.bytes(at: offset, count: Int(max(0, min(Int64(count), entry.size - offset))))
        } catch {
            throw error.diagnostic("read the file", path.display)
        }
    }
}

extension Diagnostic.Code {
    static let diffSockets = Self("diff.sockets", .input)
}
