package import ByteIO
package import Diagnostics
package import OCI

/// A blob whose bytes are on this machine: a file of its own, with a name or not yet, or a stretch of an archive.
///
/// Its file stays open, so that the bytes stay even if the name is deleted.
package struct LocalBlob: Sendable {
    package let descriptor: Descriptor
    private let extent: FileExtent
    /// Whether all its bytes have been read and were what the descriptor says.
    private let isVerified: Bool

    init(_ descriptor: Descriptor, in extent: FileExtent, isVerified: Bool = false) {
        self.descriptor = descriptor
        self.extent = extent
        self.isVerified = isVerified
    }

    /// What a draft holds, which its writer has verified.
    package init(_ descriptor: Descriptor, verified draft: SealedDraft, in directory: FilePath) throws(Diagnostic) {
        self.init(
            descriptor,
            in: FileExtent(path: directory, try draft.duplicate(), start: 0, size: draft.size),
            isVerified: true
        )
    }

    /// The bytes in order; size and digest are checked by the time the last has been read.
    package func open() throws(Diagnostic) -> VerifiedBlob { try VerifiedBlob(descriptor, in: extent) }

    /// The file that it is, by itself; `nil` if there is none.
    var file: FilePath? { extent.size == descriptor.size ? extent.wholeFile : nil }

    /// The `count` bytes from `offset` on, fewer at the end; not verified.
    package func read(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        try extent.read(at: offset, count: count)
    }

    /// Gives all bytes to `sink`, from the first.
    ///
    /// - Throws: `blob.size` before the first byte, `blob.digest` behind the last; what the sink throws.
    package func copy<Sink: ByteSink & ~Copyable>(to sink: inout Sink) throws(Diagnostic) {
        var source = try open()
        try withBuffer(of: 1 << 18) { (buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) in
            while true {
                let count = try source.read(into: buffer)
                if count == 0 { return }
                try sink.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    /// The blob, known to be what its descriptor says. Its bytes are read for that unless they have been already.
    ///
    /// - Throws: `blob.size`, `blob.digest`.
    package func verified() throws(Diagnostic) -> LocalBlob {
        if isVerified { return self }
        var source = try open()
        _ = try source.skip(.max)
        return LocalBlob(descriptor, in: extent, isVerified: true)
    }

    /// The same blob, whose bytes are known to be what the descriptor says.
    package var trusted: LocalBlob { LocalBlob(descriptor, in: extent, isVerified: true) }

    /// Whether its file is the one at `path`, and known to be what the descriptor says.
    package func isVerified(at path: FilePath) -> Bool { isVerified && extent.isFile(at: path) }

    /// A draft in `directory` with the same bytes, and a file of its own: a change of it never reaches this blob. Bytes that
    /// are known to be what the descriptor says are not read again.
    ///
    /// - Throws: `blob.size`, `blob.digest`.
    package func duplicated(in directory: FilePath) throws(Diagnostic) -> SealedDraft {
        var draft = try BlobDraft(in: directory)
        if isVerified { try extent.copy(to: &draft) } else { try copy(to: &draft) }
        return draft.seal()
    }
}
