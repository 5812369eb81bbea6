import ByteIO
package import Diagnostics
import OCI

/// A blob's bytes, checked while they are read: once the end is reached, they are what the descriptor says.
package struct VerifiedBlob: ByteSource, ~Copyable {
    private let blob: Descriptor
    private let extent: FileExtent
    private var position: Int64 = 0
    private var hasher: SHA256Hasher? = SHA256Hasher()

    /// - Throws: `blob.size` if the file has another size than `blob`, before anything is read.
    init(_ blob: Descriptor, in extent: FileExtent) throws(Diagnostic) {
        self.blob = blob
        self.extent = extent
        guard blob.digest.algorithm == .sha256 else {
            throw Diagnostic(
                .blobUnsupported,
                "a blob's digest cannot be checked",
                at: .blob(blob.digest.description),
                because: "only SHA-256 is supported"
            )
        }
        guard extent.size == blob.size else {
            throw Diagnostic(
                .blobSize,
                "a blob has the wrong size",
                at: .blob(blob.digest.description),
                because: "its descriptor says \(blob.size) bytes, the file has \(extent.size)",
                hint: "build or copy the image again"
            )
        }
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        let count = try extent.read(into: buffer, at: position)
        if count > 0 {
            position += Int64(count)
            hasher?.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            if position < blob.size { return count }
        }
        // The end: nothing of the blob is handed on as verified before this.
        if let found = hasher.take()?.finalize(), found != blob.digest {
            throw Diagnostic(
                .blobDigest,
                "a blob's content is not what its digest says",
                at: .blob(blob.digest.description),
                because: "the content has the digest \(found)",
                hint: "build or copy the image again"
            )
        }
        return count
    }
}

extension VerifiedBlob {
    /// Fills the front of `buffer`; see `ByteSource`.
    package mutating func read(into buffer: inout [UInt8]) throws(Diagnostic) -> Int {
        try buffer.withUnsafeMutableBufferPointer { bytes throws(Diagnostic) in
            try read(into: UnsafeMutableRawBufferPointer(bytes))
        }
    }
}

extension Diagnostic.Code {
    package static let blobSize = Self("blob.size", .verification)
    package static let blobDigest = Self("blob.digest", .verification)
    package static let blobUnsupported = Self("blob.unsupported", .verification)
}
