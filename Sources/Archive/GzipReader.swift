package import ByteIO
import CZlib
package import Diagnostics

/// The uncompressed bytes of a gzip stream, whose members are read as one.
///
/// Every checksum and size is verified. Once a read has returned 0, `source` has been read to its end, so that whatever
/// counts or digests the compressed bytes has seen all of them.
///
/// RFC 1952.
package struct GzipReader<Source: ByteSource & ~Copyable>: ByteSource, ~Copyable {
    private var source: Source
    private let subject: Diagnostic.Subject?
    private let limit: Int64
    private var inflater: Inflater
    private var produced: Int64 = 0
    private var place = Place.member
    private var failure: Diagnostic?

    private enum Place {
        /// In a member, or before the first.
        case member
        /// After a member: another may follow, or zeros, or the end.
        case gap
        /// In the zeros that fill up a tape's block, after which nothing else comes.
        case padding
        case end
    }

    /// Reads from `source`.
    ///
    /// - Parameters:
    ///   - limit: the most bytes that may come out; one more is `gzip.too-large`.
    ///   - subject: what is being read, for messages.
    package init(_ source: consuming Source, limit: Int64, at subject: Diagnostic.Subject? = nil) throws(Diagnostic) {
        self.source = source
        self.subject = subject
        self.limit = max(0, limit)
        inflater = try Inflater(at: subject)
    }

    /// - Throws: `gzip.malformed` for bytes that are no gzip stream, a truncated one, a wrong checksum or size, or
    ///   anything but zeros after the last member; `gzip.too-large`; what the source throws. Again at every later read.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        if let failure { throw failure }
        do throws(Diagnostic) {
            return try inflate(into: buffer)
        } catch {
            failure = error
            throw error
        }
    }

    /// Gives the source back, for what it has counted or digested.
    package consuming func takeSource() -> Source { source }
}

extension GzipReader where Source: ~Copyable {
    private mutating func inflate(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        guard buffer.count > 0 else { return 0 }
        while place != .end {
            if inflater.input.isEmpty, try inflater.refill(from: &source) == 0 {
                guard place != .member else {
                    throw malformed(inflater.position == 0 ? "it is empty" : "it ends too early")
                }
                place = .end
                break
            }
            switch place {
            case .member:
                let count = try inflateMember(into: buffer)
                if count > 0 { return count }
            case .gap, .padding:
                try skipPadding()
            case .end:
                break
            }
        }
        return 0
    }

    /// Inflates what input there is; 0 if nothing came of it yet.
    private mutating func inflateMember(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        // One byte over the limit is enough to know that there are too many.
        let room = limit - produced
        let capacity = room < Int64(buffer.count) ? Int(room) + 1 : buffer.count
        let step = inflater.step(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<capacity]))
        switch step.status {
        case Z_STREAM_END:
            inflater.reset()
            place = .gap
        case Z_OK, Z_BUF_ERROR:
            break
        case Z_MEM_ERROR:
            throw Inflater.outOfMemory(at: subject)
        default:
            throw malformed(inflater.message ?? "its compressed data is invalid")
        }
        guard Int64(step.count) <= room else {
            throw Diagnostic(
                .gzipTooLarge,
                "the gzip stream is too large",
                at: subject,
                because: "it inflates to more than \(limit) bytes"
            )
        }
        produced += Int64(step.count)
        return step.count
    }

    /// Decides at the first byte after a member what comes.
    private mutating func skipPadding() throws(Diagnostic) {
        while let byte = inflater.input.first {
            switch (place, byte) {
            case (_, 0):
                place = .padding
                inflater.skipByte()
            case (.gap, 0x1F):
                place = .member
                return
            default:
                throw malformed("something else follows its end")
            }
        }
    }

    private func malformed(_ reason: String) -> Diagnostic {
        Diagnostic(
            .gzipMalformed,
            "the gzip stream is damaged",
            at: subject,
            because: "\(reason), at byte \(inflater.position)"
        )
    }
}

/// zlib's state and its input buffer.
private struct Inflater: ~Copyable {
    // zlib's state points back at its z_stream, so the z_stream stays at one heap address: stored inline it would move
    // with this struct, and inflate would return Z_STREAM_ERROR.
    private let stream: UnsafeMutablePointer<z_stream>
    private let buffer: UnsafeMutableRawBufferPointer
    private var filled: Int64 = 0

    init(at subject: Diagnostic.Subject?) throws(Diagnostic) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        buffer = .allocate(byteCount: 65536, alignment: 1)
        // 15 is the largest window; 16 more ask for gzip's header and trailer, and no other format's.
        guard coracle_inflateInit2(stream, 15 + 16) == Z_OK else { throw Self.outOfMemory(at: subject) }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        buffer.deallocate()
    }

    /// What has been read and not yet inflated.
    var input: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: stream.pointee.next_in, count: Int(stream.pointee.avail_in))
    }

    /// How many compressed bytes have been used.
    var position: Int64 { filled - Int64(stream.pointee.avail_in) }

    /// What zlib says is wrong.
    var message: String? { stream.pointee.msg.map { "zlib says `\(String(cString: $0))`" } }

    /// Replaces the input, all of which has been used; returns the number of bytes, 0 at the source's end.
    mutating func refill<Source: ByteSource & ~Copyable>(from source: inout Source) throws(Diagnostic) -> Int {
        let count = try source.read(into: buffer)
        filled += Int64(count)
        stream.pointee.next_in = buffer.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_in = uInt(count)
        return count
    }

    mutating func skipByte() {
        stream.pointee.next_in += 1
        stream.pointee.avail_in -= 1
    }

    /// Inflates into `output`, which is not empty; the count is of bytes written to it.
    mutating func step(into output: UnsafeMutableRawBufferPointer) -> (status: Int32, count: Int) {
        let room = uInt(min(output.count, 1 << 30))
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
        stream.pointee.avail_out = room
        let status = inflate(stream, Z_NO_FLUSH)
        return (status, Int(room - stream.pointee.avail_out))
    }

    /// Makes ready for the next member, keeping the input.
    mutating func reset() { inflateReset(stream) }

    static func outOfMemory(at subject: Diagnostic.Subject?) -> Diagnostic {
        Diagnostic(.io, "cannot inflate the gzip stream", at: subject, because: "there is not enough memory")
    }
}

extension Diagnostic.Code {
    package static let gzipMalformed = Self("gzip.malformed", .verification)
    package static let gzipTooLarge = Self("gzip.too-large", .verification)
}
