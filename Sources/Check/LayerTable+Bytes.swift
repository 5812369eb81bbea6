import Archive
import ByteIO
import Diagnostics
import ELF
import OCI

// What a cache keeps of a table. Numbers are little-endian, texts and contents have their count before them.
extension LayerTable {
    /// The table in a form that `init(bytes:)` reads.
    package var bytes: [UInt8] {
        var writer = BinaryWriter()
        writer.put(diffID.description.utf8)
        writer.put(size)
        return writer.bytes + encodedRecords
    }

    /// `nil` if `bytes` did not write them.
    package init?(bytes: [UInt8]) {
        var reader = BinaryReader(bytes)
        guard
            let text = reader.bytes(),
            let digest = try? Digest(parsing: String(decoding: text, as: UTF8.self)),
            let size: Int64 = reader.number(), size >= 0
        else { return nil }
        let start = reader.position
        var records = RecordReader(reader)
        var count = 0
        while !records.isAtEnd {
            guard records.skip() else { return nil }
            count += 1
        }
        self.init(diffID: DiffID(digest), size: size, encodedRecords: Array(bytes[start...]), count: count)
    }

    /// In the order of the tar. One at a time is in memory.
    package var records: Records { Records(bytes: encodedRecords) }

    package struct Records: Sequence {
        fileprivate let bytes: [UInt8]

        package func makeIterator() -> Iterator { Iterator(reader: RecordReader(BinaryReader(bytes))) }

        package struct Iterator: IteratorProtocol {
            fileprivate var reader: RecordReader

            package mutating func next() -> Record? { reader.isAtEnd ? nil : reader.record() }
        }
    }
}

/// The first byte of a record: the kind of its entry in the low bits, and what follows.
private enum RecordHead {
    static let kind: UInt8 = 7
    static let hasContent: UInt8 = 8
    static let hasFacts: UInt8 = 16
    /// Mode and owner are those of the record before.
    static let isAlike: UInt8 = 32
    static let all = kind | hasContent | hasFacts | isAlike
}

/// What the next record is compared with. Neighbours in a layer have most of their paths, and mostly their owners, in common.
private struct RecordBefore: Sendable {
    var path: [UInt8] = []
    var mode: UInt16 = 0
    var uid: UInt32 = 0
    var gid: UInt32 = 0

    func isAlike(_ record: LayerTable.Record) -> Bool {
        mode == record.mode && uid == record.uid && gid == record.gid
    }

    /// How many bytes its path and `other` begin with in common.
    func shared(with other: [UInt8]) -> Int {
        let most = min(path.count, other.count, Int(UInt16.max))
        var count = 0
        while count < most, path[count] == other[count] { count += 1 }
        return count
    }
}

/// Writes records one after the other.
struct RecordWriter: Sendable {
    private var writer = BinaryWriter()
    private var before = RecordBefore()

    /// What was written, without room to grow.
    var bytes: [UInt8] { writer.bytes.withUnsafeBufferPointer { Array($0) } }

    /// In bytes.
    var size: Int { writer.bytes.count }

    mutating func put(_ record: LayerTable.Record) {
        let isAlike = before.isAlike(record)
        var head = record.kind.number
        if record.content != nil { head |= RecordHead.hasContent }
        if record.facts != nil { head |= RecordHead.hasFacts }
        if isAlike { head |= RecordHead.isAlike }
        writer.put(head)
        let shared = before.shared(with: record.path)
        writer.put(UInt16(truncatingIfNeeded: shared))
        writer.put(record.path[shared...])
        switch record.kind {
        case .regular, .directory, .fifo: break
        case .symlink(let target), .hardlink(let target): writer.put(target)
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
            writer.put(major)
            writer.put(minor)
        }
        if !isAlike {
            writer.put(record.mode)
            writer.put(record.uid)
            writer.put(record.gid)
        }
        writer.put(record.size)
        if let content = record.content { writer.put(content) }
        if let facts = record.facts { writer.put(facts.bytes) }
        before = RecordBefore(path: record.path, mode: record.mode, uid: record.uid, gid: record.gid)
    }
}

