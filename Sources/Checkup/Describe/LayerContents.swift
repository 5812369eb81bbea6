import Archive
import ByteIO
import Check
import Diagnostics
import Findings
import Inventory
import Layers
import OCI
import Store

/// What an inventory looks at in a layer: its entries, the digests of its files, and the contents of some.
struct LayerContents: Sendable {
    /// Which contents are kept.
    enum Keeping: Int, Comparable, Sendable {
        /// Those of records, and the first bytes of what may be a program: enough if all programs belong to packages.
        case records
        /// Those of records and of ELF files.
        case recordsAndPrograms
        case everything

        static func < (left: Keeping, right: Keeping) -> Bool { left.rawValue < right.rawValue }
    }

    /// What is known of a file's content.
    enum Content: Sendable {
        case notKept
        /// The first bytes, or all of them.
        case start([UInt8])
        /// All of it, from this place of the draft on.
        case draft(at: Int64)
    }

    /// In the order of the tar; a file's index is its locator.
    let entries: [TarEntry]
    /// For each entry.
    let contents: [Content]
    /// For each entry; empty if they were not taken.
    let digests: [FileDigests]
    let draft: SealedDraft?

    /// Reads and verifies all of `layer`. Contents beyond `inMemory` bytes are put into a file without a name.
    ///
    /// - Throws: what `LayerScan` throws; `layer.too-many-entries`, `layer.too-much-metadata`; `io.failed`.
    init(
        _ layer: Descriptor,
        in blob: LocalBlob,
        keeping: Keeping,
        takingDigests: Bool,
        inMemory: Int,
        drafts directory: FilePath,
        _ budget: SharedBudget
    ) throws(Diagnostic) {
        var visitor = ContentsVisitor(layer, keeping, takingDigests, inMemory, directory, budget)
        _ = try LayerScan(layer, in: blob, &visitor)
        (entries, contents, digests) = (visitor.entries, visitor.contents, visitor.digests)
        draft = visitor.seal()
    }

    /// Up to `count` bytes at `offset` of the content of the entry `index`, which has `size` bytes; `nil` if they were not kept.
    func bytes(of index: Int, size: Int64, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        let count = Int(max(0, min(Int64(count), size - offset)))
        guard offset >= 0, count > 0 else { return [] }
        switch contents[index] {
        case .notKept: return nil
        case .start(let bytes):
            guard Int64(bytes.count) >= offset + Int64(count) else { return nil }
            return Array(bytes[Int(offset)...].prefix(count))
        case .draft(let place): return try draft?.bytes(at: place + offset, count: count)
        }
    }
}

extension LayerContents {
    /// The same without digests, as a cache keeps it; `nil` if some of the contents are too large for one.
    var table: [UInt8]? {
        var records = [LayerTable.Record]()
        records.reserveCapacity(entries.count)
        for (entry, content) in zip(entries, contents) {
            switch content {
            case .notKept: records.append(LayerTable.Record(entry))
            case .start(let bytes): records.append(LayerTable.Record(entry, content: bytes))
            case .draft: return nil
            }
        }
        return LayerTable(diffID: DiffID(Digest(sha256Of: [])), size: 0, records: records).bytes
    }

    /// What `table` was made of.
    init?(table bytes: [UInt8]) {
        guard let table = LayerTable(bytes: bytes) else { return nil }
        var entries = [TarEntry]()
        var contents = [Content]()
        for record in table.records {
            entries.append(record.entry)
            contents.append(record.content.map { .start($0) } ?? .notKept)
        }
        (self.entries, self.contents, digests, draft) = (entries, contents, [], nil)
    }
}

private struct ContentsVisitor: LayerVisitor, ~Copyable {
    private static let largestInMemory = 4 << 20
    private static let magic: [UInt8] = [0x7F, 0x45, 0x4C, 0x46]

