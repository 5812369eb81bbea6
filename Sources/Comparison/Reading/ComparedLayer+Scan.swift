import Archive
import ByteIO
import Check
import Diagnostics
import ELF
import Layers
import OCI
import Store

extension ComparedLayer {
    /// Reads and verifies all of `layer`. Large ELF files are put into `directory` for a moment.
    ///
    /// - Throws: what `LayerScan` throws; `layer.too-many-entries`, `layer.too-much-metadata`; `io.failed`.
    init(
        _ layer: Descriptor,
        in blob: LocalBlob,
        drafts directory: FilePath,
        _ budget: SharedBudget
    ) throws(Diagnostic) {
        var visitor = Visitor(layer: layer, drafts: directory, budget)
        let scan = try LayerScan(layer, in: blob, &visitor)
        self = visitor.finalize(diffID: scan.diffID, size: scan.size)
    }

    private struct Visitor: LayerVisitor, ~Copyable {
        private let layer: Descriptor
        private let directory: FilePath
        private let budget: SharedBudget
        private var writer = ComparedLayerWriter()

        init(layer: Descriptor, drafts directory: FilePath, _ budget: SharedBudget) {
            (self.layer, self.directory, self.budget) = (layer, directory, budget)
        }

        mutating func visit<Content: ByteSource & ~Copyable>(
            _ record: TarRecord,
            _ content: inout Content
        ) throws(Diagnostic) {
            var detail = ComparedLayer.Detail()
            if record.kind == .regular {
                let name = "/" + String(printing: record.path)
                detail = try ComparedLayer.Detail(of: &content, size: record.size, named: name, drafts: directory)
            }
            detail.attributes = Self.attributes(record.pax)
            let size = writer.put(record.entry, detail)
            try budget.take(entries: 1, metadata: size, of: .blob(layer.digest.description))
        }

        /// As Go's archive/tar and so all engines read them.
        private static func attributes(_ pax: PaxRecords) -> [(name: [UInt8], value: [UInt8])] {
            guard !pax.isEmpty else { return [] }
            let prefix = Array("SCHILY.xattr.".utf8)
            return pax.values.filter { $0.key.starts(with: prefix) }
                .map { (name: Array($0.key.dropFirst(prefix.count)), value: $0.value) }
                .sorted { $0.name.lexicographicallyPrecedes($1.name) }
        }

        consuming func finalize(diffID: DiffID, size: Int64) -> ComparedLayer {
            writer.finalize(diffID: diffID, size: size)
        }
    }
}

extension ComparedLayer.Detail {
    private static let magic: [UInt8] = [0x7F, 0x45, 0x4C, 0x46]

    /// Reads a regular file with `size` bytes.
    ///
    /// - Throws: what `content` throws; `io.failed`.
    init<Content: ByteSource & ~Copyable>(
        of content: inout Content,
        size: Int64,
        named name: String,
        drafts directory: FilePath
    ) throws(Diagnostic) {
        let start = try content.bytes(count: Int(min(size, 1 << 16)))
        if size >= FileFacts.smallestElf, start.starts(with: Self.magic) {
            let file = try StreamedFile(start, followedBy: &content, size: size, drafts: directory)
            self.content = ContentHash(try file.digest(of: 0..<file.size))
            elf = try ElfSummary(file, named: name)?.bytes
            return
        }
        var hasher = SHA256Hasher()
        start.withUnsafeBytes { hasher.update($0) }
        if size > Int64(start.count) {
            try withBuffer(of: 1 << 18) { (buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) in
                while true {
                    let count = try content.read(into: buffer)
                    if count == 0 { return }
                    hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
            }
        }
        self.content = ContentHash(hasher.finalize())
    }
}
