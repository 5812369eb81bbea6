import ByteIO
import Diagnostics
import Glibc
import Layers
import OCI
import TestSupport

/// Keeps what is written.
struct MemorySink: ByteSink {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) { self.bytes += bytes }
}

/// Fails like a full disk after a while.
struct FullSink: ByteSink {
    private var room: Int

    init(room: Int) { self.room = room }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) {
        room -= bytes.count
        if room < 0 { throw SystemError(number: ENOSPC).diagnostic("write", "/full") }
    }
}

extension Pseudorandom {
    /// Words that compress about as program text does.
    mutating func text(_ count: Int) -> [UInt8] {
        var bytes = [UInt8]()
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            let number = next()
            // Few words, with a rare number between them.
            bytes += number % 9 == 0 ? "\(number >> 40)\n".utf8 : "word\(number >> 8 & 63) ".utf8
        }
        return Array(bytes[..<count])
    }
}

/// `/a/b` as an entry's path.
func entryPath(_ text: String) -> EntryPath { EntryPath(unchecked: Array(text.utf8.dropFirst())) }

/// A file of this machine as an entry, stamped as it is now.
func fileEntry(_ path: String, at place: String) throws -> LayerEntry {
    LayerEntry(entryPath(place), .file(FilePath(path), try FileStatus(at: FilePath(path)).stamp), mode: 0o644)
}

/// Writes `blueprint` into memory.
func written(_ blueprint: LayerBlueprint, level: Int = 4, cores: Int = 2) async throws -> (
    layer: WrittenLayer, bytes: [UInt8]
) {
    var sink = MemorySink()
    let layer = try await LayerWriter(cores: cores)
        .write(blueprint, LayerCompression(level: level), to: &sink).table.layer
    return (layer, sink.bytes)
}
