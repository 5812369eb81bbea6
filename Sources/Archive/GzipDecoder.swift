package import ByteIO
import CZlib
package import Diagnostics

/// The decompressed bytes of a gzip stream, whose members are read as one. Every checksum and size is verified.
///
/// Fails with `gzip.malformed` for bytes that are not a gzip stream, a truncated one, a wrong checksum or size, or anything
/// but zeros after the last member; with `gzip.too-large`.
///
/// RFC 1952.
package typealias GzipReader<Source: ByteSource & ~Copyable> = DecompressingSource<Source, GzipDecoder>

/// zlib's state.
package struct GzipDecoder: DecompressionCodec, ~Copyable {
    package static let format = CompressionFormat(name: "gzip", malformed: .gzipMalformed, tooLarge: .gzipTooLarge)

    private enum Place {
        /// In a member, or before the first.
        case member
        /// After a member: another may follow, or zeros, or the end.
        case gap
        /// In the zeros that fill up a tape's block, after which nothing else comes.
        case padding
        case end
    }

    private let state: LibraryState<z_stream>
    private var place = Place.member

    package init?() {
        // 15 is the largest window; 16 more ask for gzip's header and trailer, and no other format's.
        guard
            let state = LibraryState(
                z_stream(),
                begin: { coracle_inflateInit2($0, 15 + 16) == Z_OK },
                end: { inflateEnd($0) }
            )
        else { return nil }
        self.state = state
    }

    package mutating func decompress<Source: ByteSource & ~Copyable>(
        _ input: inout CompressedInput,
        from source: inout Source,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionProblem) -> Int {
        while place != .end {
            if input.isEmpty, try !input.refill(from: &source) {
                guard place != .member else { throw input.endProblem }
                place = .end
                break
            }
            switch place {
            case .member:
                let count = try inflateMember(&input, into: output)
                if count > 0 { return count }
            case .gap, .padding: try skipPadding(&input)
            case .end: break
            }
        }
        return 0
    }

    /// Inflates what input there is; 0 if nothing came of it yet.
    private mutating func inflateMember(
        _ input: inout CompressedInput,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionProblem) -> Int {
        let stream = state.pointer
        let (available, room) = (uInt(input.bytes.count), uInt(min(output.count, 1 << 30)))
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.bytes.baseAddress?.assumingMemoryBound(to: Bytef.self)
        )
        stream.pointee.avail_in = available
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_out = room
        let status = inflate(stream, Z_NO_FLUSH)
        input.use(Int(available - stream.pointee.avail_in))
        switch status {
        case Z_STREAM_END:
            inflateReset(stream)
            place = .gap
        case Z_OK, Z_BUF_ERROR: break
        case Z_MEM_ERROR: throw .outOfMemory
        default:
            let message = stream.pointee.msg.map { "zlib says `\(String(cString: $0))`" }
            throw .malformed(message ?? "its compressed data is invalid")
        }
        return Int(room - stream.pointee.avail_out)
    }

    /// Decides at the first byte after a member what comes.
    private mutating func skipPadding(_ input: inout CompressedInput) throws(DecompressionProblem) {
        while let byte = input.bytes.first {
            switch (place, byte) {
            case (_, 0):
                place = .padding
                input.use(1)
            case (.gap, 0x1F):
                place = .member
                return
            default: throw .malformed("something else follows its end")
            }
        }
    }
}

extension Diagnostic.Code {
    package static let gzipMalformed = Self("gzip.malformed", .verification)
    package static let gzipTooLarge = Self("gzip.too-large", .verification)
}
