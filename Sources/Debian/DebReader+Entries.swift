import Archive
import ByteIO
package import Diagnostics
import Glibc
package import Layers

/// What a package puts into an image.
package struct DebEntries: Sendable {
    /// In the package's order; of files with several names the first by order of paths has the content.
    package let entries: [LayerEntry]
    /// Files that lost a setuid or setgid bit: in an image that has nobody to become root from, they are only a risk.
    package let stripped: [EntryPath]
    /// Where the content of large files is until they are in a layer.
    package let spill: SpillDirectory
}

extension DebReader {
    /// The package's files for a layer, and the package read to its end.
    ///
    /// Files of more than 256 KiB, and all once 32 MiB are in memory, go to `spill` as files of their own.
    /// - Throws: `deb.path-refused` for a path that is absolute or below a symlink of the same package, that stands twice,
    ///   or whose name means something else in a layer; `deb.kind-refused` for a device or FIFO, and for a hard link to
    ///   anything but a file of the same package; and as `next`.
    package mutating func entries(spillingTo spill: SpillDirectory) throws(Diagnostic) -> DebEntries {
        var table = DebTable(name: control.name)
        var content = DebContent(spill: spill)
        while let record = try next() {
            guard let path = try table.path(of: record) else { continue }
            switch record.kind {
            case .regular:
                try table.add(record, at: path, try content.take(record.size, from: &self))
            case .directory: try table.add(record, at: path, .directory)
            case .symlink(let target): try table.add(record, at: path, .symlink(target: target))
            case .hardlink(let target): try table.link(record, at: path, to: EntryPath(unchecked: target))
            case .characterDevice, .blockDevice, .fifo: throw table.refusal(of: record)
            }
        }
        return DebEntries(entries: try table.finished(), stripped: table.stripped, spill: spill)
    }
}

/// Where the content of a package's files goes.
private struct DebContent {
    private static let largestInMemory: Int64 = 256 << 10
    private static let memory: Int64 = 32 << 20

    let spill: SpillDirectory
    private var inMemory: Int64 = 0
    private var spilled = 0

    init(spill: SpillDirectory) { self.spill = spill }

    mutating func take(_ size: Int64, from reader: inout DebReader) throws(Diagnostic) -> LayerEntry.Content {
        if size <= Self.largestInMemory, inMemory + size <= Self.memory {
            inMemory += size
            return .bytes(try reader.readContent(limit: Int(size)))
        }
        spilled += 1
        let path = TemporaryPaths.name(in: spill.path, for: "file\(spilled)")
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        let file: OpenFile
        do throws(SystemError) {
            file = try OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        } catch {
            throw Self.failure(error, path)
        }
        while true {
            let count = try reader.read(into: buffer)
            do throws(SystemError) {
                if count == 0 { return .file(path, try file.status().stamp) }
                try file.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } catch {
                throw Self.failure(error, path)
            }
        }
    }

    private static func failure(_ error: SystemError, _ path: FilePath) -> Diagnostic {
        error.diagnostic("write a package's file", path.display)
    }
}
