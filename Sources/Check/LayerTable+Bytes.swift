import Archive
import Diagnostics
import ELF
import OCI

// What a cache keeps of a table. Numbers are little-endian, texts and contents have their count before them.
extension LayerTable {
    /// The table in a form that `init(bytes:)` reads.
    package var bytes: [UInt8] {
        var writer = Writer()
        writer.put(diffID.description.utf8)
        writer.put(size)
        for record in records {
            writer.put(record.path)
            writer.put(record.kind)
            writer.put(record.mode)
            writer.put(record.uid)
            writer.put(record.gid)
            writer.put(record.size)
            writer.bytes.append(record.content == nil ? 0 : 1)
            if let content = record.content { writer.put(content) }
            writer.put(record.facts?.bytes ?? [])
        }
        return writer.bytes
    }

    /// Nil for what `bytes` did not write.
    package init?(bytes: [UInt8]) {
        var reader = Reader(rest: bytes[...])
        guard
            let text = reader.bytes(),
            let digest = try? Digest(parsing: String(decoding: text, as: UTF8.self)),
            let size: Int64 = reader.number(), size >= 0
        else { return nil }
        var records = [Record]()
        while !reader.rest.isEmpty {
            guard let record = reader.record() else { return nil }
            records.append(record)
        }
        self.init(diffID: DiffID(digest), size: size, records: records)
    }
}

private struct Writer {
    var bytes: [UInt8] = []

    mutating func put(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    mutating func put(_ text: some Collection<UInt8>) {
        put(UInt32(truncatingIfNeeded: text.count))
        bytes += text
    }

    mutating func put(_ kind: TarRecord.Kind) {
        switch kind {
        case .regular: bytes.append(0)
        case .directory: bytes.append(1)
        case .symlink(let target):
            bytes.append(2)
            put(target)
        case .hardlink(let target):
            bytes.append(3)
            put(target)
        case .characterDevice(let major, let minor):
            bytes.append(4)
            put(major)
            put(minor)
        case .blockDevice(let major, let minor):
            bytes.append(5)
            put(major)
            put(minor)
        case .fifo: bytes.append(6)
        }
    }
}

private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func number<Number: FixedWidthInteger>() -> Number? {
        let width = Number.bitWidth / 8
        guard rest.count >= width else { return nil }
        var number = Number.zero
        for byte in rest.prefix(width).reversed() { number = number << 8 | Number(truncatingIfNeeded: byte) }
        rest = rest.dropFirst(width)
        return number
    }

    mutating func bytes() -> [UInt8]? {
        guard let count: UInt32 = number(), rest.count >= Int(count) else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return Array(rest.prefix(Int(count)))
    }

    private mutating func kind() -> TarRecord.Kind? {
        switch rest.popFirst() {
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

    mutating func record() -> LayerTable.Record? {
        guard
            let path = bytes(), let kind = kind(),
            let mode: UInt16 = number(), let uid: UInt32 = number(), let gid: UInt32 = number(),
            let size: Int64 = number(), size >= 0,
            let hasContent = rest.popFirst(), hasContent <= 1
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
            path: path,
            kind: kind,
            mode: mode,
            uid: uid,
            gid: gid,
            size: size,
            content: content,
            facts: facts
        )
    }
}
