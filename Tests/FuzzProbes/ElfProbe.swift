import Diagnostics

@testable import ELF

/// Asks an ELF file everything that coracle asks of one.
enum ElfProbe {
    static func read(_ bytes: [UInt8]) {
        let source = BytesSource(bytes: bytes)
        if let facts = try? FileFacts(source, named: "probe") {
            // What a cache keeps is read as it was written.
            require(FileFacts(bytes: facts.bytes) == facts, "facts are not read as they were written")
        }
        for order in [ElfFormat.ByteOrder.little, .big] { _ = LibraryCache(parsing: bytes, byteOrder: order) }
        _ = FileFacts(bytes: bytes)
        guard let file = try? ElfFile(source, named: "probe") else { return }
        _ = GoBuildInfo(in: file, reading: source)
        _ = SectionTable(of: file, in: source)?.first(named: ".text")
        _ = ArmAttributes(of: file, in: source)
        for need in file.dynamic?.versionNeeds.prefix(4) ?? [] {
            for version in need.versions.prefix(4) {
                _ = file.symbols(needing: version.name, of: need.library, in: source)
            }
        }
    }

    private struct BytesSource: ElfSource {
        let bytes: [UInt8]

        var size: Int64 { Int64(bytes.count) }

        func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
            guard offset >= 0, count >= 0, Int64(count) <= size - offset else {
                throw Diagnostic(.elfTruncated, "out of the file", because: "there are \(size) bytes")
            }
            return Array(bytes[Int(offset)..<Int(offset) + count])
        }
    }
}
