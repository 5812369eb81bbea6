package import ByteIO
package import Diagnostics
import Glibc

/// Reads the paragraphs of a control file one after the other. A `Packages` file has 60 MB; only one paragraph is in memory
/// at a time.
///
/// deb822(5).
package struct ControlReader<Source: ByteSource & ~Copyable>: ~Copyable {
    /// The longest paragraph that is read, in bytes.
    private let paragraphLimit: Int
    private var lines: LineReader<Source>
    /// Names of the fields to keep; `nil` for all.
    private let wanted: [[UInt8]]?
    private let wantedNames: [String]
    private let subject: Diagnostic.Subject?
    /// The names of the paragraph's fields so far, in lower case, one after the other.
    private var seen: [UInt8] = []
    private var seenEnds: [Int] = []

    /// Reads from `source`, keeping the fields called `wanted`, or all.
    ///
    /// - Parameter paragraphLimit: the longest paragraph, in bytes; the longest descriptions have a hundredth of 1 MiB.
    package init(
        _ source: consuming Source,
        keeping wanted: [String]? = nil,
        paragraphLimit: Int = 1 << 20,
        at subject: Diagnostic.Subject? = nil
    ) {
        lines = LineReader(source, limit: paragraphLimit)
        self.paragraphLimit = paragraphLimit
        self.wanted = wanted.map { names in names.map { name in name.utf8.map(\.lowercasedASCII) } }
        wantedNames = wanted ?? []
        self.subject = subject
    }

    /// The next paragraph; `nil` at the end.
    ///
    /// - Parameter names: paragraphs whose first field is `Package` with a value that is not among these are skipped unread;
    ///   `nil` for all paragraphs.
    /// - Throws: `control.malformed` for a line that is not a field, a field that occurs twice, and a paragraph that is
    ///   too long, each with its line; what the source throws.
    package mutating func next(named names: Set<String>? = nil) throws(Diagnostic) -> ControlParagraph? {
        var paragraph = ControlParagraph()
        var field = OpenField()
        var size = 0
        seen.removeAll(keepingCapacity: true)
        seenEnds.removeAll(keepingCapacity: true)
        while true {
            guard let range = try lines.next() else {
                guard !lines.isOverlong else { throw malformed("a line is longer than \(paragraphLimit) bytes") }
                break
            }
            size += range.count
            guard size <= paragraphLimit else {
                throw malformed("a paragraph is longer than \(paragraphLimit) bytes")
            }
            let line = UnsafeRawBufferPointer(rebasing: lines.bytes[range])
            if line.allSatisfy(\.isBlank) {
                if seenEnds.isEmpty { continue }
                break
            }
            if seenEnds.isEmpty {
                if let names, let name = Self.package(line), !names.contains(name) {
                    try lines.skipParagraph()
                    // The limit is one paragraph's: a list has tens of megabytes between two that are wanted.
                    size = 0
                    continue
                }
                paragraph.line = lines.number
            }
            switch line[0] {
            case UInt8(ascii: "#"): continue
            case UInt8(ascii: " "), UInt8(ascii: "\t"):
                guard !seenEnds.isEmpty else { throw malformed("its first line begins with a space") }
                field.extend(line)
            default:
                field.close(into: &paragraph)
                field = try open(line)
            }
        }
        field.close(into: &paragraph)
        return seenEnds.isEmpty ? nil : paragraph
    }

    /// The value of a line that is the field `Package`, as Debian's lists write it; `nil` for other lines.
    private static func package(_ line: UnsafeRawBufferPointer) -> String? {
        let field: StaticString = "Package: "
        guard line.count > field.utf8CodeUnitCount, let start = line.baseAddress,
            memcmp(start, field.utf8Start, field.utf8CodeUnitCount) == 0
        else { return nil }
        return String(decoding: line[field.utf8CodeUnitCount...], as: UTF8.self)
    }

    private mutating func open(_ line: UnsafeRawBufferPointer) throws(Diagnostic) -> OpenField {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0, line[0] != UInt8(ascii: "-") else {
            throw malformed("`\(String(printing: line.prefix(80)))` is not a field")
        }
        let start = seen.count
        for byte in line[..<colon] {
            // Every printable character except the space and the colon.
            guard (0x21...0x7E).contains(byte) else {
                throw malformed("a field's name is `\(String(printing: line[..<colon].prefix(80)))`")
            }
            seen.append(byte.lowercasedASCII)
        }
        try checkIsNew(start)
        seenEnds.append(seen.count)
        let name: String
        if let wanted {
            guard let index = wanted.firstIndex(where: { $0.elementsEqual(seen[start...]) }) else { return OpenField() }
            name = wantedNames[index]
        } else {
            name = String(decoding: line[..<colon], as: UTF8.self)
        }
        return OpenField(name: name, value: Array(line[(colon + 1)...].trimmed))
    }

    /// A field must not occur twice: programs differ in which of the two they use.
    private func checkIsNew(_ start: Int) throws(Diagnostic) {
        var begin = 0
        for end in seenEnds {
            if end - begin == seen.count - start, seen[begin..<end].elementsEqual(seen[start...]) {
                throw malformed("the field `\(String(printing: seen[start...].prefix(80)))` is there twice")
            }
            begin = end
        }
    }

    private func malformed(_ reason: String) -> Diagnostic {
        Diagnostic(
            .controlMalformed,
            "a control file is damaged",
            at: subject,
            because: "\(reason), on line \(lines.number)"
        )
    }
}