    private(set) var entries: [TarEntry] = []
    private(set) var contents: [LayerContents.Content] = []
    private(set) var digests: [FileDigests] = []
    private let layer: Descriptor
    private let keeping: LayerContents.Keeping
    private let takesDigests: Bool
    private let directory: FilePath
    private let budget: SharedBudget
    private var memoryLeft: Int
    private var draft: BlobDraft?
    private var draftSize: Int64 = 0
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)

    init(
        _ layer: Descriptor,
        _ keeping: LayerContents.Keeping,
        _ takesDigests: Bool,
        _ inMemory: Int,
        _ directory: FilePath,
        _ budget: SharedBudget
    ) {
        (self.layer, self.keeping, self.takesDigests, memoryLeft) = (layer, keeping, takesDigests, inMemory)
        (self.directory, self.budget) = (directory, budget)
    }

    deinit { buffer.deallocate() }

    mutating func visit<Content: ByteSource & ~Copyable>(
        _ record: TarRecord,
        _ content: inout Content
    ) throws(Diagnostic) {
        try budget.take(entries: 1, metadata: record.path.count, of: .blob(layer.digest.description))
        entries.append(record.entry)
        var kept = LayerContents.Content.notKept
        var running = FileDigests.Running()
        if record.kind == .regular {
            kept = try read(record, &content, &running)
        }
        contents.append(kept)
        if takesDigests { digests.append(running.finalize()) }
    }

    /// Reads as much of the content as is wanted.
    private mutating func read<Content: ByteSource & ~Copyable>(
        _ record: TarRecord,
        _ content: inout Content,
        _ running: inout FileDigests.Running
    ) throws(Diagnostic) -> LayerContents.Content {
        guard record.size > 0 else { return .start([]) }
        let interest = Inventory.interest(
            in: RootEntry(record.entry, at: EntryPath(unchecked: record.path), origin: .base)
        )
        guard interest != nil || takesDigests || keeping == .everything else { return .notKept }
        var filled = try fill(from: &content)
        var isKept = keeping == .everything || interest == .record
        if interest == .program, !isKept {
            let start = Array(buffer[..<min(filled, 4)])
            guard start == Self.magic, keeping >= .recordsAndPrograms else {
                if takesDigests { try digest(filled, &content, &running) }
                return .start(start)
            }
            isKept = true
        }
        guard isKept else {
            if takesDigests { try digest(filled, &content, &running) }
            return .notKept
        }
        if record.size <= Int64(min(Self.largestInMemory, memoryLeft)) {
            memoryLeft -= Int(record.size)
            var bytes = [UInt8]()
            bytes.reserveCapacity(Int(record.size))
            while filled > 0 {
                bytes += buffer[..<filled]
                filled = try filled < buffer.count ? 0 : fill(from: &content)
            }
            if takesDigests { bytes.withUnsafeBytes { running.update($0) } }
            return .start(bytes)
        }
        let place = draftSize
        if draft == nil { draft = try BlobDraft(in: directory) }
        while filled > 0 {
            let part = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
            if takesDigests { running.update(part) }
            try draft?.write(part)
            draftSize += Int64(filled)
            filled = try fill(from: &content)
        }
        return .draft(at: place)
    }

    /// Counts the `filled` bytes that are read, and all that follow.
    private mutating func digest<Content: ByteSource & ~Copyable>(
        _ filled: Int,
        _ content: inout Content,
        _ running: inout FileDigests.Running
    ) throws(Diagnostic) {
        // A small file is whole already, and its bytes are needed once more.
        running.update(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
        guard filled == buffer.count else { return }
        while true {
            let count = try fill(from: &content)
            if count == 0 { return }
            running.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// Fills the buffer; fewer bytes only at the content's end.
    private mutating func fill<Content: ByteSource & ~Copyable>(from content: inout Content) throws(Diagnostic) -> Int {
        var filled = 0
        while filled < buffer.count {
            let count = try content.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// What was written into a file, if anything was.
    mutating func seal() -> SealedDraft? {
        guard let draft = draft.take() else { return nil }
        return draft.seal()
    }
}
