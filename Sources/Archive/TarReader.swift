package import ByteIO
package import Diagnostics

/// The entries of a tar archive, pulled one after the other; `read(into:)` gives the content of the current one.
///
/// Understands ustar, pax, GNU, star and version 7. Where programs are known to read one archive in different ways,
/// so that what was checked is not what is unpacked, it refuses the archive.
///
/// POSIX.1-2017, pax § Extended Description; GNU tar manual § Basic Tar Format.
package struct TarReader<Source: ByteSource & ~Copyable>: ByteSource, ~Copyable {
    private var input: TarReadBuffer<Source>
    private let subject: Diagnostic.Subject?
    private var global = PaxRecords()
    /// Number of bytes left of the current entry's content, and of the zeros that fill up its last block.
    private var remaining: Int64 = 0
    private var padding: Int64 = 0
    private var isAtEnd = false

    /// Reads from `source`; `subject` is what is being read, for messages.
    package init(_ source: consuming Source, at subject: Diagnostic.Subject? = nil) {
        input = TarReadBuffer(source)
        self.subject = subject
    }

    /// The next entry, whose content can then be read; what was not read of the one before is skipped. `nil` at the end,
    /// which is two blocks of zeros or the end of the source.
    ///
    /// - Throws: `tar.malformed`, `tar.unsupported` for sparse files, parts of volumes and kinds not known,
    ///   `tar.path-escapes` for a name or hard link's target with `..` in it; each with the byte offset of the header.
    package mutating func next() throws(Diagnostic) -> TarRecord? {
        guard !isAtEnd else { return nil }
        try skipContent()
        var extensions = TarReadExtensions()
        while true {
            let offset = input.position
            guard let block = try nextHeaderBlock() else {
                guard extensions.isEmpty else {
                    throw malformed("an extended header is followed by no entry", offset)
                }
                isAtEnd = true
                return nil
            }
            do throws(TarReadProblem) {
                let header = try TarHeaderReader(block)
                switch header.flag {
                case UInt8(ascii: "x"):
                    guard extensions.pax == nil else { throw .malformed("two pax headers come before one entry") }
                    extensions.pax = try paxRecords(of: header)
                case UInt8(ascii: "g"):
                    try mergeGlobal(paxRecords(of: header))
                case UInt8(ascii: "L"):
                    guard extensions.name == nil else { throw .malformed("two long names come before one entry") }
                    extensions.name = try longName(of: header)
                case UInt8(ascii: "K"):
                    guard extensions.target == nil else { throw .malformed("two long targets come before one entry") }
                    extensions.target = try longName(of: header)
                case UInt8(ascii: "V"):
                    // A volume's label names nothing.
                    guard header.size == 0 else { throw .malformed("its volume label has content") }
                default:
                    let record = try extensions.record(header, global: global, at: offset)
                    remaining = record.size
                    padding = Self.padding(of: record.size)
                    return record
                }
            } catch {
                throw diagnostic(error, offset)
            }
        }
    }

    /// Where the current entry's content stands in the source, while nothing of it has been read.
    package var contentOffset: Int64 { input.position }

    /// Fills the front of `buffer` with the current entry's content and returns how many bytes came; 0 at its end.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        guard remaining > 0, buffer.count > 0 else { return 0 }
        let wanted = Int(min(Int64(buffer.count), remaining))
        let count = try input.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
        guard count > 0 else { throw malformed("the archive ends inside an entry's content", input.position) }
        remaining -= Int64(count)
        return count
    }

    /// The rest of the current entry's content.
    ///
    /// - Throws: `tar.unsupported` if there are more than `limit` bytes, before reading them.
    package mutating func readContent(limit: Int) throws(Diagnostic) -> [UInt8] {
        guard remaining <= Int64(max(0, limit)) else {
            throw diagnostic(.unsupported("it has \(remaining) bytes, and \(limit) are allowed here"), input.position)
        }
        let count = Int(remaining)
        guard let bytes = try input.take(count) else {
            throw malformed("the archive ends inside an entry's content", input.position)
        }
        remaining = 0
        return bytes
    }

    /// Reads everything to the source's end, behind the archive's end too, so that a digest of the source sees it all.
    ///
    /// - Throws: `tar.malformed` if the current entry's content is cut off. Entries not yet reached are not checked.
    package mutating func drain() throws(Diagnostic) {
        try skipContent()
        isAtEnd = true
        _ = try input.skip(.max)
    }

    /// Gives the source back, for what it has counted or digested.
    package consuming func takeSource() -> Source { input.takeSource() }
}

