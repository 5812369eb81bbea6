import Archive
package import ByteIO
package import Diagnostics
import ELF

/// An ELF file of a layer that streams by: in memory if it is small, else in a file without a name.
package enum StreamedFile: ElfSource {
    /// Layers are read side by side, a few at a time: this many bytes of each are in memory.
    static let largestInMemory: Int64 = 4 << 20

    case memory([UInt8])
    case draft(SealedDraft)

    /// A file of `size` bytes: `start`, and what `content` still has.
    package init<Content: ByteSource & ~Copyable>(
        _ start: [UInt8],
        followedBy content: inout Content,
        size: Int64,
        drafts directory: FilePath
    ) throws(Diagnostic) {
        if size <= Self.largestInMemory {
            self = .memory(start + (try content.bytes(count: Int(size) - start.count)))
            return
        }
        var draft = try BlobDraft(in: directory)
        try draft.write(start)
        try withBuffer(of: 1 << 16) { (buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) in
            while true {
                let count = try content.read(into: buffer)
                if count == 0 { return }
                try draft.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        self = .draft(draft.seal())
    }

    package var size: Int64 {
        switch self {
        case .memory(let bytes): Int64(bytes.count)
        case .draft(let draft): draft.size
        }
    }

    package func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        switch self {
        case .memory(let bytes): Array(bytes.dropFirst(Int(offset)).prefix(count))
        case .draft(let draft): try draft.bytes(at: offset, count: count)
        }
    }
}

extension FileFacts {
    /// The facts of the entry whose `content` comes next; only its first line is read if it is not an ELF file.
    init?<Content: ByteSource & ~Copyable>(
        of record: TarRecord,
        _ content: inout Content,
        drafts directory: FilePath
    ) throws(Diagnostic) {
        let start = try content.bytes(count: Int(min(record.size, 512)))
        guard start.starts(with: [0x7F, 0x45, 0x4C, 0x46]) || start.starts(with: "#!".utf8) else { return nil }
        let name = "/" + String(printing: record.path)
        guard start.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            try self.init(StreamedFile.memory(start), named: name)
            return
        }
        let file = try StreamedFile(start, followedBy: &content, size: record.size, drafts: directory)
        try self.init(file, named: name)
    }
}
