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
        var count = 0
        while !reader.isAtEnd {
            guard reader.skipRecord() else { return nil }
            count += 1
        }
        self.init(diffID: DiffID(digest), size: size, encodedRecords: Array(bytes[start...]), count: count)
    }

    /// In the order of the tar. One at a time is in memory.
    package var records: Records { Records(bytes: encodedRecords) }

    package struct Records: Sequence {
        fileprivate let bytes: [UInt8]

        package func makeIterator() -> Iterator { Iterator(reader: BinaryReader(bytes)) }

        package struct Iterator: IteratorProtocol {
            fileprivate var reader: BinaryReader

            package mutating func next() -> Record? { reader.isAtEnd ? nil : reader.record() }
        }
    }
}

extension BinaryWriter {
    mutating func put(_ record: LayerTable.Record) {
        put(record.path)
        put(record.kind)
        put(record.mode)
        put(record.uid)
        put(record.gid)
        put(record.size)
        put(UInt8(record.content == nil ? 0 : 1))
        if let content = record.content { put(content) }
        put(record.facts?.bytes ?? [])
    }

    fileprivate mutating func put(_ kind: TarEntry.Kind) {
        switch kind {
        case .regular: put(UInt8(0))
        case .directory: put(UInt8(1))
        case .symlink(let target):
            put(UInt8(2))
            put(target)
        case .hardlink(let target):
            put(UInt8(3))
            put(target)
        case .characterDevice(let major, let minor):
            put(UInt8(4))
            put(major)
            put(minor)
        case .blockDevice(let major, let minor):
            put(UInt8(5))
            put(major)
            put(minor)
        case .fifo: put(UInt8(6))
        }
    }
}

extension BinaryReader {
    fileprivate mutating func kind() -> TarEntry.Kind? {
        switch number() as UInt8? {
        case 0: return .regular
        case 1: return .directory
        case 2: return bytes().map { .symlink(target: $0) }
        case 3: return bytes().map { .hardlink(target: $0) }
        case 4:
            guard let major: UInt32 = number(), let minor: UInt32 = number() else { return nil }
            return .characterDevice(major: major, minor: minor)
        case 5:
            guard let major: UInt32 = number(), let minor: UInt32 = number() else { return nil }
            return .blockDevice(major: major, minor: minor)
        case 6: return .fifo
        default: return nil
        }
    }

    /// Passes over a record; false if it is not one.
    fileprivate mutating func skipRecord() -> Bool {
        guard slice() != nil, skipKind(),
            number() as UInt16? != nil, number() as UInt32? != nil, number() as UInt32? != nil,
            let size: Int64 = number(), size >= 0,
            let hasContent: UInt8 = number(), hasContent <= 1,
            hasContent == 0 || slice() != nil,
            let facts = slice()
        else { return false }
        return facts.isEmpty || FileFacts(bytes: Array(facts)) != nil
    }

    private mutating func skipKind() -> Bool {
        switch number() as UInt8? {
        case 0, 1, 6: true
        case 2, 3: slice() != nil
        case 4, 5: number() as UInt64? != nil
        default: false
        }
    }

    fileprivate mutating func record() -> LayerTable.Record? {
        guard
            let path = bytes(), let kind = kind(),
            let mode: UInt16 = number(), let uid: UInt32 = number(), let gid: UInt32 = number(),
            let size: Int64 = number(), size >= 0,
            let hasContent: UInt8 = number(), hasContent <= 1
        else { return nil }
        var content: [UInt8]?
        if hasContent == 1 {
            guard let bytes = bytes() else { return nil }
            content = bytes
        }
        guard let written = bytes() else { return nil }
        let facts = FileFacts(bytes: written)
        guard facts != nil || written.isEmpty else { return nil }
        return LayerTable.Record(
            TarEntry(path: path, kind: kind, mode: mode, uid: uid, gid: gid, size: size),
            content: content,
            facts: facts
        )
    }
}