// MARK: - Blocks

extension TarReader where Source: ~Copyable {
    /// The next block that is not the end; `nil` at the end.
    private mutating func nextHeaderBlock() throws(Diagnostic) -> [UInt8]? {
        let offset = input.position
        guard let block = try block() else { return nil }
        guard block.allSatisfy({ $0 == 0 }) else { return block }
        // Some programs go on after a single block of zeros, and others do not.
        if let second = try self.block(), !second.allSatisfy({ $0 == 0 }) {
            throw malformed("a single block of zeros is followed by something else", offset)
        }
        return nil
    }

    /// 512 bytes; `nil` at the source's end.
    private mutating func block() throws(Diagnostic) -> [UInt8]? {
        let offset = input.position
        if let block = try input.take(TarHeader.blockSize) { return block }
        guard input.position == offset else { throw malformed("the archive ends inside a header", offset) }
        return nil
    }

    private mutating func skipContent() throws(Diagnostic) {
        guard try input.skip(remaining) == remaining else {
            throw malformed("the archive ends inside an entry's content", input.position)
        }
        remaining = 0
        // The end of the archive may come before that of the last block.
        _ = try input.skip(padding)
        padding = 0
    }

    private static func padding(of size: Int64) -> Int64 { (512 - size % 512) % 512 }
}

// MARK: - Extended headers

extension TarReader where Source: ~Copyable {
    // As much as other readers take: CVE-2022-2879 is what happens without a limit.
    private static var extensionLimit: Int { 1 << 20 }
    private static var globalLimit: Int { 64 << 10 }

    /// The body of a header that says something about the next entry. Its size is in the header itself: the pax size
    /// that may have come before is that of the entry (CVE-2025-62518).
    private mutating func body(of header: TarHeaderReader) throws(TarReadProblem) -> [UInt8] {
        guard header.size <= Int64(Self.extensionLimit) else {
            throw .malformed("an extended header has \(header.size) bytes, over \(Self.extensionLimit)")
        }
        do throws(Diagnostic) {
            guard let body = try input.take(Int(header.size)) else {
                throw malformed("the archive ends inside an extended header", input.position)
            }
            // Some programs read on to the end of the block: there must be nothing there to read.
            let offset = input.position
            guard let rest = try input.take(Int(Self.padding(of: header.size))), rest.allSatisfy({ $0 == 0 }) else {
                throw malformed("an extended header is not filled up with zeros", offset)
            }
            return body
        } catch {
            throw .other(error)
        }
    }

    private mutating func paxRecords(of header: TarHeaderReader) throws(TarReadProblem) -> PaxRecords {
        try PaxRecords(parsing: body(of: header))
    }

    private mutating func longName(of header: TarHeaderReader) throws(TarReadProblem) -> [UInt8] {
        let name = try body(of: header).prefix { $0 != 0 }
        guard !name.isEmpty else { throw .malformed("a long name is empty") }
        return Array(name)
    }

    private mutating func mergeGlobal(_ records: PaxRecords) throws(TarReadProblem) {
        for key in ["path", "linkpath", "size"] where records[key] != nil {
            // Meaningless for all entries at once, and read in different ways.
            throw .unsupported("a global pax header sets `\(key)`")
        }
        global.merge(records)
        // They are copied for each entry that has a header of its own.
        guard global.size <= Self.globalLimit else {
            throw .malformed("its global pax headers have more than \(Self.globalLimit) bytes")
        }
    }

    private func malformed(_ reason: String, _ offset: Int64) -> Diagnostic {
        diagnostic(.malformed(reason), offset)
    }

    private func diagnostic(_ problem: TarReadProblem, _ offset: Int64) -> Diagnostic {
        switch problem {
        case .malformed(let reason):
            Diagnostic(
                .tarMalformed,
                "the tar archive is damaged",
                at: subject,
                because: "\(reason), at byte \(offset)"
            )
        case .unsupported(let reason):
            Diagnostic(
                .tarUnsupported,
                "the tar archive has an entry that is not supported",
                at: subject,
                because: "\(reason), at byte \(offset)"
            )
        case .escapes(let name):
            Diagnostic(
                .tarPathEscapes,
                "the tar archive has an entry that may lead outside of it",
                at: subject,
                because: "`\(String(printing: name.prefix(200)))` has the component `..`, at byte \(offset)"
            )
        case .other(let diagnostic):
            diagnostic
        }
    }
}
