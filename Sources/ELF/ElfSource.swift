package import Diagnostics

/// A file that can be read at any place. What reads ELF asks it for small ranges only, never for the whole file.
package protocol ElfSource: ~Copyable {
    /// In bytes.
    var size: Int64 { get }

    /// Exactly `count` bytes from `offset` on.
    ///
    /// - Throws: where the range is not inside the file, or the file cannot be read.
    func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]
}

extension ElfSource where Self: ~Copyable {
    /// As many of the `count` bytes at `offset` as the file has; empty if `offset` is outside it.
    func window(at offset: UInt64, upTo count: Int) throws(Diagnostic) -> [UInt8] {
        guard let start = Int64(exactly: offset), start < size, count > 0 else { return [] }
        return try bytes(at: start, count: Int(min(Int64(count), size - start)))
    }
}

extension Diagnostic.Code {
    /// The file ends before what its headers promise.
    package static let elfTruncated = Self("elf.truncated", .input)
    /// The headers contradict themselves, or are not what Linux loads.
    package static let elfMalformed = Self("elf.malformed", .input)
}

extension Diagnostic {
    static func elfTruncated(_ name: String, _ reason: String) -> Diagnostic {
        Diagnostic(.elfTruncated, "`\(name)` is cut short", because: reason, hint: "build it or copy it again")
    }

    static func elfMalformed(_ name: String, _ reason: String) -> Diagnostic {
        Diagnostic(.elfMalformed, "`\(name)` is not a well-formed ELF file", because: reason, hint: "build it again")
    }
}
