package import Diagnostics

/// What the start of a file, and an ELF file's headers, say of how it runs.
package enum FileFacts: Hashable, Sendable {
    case elf(ElfFacts)
    /// A file that begins like an ELF file and cannot be parsed, with the reason.
    case damaged(reason: String)
    case script(Shebang)

    /// The smallest ELF header has as many bytes.
    package static let smallestElf: Int64 = 52
    /// Number of bytes of a first line that Linux reads, and one more to see that it is longer.
    private static let firstLine = 258

    /// `nil` if the file is neither an ELF file nor a script: four bytes decide.
    ///
    /// - Throws: what `source` throws where the file cannot be read.
    package init?(_ source: borrowing some ElfSource & ~Copyable, named name: String) throws(Diagnostic) {
        let start = try source.window(at: 0, upTo: 4)
        if start == ElfHeader.magic {
            do throws(Diagnostic) {
                self = .elf(ElfFacts(try ElfFile(source, named: name), in: source))
            } catch {
                guard error.isAboutElf else { throw error }
                self = .damaged(reason: error.reason ?? error.summary)
            }
        } else if start.starts(with: [0x23, 0x21]) {
            guard let shebang = Shebang(try source.window(at: 0, upTo: Self.firstLine)) else { return nil }
            self = .script(shebang)
        } else {
            return nil
        }
    }
}

extension Diagnostic {
    /// Whether it is the file's own fault, and not the disk's.
    fileprivate var isAboutElf: Bool { [.elfNotELF, .elfTruncated, .elfMalformed].contains(code) }
}
