package import ByteIO
package import Diagnostics

/// The decompressed bytes of a stream, by a codec that knows the format.
///
/// What is the same for all formats is here: the limit, the messages, and that a stream which failed once fails at every
/// later read. Once a read has returned 0, the source has been read to its end, so that whatever counts or digests the
/// compressed bytes has seen all of them.
package struct DecompressingSource<Source: ByteSource & ~Copyable, Codec: DecompressionCodec & ~Copyable>: ByteSource,
    ~Copyable
{
    private var source: Source
    private let subject: Diagnostic.Subject?
    private let limit: Int64
    private var codec: Codec
    private var input = CompressedInput()
    private var produced: Int64 = 0
    private var failure: Diagnostic?

    /// Reads from `source`.
    ///
    /// - Parameters:
    ///   - limit: the most bytes that may come out; one more is too large.
    ///   - subject: what is being read, for messages.
    /// - Throws: `io.failed` if there is not enough memory.
    package init(_ source: consuming Source, limit: Int64, at subject: Diagnostic.Subject? = nil) throws(Diagnostic) {
        self.source = source
        self.subject = subject
        self.limit = max(0, limit)
        guard let codec = Codec() else {
            throw Self.diagnostic(.outOfMemory, subject: subject, position: 0, limit: limit)
        }
        self.codec = codec
    }

    /// - Throws: the format's codes for a malformed stream, one that is too large, and one that is not supported; what
    ///   the source throws. The same again at every later read.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        if let failure { throw failure }
        guard buffer.count > 0 else { return 0 }
        // One byte over the limit is enough to know that there are too many.
        let room = limit - produced
        let capacity = room < Int64(buffer.count) ? Int(room) + 1 : buffer.count
        do throws(DecompressionProblem) {
            let output = UnsafeMutableRawBufferPointer(rebasing: buffer[..<capacity])
            let count = try codec.decompress(&input, from: &source, into: output)
            guard Int64(count) <= room else { throw .tooLarge }
            produced += Int64(count)
            return count
        } catch {
            let diagnostic = Self.diagnostic(error, subject: subject, position: input.position, limit: limit)
            failure = diagnostic
            throw diagnostic
        }
    }

    /// Gives the source back, for what it has counted or digested.
    package consuming func takeSource() -> Source { source }

    static func diagnostic(
        _ problem: DecompressionProblem,
        subject: Diagnostic.Subject?,
        position: Int64,
        limit: Int64
    ) -> Diagnostic {
        let format = Codec.format
        func malformed(_ reason: String) -> Diagnostic {
            Diagnostic(
                format.malformed,
                "the \(format.name) stream is damaged",
                at: subject,
                because: "\(reason), at byte \(position)"
            )
        }
        return switch problem {
        case .empty: malformed("it is empty")
        case .truncated: malformed("it ends too early")
        case .malformed(let reason): malformed(reason)
        case .unsupported(let reason):
            Diagnostic(
                format.unsupported ?? format.malformed,
                "the \(format.name) stream is of a kind that is not read",
                at: subject,
                because: reason
            )
        case .tooLarge:
            Diagnostic(
                format.tooLarge,
                "the \(format.name) stream is too large",
                at: subject,
                because: "it decompresses to more than \(limit) bytes"
            )
        case .outOfMemory:
            Diagnostic(
                .io,
                "cannot decompress the \(format.name) stream",
                at: subject,
                because: "there is not enough memory"
            )
        case .source(let diagnostic): diagnostic
        }
    }
}

/// A format's name, and the codes of what can be wrong with a stream of it.
package struct CompressionFormat: Sendable {
    let name: String
    let malformed: Diagnostic.Code
    let tooLarge: Diagnostic.Code
    /// `nil` if every variant of the format is supported.
    var unsupported: Diagnostic.Code?
}

/// Why a stream cannot be decompressed.
package enum DecompressionProblem: Error {
    /// The source has no bytes.
    case empty
    /// The source ended inside the stream.
    case truncated
    case malformed(String)
    case unsupported(String)
    case tooLarge
    case outOfMemory
    /// The source failed.
    case source(Diagnostic)
}

/// The state of a library that decompresses one format.
package protocol DecompressionCodec: ~Copyable {
    static var format: CompressionFormat { get }

    /// `nil` if there is not enough memory.
    init?()

    /// Fills the front of `output`, which is not empty, and returns the number of bytes; 0 only when the stream is
    /// complete and `source` has been read to its end. What was read and not yet used is in `input`.
    mutating func decompress<Source: ByteSource & ~Copyable>(
        _ input: inout CompressedInput,
        from source: inout Source,
        into output: UnsafeMutableRawBufferPointer
    ) throws(DecompressionProblem) -> Int
}
