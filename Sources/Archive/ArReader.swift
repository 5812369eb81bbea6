package import ByteIO
package import Diagnostics

/// One member of an ar archive.
package struct ArMember: Hashable, Sendable {
    /// Without the padding, and without the slash that some programs put after it.
    package let name: String
    /// In bytes.
    package let size: Int64
    /// Where its header stands in the archive, in bytes.
    package let offset: Int64
}

/// The members of an ar archive as Debian's packages use it, pulled one after the other; `read(into:)` gives the content of
/// the current one.
///
/// Names of up to 16 bytes only: the ways to store longer ones, which no package uses, are refused.
///
/// deb(5); ar(5) of 4.4BSD.
package struct ArReader<Source: ByteSource & ~Copyable>: ByteSource, ~Copyable {
    private static var magic: [UInt8] { Array("!<arch>\n".utf8) }
    private static var headerSize: Int { 60 }

    private var source: Source
    private let subject: Diagnostic.Subject?
    private var position: Int64 = 0
    /// Number of bytes left of the current member's content.
    private var remaining: Int64 = 0
    private var isPadded = false

    /// Reads from `source`; `subject` is what is being read, for messages.
    package init(_ source: consuming Source, at subject: Diagnostic.Subject? = nil) {
        self.source = source
        self.subject = subject
    }

    /// The next member, whose content can then be read; what was not read of the one before is skipped. `nil` at the end.
    ///
    /// - Throws: `ar.malformed`, `ar.unsupported` for long names, each with the byte offset.
    package mutating func next() throws(Diagnostic) -> ArMember? {
        if position == 0 {
            let start = try take(Self.magic.count)
            guard start == Self.magic else {
                throw malformed(start.isEmpty ? "it is empty" : "it does not begin with `!<arch>`", at: 0)
            }
        }
        try skipContent()
        let offset = position
        let header = try take(Self.headerSize)
        if header.isEmpty { return nil }
        guard header.count == Self.headerSize else { throw malformed("it ends inside a member's header", at: offset) }
        guard header[58...].elementsEqual("`\n".utf8) else {
            throw malformed("a member's header does not end like one", at: offset)
        }
        guard let size = Self.number(header[48..<58]) else {
            throw malformed("a member's size is not a number", at: offset)
        }
        remaining = size
        isPadded = size % 2 == 1
        return ArMember(name: try name(header[..<16], at: offset), size: size, offset: offset)
    }

    /// Fills the front of `buffer` with the current member's content and returns how many bytes came; 0 at its end.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        guard remaining > 0, buffer.count > 0 else { return 0 }
        let wanted = Int(min(Int64(buffer.count), remaining))
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
        guard count > 0 else { throw malformed("it ends inside a member's content", at: position) }
        position += Int64(count)
        remaining -= Int64(count)
        return count
    }

    /// The rest of the current member's content.
    ///
    /// - Throws: `ar.malformed` if there are more than `limit` bytes, before reading them.
    package mutating func readContent(limit: Int) throws(Diagnostic) -> [UInt8] {
        guard remaining <= Int64(max(0, limit)) else {
            throw malformed("a member has \(remaining) bytes, over \(limit)", at: position)
        }
        let bytes = try take(Int(remaining))
        guard Int64(bytes.count) == remaining else {
            throw malformed("it ends inside a member's content", at: position)
        }
        remaining = 0
        return bytes
    }

    /// Gives the source back, for what it has counted or digested.
    package consuming func takeSource() -> Source { source }
}

extension ArReader where Source: ~Copyable {
    private mutating func skipContent() throws(Diagnostic) {
        let skipped = try source.skip(remaining)
        position += skipped
        guard skipped == remaining else { throw malformed("it ends inside a member's content", at: position) }
        remaining = 0
        guard isPadded else { return }
        isPadded = false
        // The last member's padding is left out by some programs.
        let offset = position
        if let byte = try take(1).first, byte != UInt8(ascii: "\n") {
            throw malformed("a member of odd size is not padded", at: offset)
        }
    }

    /// `count` bytes, which are few; fewer at the end only.
    private mutating func take(_ count: Int) throws(Diagnostic) -> [UInt8] {
        var filled = 0
        let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized throws(Diagnostic) in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let read = try source.read(into: rest)
                if read == 0 { break }
                filled += read
            }
            initialized = filled
        }
        position += Int64(filled)
        return bytes
    }

    private func name(_ field: ArraySlice<UInt8>, at offset: Int64) throws(Diagnostic) -> String {
        guard let last = field.lastIndex(where: { $0 != UInt8(ascii: " ") }) else {
            throw malformed("a member has no name", at: offset)
        }
        var name = field[...last]
        guard name.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw malformed("a member's name is `\(String(printing: name))`", at: offset)
        }
        let text = String(decoding: name, as: UTF8.self)
        guard name.first != UInt8(ascii: "/"), !text.hasPrefix("#1/") else {
            throw Diagnostic(
                .arUnsupported,
                "the ar archive has a member that is not supported",
                at: subject,
                because: "its name `\(text)` stands for a longer one elsewhere, at byte \(offset)"
            )
        }
        if name.last == UInt8(ascii: "/") { name = name.dropLast() }
        return String(decoding: name, as: UTF8.self)
    }

    /// Decimal digits, with spaces after them.
    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        let digits = field.prefix { $0 != UInt8(ascii: " ") }
        guard !digits.isEmpty, field[digits.endIndex...].allSatisfy({ $0 == UInt8(ascii: " ") }) else { return nil }
        var value: Int64 = 0
        // Ten digits at most, which fit.
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        return value
    }

    private func malformed(_ reason: String, at offset: Int64) -> Diagnostic {
        Diagnostic(.arMalformed, "the ar archive is damaged", at: subject, because: "\(reason), at byte \(offset)")
    }
}

extension Diagnostic.Code {
    package static let arMalformed = Self("ar.malformed", .verification)
    package static let arUnsupported = Self("ar.unsupported", .verification)
}