/// A field whose continuation lines have not been read yet; without a name if it is not requested.
private struct OpenField {
    var name: String?
    var value: [UInt8] = []

    mutating func extend(_ line: UnsafeRawBufferPointer) {
        guard name != nil else { return }
        value.append(UInt8(ascii: "\n"))
        var line = line[...]
        while let last = line.last, last.isBlank { line = line.dropLast() }
        value += line
    }

    mutating func close(into paragraph: inout ControlParagraph) {
        guard let name else { return }
        paragraph.fields.append(ControlParagraph.Field(name: name, value: value))
        self.name = nil
    }
}

/// Memory that is freed with its owner. It is a class because Swift 6.3's optimiser drops the deinit of `LineReader`, which
/// is generic and noncopyable.
private final class Memory {
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) { bytes = .allocate(byteCount: count, alignment: 16) }

    deinit { bytes.deallocate() }
}

/// Reads the lines of a source. Each is valid until the next is read.
private struct LineReader<Source: ByteSource & ~Copyable>: ~Copyable {
    private var source: Source
    private let memory: Memory
    private let storage: UnsafeMutableRawBufferPointer
    private var filled = 0..<0
    private var hasEnded = false
    /// Number of the line that was last returned, counted from 1.
    private(set) var number = 0
    /// Whether a line was longer than the limit. Nothing is read after it.
    private(set) var isOverlong = false

    init(_ source: consuming Source, limit: Int) {
        self.source = source
        memory = Memory(count: limit + 65536)
        storage = memory.bytes
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(storage) }

    /// The place of the next line in `bytes`, without its end; `nil` at the end of the file.
    mutating func next() throws(Diagnostic) -> Range<Int>? {
        var searched = filled.lowerBound
        while true {
            if let end = newline(from: searched) {
                let start = filled.lowerBound
                filled = (end + 1)..<filled.upperBound
                return line(start..<end)
            }
            if hasEnded {
                let rest = filled
                filled = rest.upperBound..<rest.upperBound
                return rest.isEmpty ? nil : line(rest)
            }
            searched = filled.upperBound
            if filled.upperBound == storage.count {
                guard filled.lowerBound > 0 else {
                    isOverlong = true
                    return nil
                }
                searched -= filled.lowerBound
                storage.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[filled]))
                filled = 0..<filled.count
            }
            let room = UnsafeMutableRawBufferPointer(rebasing: storage[filled.upperBound...])
            let count = try source.read(into: room)
            if count == 0 { hasEnded = true }
            filled = filled.lowerBound..<(filled.upperBound + count)
        }
    }

    /// Skips all lines up to and including an empty one, looking only at their beginnings.
    mutating func skipParagraph() throws(Diagnostic) {
        while true {
            guard let end = newline(from: filled.lowerBound) else {
                // The last line may be incomplete: more has to be read.
                guard let range = try next() else { return }
                if isBlank(range) { return }
                continue
            }
            let line = filled.lowerBound..<end
            filled = (end + 1)..<filled.upperBound
            number += 1
            if isBlank(line) { return }
        }
    }

    private func isBlank(_ line: Range<Int>) -> Bool {
        guard let first = line.first.map({ storage[$0] }), !first.isBlank, first != UInt8(ascii: "\r") else {
            return storage[line].allSatisfy { $0.isBlank || $0 == UInt8(ascii: "\r") }
        }
        return false
    }

    private mutating func line(_ range: Range<Int>) -> Range<Int> {
        number += 1
        let hasReturn = !range.isEmpty && storage[range.upperBound - 1] == UInt8(ascii: "\r")
        return hasReturn ? range.lowerBound..<(range.upperBound - 1) : range
    }

    private func newline(from start: Int) -> Int? {
        guard start < filled.upperBound, let base = storage.baseAddress else { return nil }
        guard let found = memchr(base + start, 0x0A, filled.upperBound - start) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
}

extension UInt8 {
    /// Whether it is a space or a tab.
    var isBlank: Bool { self == 0x20 || self == 0x09 }
}

extension Collection<UInt8> where Self: BidirectionalCollection, SubSequence: BidirectionalCollection {
    /// The bytes without spaces and tabs at both ends.
    var trimmed: SubSequence {
        var rest = self[...]
        while let first = rest.first, first.isBlank { rest = rest.dropFirst() }
        while let last = rest.last, last.isBlank { rest = rest.dropLast() }
        return rest
    }
}

extension Diagnostic.Code {
    package static let controlMalformed = Self("control.malformed", .verification)
}
