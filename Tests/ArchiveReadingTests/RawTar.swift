import Archive
import Diagnostics

/// Tar blocks made by hand, right or wrong in any field.
enum RawTar {
    /// A ustar header with a correct checksum; `edit` changes the block before it is summed.
    static func header(
        _ name: String,
        flag: Unicode.Scalar = "0",
        size: Int = 0,
        target: String = "",
        edit: (inout [UInt8]) -> Void = { _ in }
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        put(name, at: 0, in: &block)
        put("0000644", at: 100, in: &block)
        put("0000001", at: 108, in: &block)
        put("0000002", at: 116, in: &block)
        put(octal(size, digits: 11), at: 124, in: &block)
        put("00000000007", at: 136, in: &block)
        block[156] = UInt8(ascii: flag)
        put(target, at: 157, in: &block)
        put("ustar\u{0}00", at: 257, in: &block)
        put("user", at: 265, in: &block)
        put("group", at: 297, in: &block)
        edit(&block)
        sum(&block)
        return block
    }

    /// A header with its content, filled up to whole blocks.
    static func entry(_ name: String, flag: Unicode.Scalar = "0", _ content: [UInt8] = []) -> [UInt8] {
        header(name, flag: flag, size: content.count) + padded(content)
    }

    static func pax(_ records: [(String, String)], flag: Unicode.Scalar = "x") -> [UInt8] {
        entry("PaxHeaders/x", flag: flag, records.flatMap { paxRecord($0.0, Array($0.1.utf8)) })
    }

    static func paxRecord(_ key: String, _ value: [UInt8]) -> [UInt8] {
        var length = key.utf8.count + value.count + 3
        while length != key.utf8.count + value.count + 3 + String(length).utf8.count {
            length = key.utf8.count + value.count + 3 + String(length).utf8.count
        }
        return Array("\(length) \(key)=".utf8) + value + [0x0A]
    }

    static let end = [UInt8](repeating: 0, count: 1024)

    static func padded(_ content: [UInt8]) -> [UInt8] {
        content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    static func put(_ text: String, at offset: Int, in block: inout [UInt8]) {
        for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
    }

    static func put(_ bytes: [UInt8], at offset: Int, in block: inout [UInt8]) {
        for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
    }

    static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// Writes the checksum of a header block at `offset`.
    static func sum(_ bytes: inout [UInt8], at offset: Int = 0) {
        for index in 148..<156 { bytes[offset + index] = 0x20 }
        var sum = 0
        for index in offset..<offset + 512 { sum += Int(bytes[index]) }
        for (index, byte) in octal(sum, digits: 6).utf8.enumerated() { bytes[offset + 148 + index] = byte }
        bytes[offset + 154] = 0
    }
}

/// An entry with its content.
struct ReadEntry: Hashable {
    let record: TarRecord
    let content: [UInt8]
}

/// All entries of `archive`, or what is thrown.
func entries(_ archive: [UInt8], piece: Int = .max, by size: Int = 10000) -> Result<[ReadEntry], Diagnostic> {
    do throws(Diagnostic) {
        var reader = TarReader(PieceSource(archive, piece: piece))
        var entries = [ReadEntry]()
        while let record = try reader.next() {
            entries.append(ReadEntry(record: record, content: try reader.readToEnd(by: size)))
        }
        return .success(entries)
    } catch {
        return .failure(error)
    }
}