extension TarEntry.Kind {
    fileprivate var number: UInt8 {
        switch self {
        case .regular: 0
        case .directory: 1
        case .symlink: 2
        case .hardlink: 3
        case .characterDevice: 4
        case .blockDevice: 5
        case .fifo: 6
        }
    }
}

/// Reads what a `RecordWriter` wrote, and returns `nil` for anything else.
private struct RecordReader: Sendable {
    private var reader: BinaryReader
    private var before = RecordBefore()

    init(_ reader: BinaryReader) { self.reader = reader }

    var isAtEnd: Bool { reader.isAtEnd }

    /// Passes over a record; false if it is not one.
    mutating func skip() -> Bool {
        guard let head = head(), path(), reader.skipKind(head & RecordHead.kind), attributes(head),
            let size: Int64 = reader.number(), size >= 0,
            head & RecordHead.hasContent == 0 || reader.slice() != nil
        else { return false }
        guard head & RecordHead.hasFacts != 0 else { return true }
        return reader.slice().map { FileFacts(bytes: Array($0)) != nil } ?? false
    }

    mutating func record() -> LayerTable.Record? {
        guard let head = head(), path(), let kind = reader.kind(head & RecordHead.kind), attributes(head),
            let size: Int64 = reader.number(), size >= 0
        else { return nil }
        var content: [UInt8]?
        if head & RecordHead.hasContent != 0 {
            guard let bytes = reader.bytes() else { return nil }
            content = bytes
        }
        var facts: FileFacts?
        if head & RecordHead.hasFacts != 0 {
            guard let found = reader.bytes().flatMap({ FileFacts(bytes: $0) }) else { return nil }
            facts = found
        }
        return LayerTable.Record(
            TarEntry(
                path: before.path,
                kind: kind,
                mode: before.mode,
                uid: before.uid,
                gid: before.gid,
                size: size
            ),
            content: content,
            facts: facts
        )
    }

    private mutating func head() -> UInt8? {
        (reader.number() as UInt8?).flatMap { $0 & ~RecordHead.all == 0 ? $0 : nil }
    }

    /// Makes the record's path out of that of the one before; false if that cannot be.
    private mutating func path() -> Bool {
        guard let shared: UInt16 = reader.number(), Int(shared) <= before.path.count, let rest = reader.slice() else {
            return false
        }
        before.path.replaceSubrange(Int(shared)..., with: rest)
        return true
    }

    private mutating func attributes(_ head: UInt8) -> Bool {
        guard head & RecordHead.isAlike == 0 else { return true }
        guard let mode: UInt16 = reader.number(), let uid: UInt32 = reader.number(), let gid: UInt32 = reader.number()
        else { return false }
        (before.mode, before.uid, before.gid) = (mode, uid, gid)
        return true
    }
}

extension BinaryReader {
    fileprivate mutating func kind(_ number: UInt8) -> TarEntry.Kind? {
        switch number {
        case 0: return .regular
        case 1: return .directory
        case 2: return bytes().map { .symlink(target: $0) }
        case 3: return bytes().map { .hardlink(target: $0) }
        case 4:
            guard let major: UInt32 = self.number(), let minor: UInt32 = self.number() else { return nil }
            return .characterDevice(major: major, minor: minor)
        case 5:
            guard let major: UInt32 = self.number(), let minor: UInt32 = self.number() else { return nil }
            return .blockDevice(major: major, minor: minor)
        case 6: return .fifo
        default: return nil
        }
    }

    fileprivate mutating func skipKind(_ number: UInt8) -> Bool {
        switch number {
        case 0, 1, 6: true
        case 2, 3: slice() != nil
        case 4, 5: self.number() as UInt64? != nil
        default: false
        }
    }
}
