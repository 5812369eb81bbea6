package import ByteIO
package import Diagnostics

/// The uncompressed bytes of a zstd stream, whose frames are read as one.
///
/// Checksums are verified where frames have them. Skippable frames, as of seekable and chunked variants, are passed over.
/// Once a read has returned 0, `source` has been read to its end, so that whatever counts or digests the compressed
/// bytes has seen all of them.
///
/// RFC 8878.
package struct ZstdReader<Source: ByteSource & ~Copyable>: ByteSource, ~Copyable {
    private var source: Source
    private let subject: Diagnostic.Subject?
    private let limit: Int64
    private var decoder: ZstdDecoder
    private var produced: Int64 = 0
    private var place = Place.gap
    private var failure: Diagnostic?

    private enum Place {
        /// Before a frame, or at the end.
        case gap
        case frame
        case end
    }

    /// Reads from `source`.
    ///
    /// - Parameters:
    ///   - limit: the most bytes that may come out; one more is `zstd.too-large`.
    ///   - subject: what is being read, for messages.
    package init(_ source: consuming Source, limit: Int64, at subject: Diagnostic.Subject? = nil) throws(Diagnostic) {
        self.source = source
        self.subject = subject
        self.limit = max(0, limit)
        guard let decoder = ZstdDecoder() else { throw Self.outOfMemory(at: subject) }
        self.decoder = decoder
    }

    /// - Throws: `zstd.malformed` for bytes that are no zstd stream, a truncated one, or a wrong checksum;
    ///   `zstd.unsupported` for a window of more than 128 MiB or a dictionary; `zstd.too-large`; what the source throws.
    ///   Again at every later read.
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

extension ZstdReader where Source: ~Copyable {
    private mutating func decompress(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        guard buffer.count > 0 else { return 0 }
        while place != .end {
            if place == .gap {
                try beginFrame()
            } else {
                let count = try decompressFrame(into: buffer)
                if count > 0 { return count }
            }
        }
        return 0
    }

    /// Decides by the first four bytes what comes.
    private mutating func beginFrame() throws(Diagnostic) {
        while decoder.input.count < 4, try decoder.refill(from: &source) > 0 {}
        let magic = Array(decoder.input.prefix(4))
        if magic.isEmpty {
            guard decoder.position > 0 else { throw malformed("it is empty") }
            place = .end
        } else if magic == [0x28, 0xB5, 0x2F, 0xFD] || Self.isSkippable(magic) {
            place = .frame
        } else if magic.count < 4 {
            throw malformed("it ends too early")
        } else {
            // The library may know formats of before RFC 8878 by other magic numbers; nobody writes them any more.
            guard decoder.position == 0 else { throw malformed("something else follows its end") }
            throw malformed(magic.starts(with: [0x1F, 0x8B]) ? "it is gzip" : "it does not begin like one")
        }
    }

    private static func isSkippable(_ magic: [UInt8]) -> Bool {
        magic.count == 4 && magic[0] & 0xF0 == 0x50 && magic[1...].elementsEqual([0x2A, 0x4D, 0x18])
    }

    /// Decompresses what input there is, or what is left from earlier input; 0 if nothing came of it yet.
    private mutating func decompressFrame(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        // One byte over the limit is enough to know that there are too many.
        let room = limit - produced
        let capacity = room < Int64(buffer.count) ? Int(room) + 1 : buffer.count
        let step = decoder.step(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<capacity]))
        switch step.outcome {
        case .failed(let problem): throw diagnostic(problem)
        case .frameEnded: place = .gap
        case .goesOn:
            // The decoder has no more to give: it wants input, of which every byte must bring it forward.
            if step.count == 0, step.consumed == 0 {
                guard decoder.input.isEmpty else { throw malformed("its compressed data is invalid") }
                guard try decoder.refill(from: &source) > 0 else { throw malformed("it ends too early") }
            }
        }
        guard Int64(step.count) <= room else {
            throw Diagnostic(
                .zstdTooLarge,
                "the zstd stream is too large",
                at: subject,
                because: "it decompresses to more than \(limit) bytes"
            )
        }
        produced += Int64(step.count)
        return step.count
    }

    private func diagnostic(_ problem: ZstdDecoder.Problem) -> Diagnostic {
        switch problem {
        case .malformed(let message): malformed("the library says `\(message)`")
        case .unsupported(let reason):
            Diagnostic(.zstdUnsupported, "the zstd stream is of a kind that is not read", at: subject, because: reason)
        case .outOfMemory: Self.outOfMemory(at: subject)
        }
    }

    private func malformed(_ reason: String) -> Diagnostic {
        Diagnostic(
            .zstdMalformed,
            "the zstd stream is damaged",
            at: subject,
            because: "\(reason), at byte \(decoder.position)"
        )
    }

    private static func outOfMemory(at subject: Diagnostic.Subject?) -> Diagnostic {
        Diagnostic(.io, "cannot decompress the zstd stream", at: subject, because: "there is not enough memory")
    }
}

extension Diagnostic.Code {
    package static let zstdMalformed = Self("zstd.malformed", .verification)
    package static let zstdTooLarge = Self("zstd.too-large", .verification)
    package static let zstdUnsupported = Self("zstd.unsupported", .verification)
}
