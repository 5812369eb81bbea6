package import ByteIO
import CZlib
package import Diagnostics

/// The members of a gzip stream, one after the other: there are formats in which the border between two members means something.
///
/// RFC 1952 § 2.2.
package struct GzipMemberReader<Source: ByteSource & ~Copyable>: ~Copyable {
    /// One member, in memory.
    package struct Member {
        /// The bytes as they are stored, from its header to its checksum.
        package var compressed: [UInt8] = []
        package var content: [UInt8] = []
    }

    private var source: Source
    private var input = CompressedInput()
    private let subject: Diagnostic.Subject?

    /// Reads from `source`; `subject` is what is being read, for messages.
    package init(_ source: consuming Source, at subject: Diagnostic.Subject? = nil) {
        self.source = source
        self.subject = subject
    }

    /// The next bytes, at most `count`, which stay there to be read.
    package mutating func peek(_ count: Int) throws(Diagnostic) -> [UInt8] {
        do throws(DecompressionProblem) {
            while input.bytes.count < count, try input.refill(from: &source) {}
        } catch {
            throw diagnostic(error, limit: 0)
        }
        return Array(input.bytes.prefix(count))
    }

    /// The next member, whose checksum and size were verified; `nil` at the source's end.
    ///
    /// - Parameter limit: largest size of its content and of its compressed bytes, each.
    /// - Throws: `gzip.malformed`, also for anything but a member; `gzip.too-large`; what the source throws.
    package mutating func next(limit: Int) throws(Diagnostic) -> Member? {
        do throws(DecompressionProblem) {
            if input.isEmpty, try !input.refill(from: &source) { return nil }
            return try member(limit: limit)
        } catch {
            throw diagnostic(error, limit: limit)
        }
    }

    private mutating func member(limit: Int) throws(DecompressionProblem) -> Member {
        // 15 is the largest window; 16 more ask for gzip's header and trailer, and no other format's.
        guard
            let state = LibraryState(
                z_stream(),
                begin: { coracle_inflateInit2($0, 15 + 16) == Z_OK },
                end: { inflateEnd($0) }
            )
        else { throw .outOfMemory }
        let stream = state.pointer
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { output.deallocate() }
        var member = Member()
        while true {
            if input.isEmpty, try !input.refill(from: &source) { throw .truncated }
            let (available, room) = (uInt(input.bytes.count), uInt(output.count))
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: input.bytes.baseAddress?.assumingMemoryBound(to: Bytef.self)
            )
            stream.pointee.avail_in = available
            stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: Bytef.self)
            stream.pointee.avail_out = room
            let status = inflate(stream, Z_NO_FLUSH)
            let used = Int(available - stream.pointee.avail_in)
            member.compressed += input.bytes.prefix(used)
            input.use(used)
            member.content += output.prefix(Int(room - stream.pointee.avail_out))
            guard member.content.count <= limit, member.compressed.count <= limit else { throw .tooLarge }
            switch status {
            case Z_STREAM_END: return member
            case Z_OK, Z_BUF_ERROR: continue
            case Z_MEM_ERROR: throw .outOfMemory
            default:
                let message = stream.pointee.msg.map { "zlib says `\(String(cString: $0))`" }
                throw .malformed(message ?? "its compressed data is invalid")
            }
        }
    }

    /// Everything after the members that were read, as it is stored.
    package consuming func rest() -> Rest { Rest(source: source, input: input) }

    /// The bytes behind some members.
    package struct Rest: ByteSource, ~Copyable {
        private var source: Source
        private var input: CompressedInput

        fileprivate init(source: consuming Source, input: consuming CompressedInput) {
            self.source = source
            self.input = input
        }

        package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
            guard !input.isEmpty else { return try source.read(into: buffer) }
            let count = min(buffer.count, input.bytes.count)
            buffer.copyBytes(from: input.bytes.prefix(count))
            input.use(count)
            return count
        }
    }

    private func diagnostic(_ problem: DecompressionProblem, limit: Int) -> Diagnostic {
        GzipReader<Source>.diagnostic(problem, subject: subject, position: input.position, limit: Int64(limit))
    }
}
