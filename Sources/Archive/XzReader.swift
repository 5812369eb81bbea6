package import ByteIO
package import Diagnostics

/// The uncompressed bytes of an xz file, whose streams are read as one.
///
/// The checks of all blocks and indexes are verified; a stream with a check that liblzma does not know is refused. Once a
/// read has returned 0, `source` has been read to its end.
///
/// The .xz File Format, version 1.2.1.
package struct XzReader<Source: ByteSource & ~Copyable>: ByteSource, ~Copyable {
    private var source: Source
    private let subject: Diagnostic.Subject?
    private let limit: Int64
    private var decoder: XzDecoder
    private var produced: Int64 = 0
    private var hasSourceEnded = false
    private var hasEnded = false
    private var failure: Diagnostic?

    /// Reads from `source`.
    ///
    /// - Parameters:
    ///   - limit: the most bytes that may come out; one more is `xz.too-large`.
    ///   - subject: what is being read, for messages.
    package init(_ source: consuming Source, limit: Int64, at subject: Diagnostic.Subject? = nil) throws(Diagnostic) {
        self.source = source
        self.subject = subject
        self.limit = max(0, limit)
        guard let decoder = XzDecoder() else { throw Self.outOfMemory(at: subject) }
        self.decoder = decoder
    }

    /// - Throws: `xz.malformed` for bytes that are no xz stream, a truncated one, a wrong check, or anything but padding
    ///   after the last stream; `xz.unsupported` for filters or checks that are not known and for a dictionary that needs
    ///   more than 128 MiB; `xz.too-large`; what the source throws. Again at every later read.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        if let failure { throw failure }
        do throws(Diagnostic) {
            return try decompress(into: buffer)
        } catch {
            failure = error
            throw error
        }
    }

    /// Gives the source back, for what it has counted or digested.
    package consuming func takeSource() -> Source { source }
}

extension XzReader where Source: ~Copyable {
    private mutating func decompress(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        guard buffer.count > 0 else { return 0 }
        // One byte over the limit is enough to know that there are too many.
        let room = limit - produced
        let capacity = room < Int64(buffer.count) ? Int(room) + 1 : buffer.count
        let output = UnsafeMutableRawBufferPointer(rebasing: buffer[..<capacity])
        while !hasEnded {
            if decoder.isInputEmpty, !hasSourceEnded { hasSourceEnded = try decoder.refill(from: &source) == 0 }
            let step = decoder.step(into: output, isLast: hasSourceEnded)
            switch step.outcome {
            case .goesOn: break
            case .ended: hasEnded = true
            case .stuck:
                // Without input to go on with, a decoder may stand still once; with some it may not.
                guard decoder.isInputEmpty else { throw malformed("its compressed data is invalid") }
                guard !hasSourceEnded else {
                    throw malformed(decoder.position == 0 ? "it is empty" : "it ends too early")
                }
            case .malformed(let reason): throw malformed(reason)
            case .unsupported(let reason):
                throw Diagnostic(
                    .xzUnsupported,
                    "the xz stream is of a kind that is not read",
                    at: subject,
                    because: reason
                )
            case .outOfMemory: throw Self.outOfMemory(at: subject)
            }
            guard Int64(step.count) <= room else {
                throw Diagnostic(
                    .xzTooLarge,
                    "the xz stream is too large",
                    at: subject,
                    because: "it decompresses to more than \(limit) bytes"
                )
            }
            produced += Int64(step.count)
            if step.count > 0 { return step.count }
        }
        return 0
    }

    private func malformed(_ reason: String) -> Diagnostic {
        Diagnostic(
            .xzMalformed,
            "the xz stream is damaged",
            at: subject,
            because: "\(reason), at byte \(decoder.position)"
        )
    }

    private static func outOfMemory(at subject: Diagnostic.Subject?) -> Diagnostic {
        Diagnostic(.io, "cannot decompress the xz stream", at: subject, because: "there is not enough memory")
    }
}

extension Diagnostic.Code {
    package static let xzMalformed = Self("xz.malformed", .verification)
    package static let xzTooLarge = Self("xz.too-large", .verification)
    package static let xzUnsupported = Self("xz.unsupported", .verification)
}
