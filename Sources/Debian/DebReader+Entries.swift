package import Archive
import ByteIO
package import Diagnostics
import Glibc
package import Layers

/// The entries that a package puts into an image.
package struct DebEntries: Sendable {
    /// The entries in the package's order. Of a file with several names, the first by path has the content.
    package let entries: [LayerEntry]
    /// Files that lost a setuid or setgid bit. In an image that runs as one user, the bits are only a risk.
    package let stripped: [EntryPath]
    /// The directory with the content of large files until they are in a layer.
    package let spill: SpillDirectory
}

/// What reads a package's files one after the other.
package protocol PackageReading: ~Copyable {
    /// Without entries.
    var table: DebTable { get }

    /// The next entry; `nil` at the end, when the whole package has been read.
    mutating func next() throws(Diagnostic) -> TarRecord?

    /// Fills the front of `buffer` with the current entry's content and returns the number of bytes; 0 at its end.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int

    /// The rest of the current entry's content.
    mutating func readContent(limit: Int) throws(Diagnostic) -> [UInt8]
}

extension DebReader: PackageReading {
    package var table: DebTable { DebTable(name: control.name) }
}

extension PackageReading where Self: ~Copyable {
    /// Reads the package to its end, and returns its files for a layer.
    ///
    /// Files of more than 256 KiB, and all once 32 MiB are in memory, go to `spill` as files of their own.
    /// - Throws: `deb.path-refused`, or its like, for a path that is absolute or below a symlink of the same package, that occurs twice,
    ///   or whose name means something else in a layer; `deb.kind-refused` for a device or FIFO, and for a hard link to
    ///   anything but a file of the same package; and as `next`.
    package mutating func entries(spillingTo spill: SpillDirectory) throws(Diagnostic) -> DebEntries {
        var table = table
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

/// Takes the content of a package's files.
private struct DebContent {
    private static let largestInMemory: Int64 = 256 << 10
    private static let memory: Int64 = 32 << 20

    let spill: SpillDirectory
    private var inMemory: Int64 = 0
    private var spilled = 0

    init(spill: SpillDirectory) { self.spill = spill }

    mutating func take(
        _ size: Int64,
        from reader: inout some PackageReading & ~Copyable
    ) throws(Diagnostic) -> LayerEntry.Content {
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
