import Archive
import CDeflate
import CZlib
import Glibc
import TestSupport
import Testing

@Suite("Finding a deflate stream's last block")
struct DeflateBoundaryTests {
    @Test("the walk and zlib find the same block and the same end, at every level", arguments: 1...12)
    func agreesWithZlib(level: Int) throws {
        for sample in Sample.all {
            let stream = deflated(sample.bytes, level: level)
            let found = try #require(boundary(stream), "\(sample.name)")
            #expect(found == zlibBoundary(stream), "\(sample.name)")
            #expect(found.outputSize == sample.bytes.count, "\(sample.name)")
            // libdeflate writes no whole byte more than it needs.
            #expect((0..<8).contains(stream.count * 8 - found.end), "\(sample.name)")
        }
    }

    @Test("inputs of every small size and of many larger ones are walked", arguments: [1, 4, 6, 9])
    func sizes(level: Int) throws {
        var generator = Pseudorandom(seed: UInt64(level))
        let sizes = Array(1...150) + (0..<25).map { _ in Int.random(in: 301...70_000, using: &generator) }
        for size in sizes {
            let bytes = Sample.mixed(size, &generator)
            let stream = deflated(bytes, level: level)
            #expect(boundary(stream) == zlibBoundary(stream), "size \(size)")
            #expect(boundary(stream)?.outputSize == size)
        }
    }

    @Test("zlib's own streams are walked, too: they have other blocks", arguments: [1, 6, 9], [0, 4])
    func zlibStreams(level: Int32, strategy: Int32) throws {
        for sample in Sample.all {
            let stream = zlibDeflated(sample.bytes, level: level, strategy: strategy)
            let found = try #require(boundary(stream), "\(sample.name)")
            #expect(found == zlibBoundary(stream), "\(sample.name)")
            #expect(found.outputSize == sample.bytes.count)
        }
    }

    @Test("stored, static and dynamic blocks all occur in these tests")
    func kinds() {
        // The second and third bit of a stream are its first block's type (RFC 1951 § 3.2.3).
        let types = Sample.all.flatMap { sample in [1, 4, 9].map { (deflated(sample.bytes, level: $0)[0] >> 1) & 3 } }
        #expect(Set(types) == [0, 1, 2])
        #expect((deflated([0x61], level: 1)[0] >> 1) & 3 != 2)
        #expect((deflated(Sample.random(5000), level: 6)[0] >> 1) & 3 == 0)
    }

    @Test("a stream that was cut short has no boundary", arguments: [1, 6, 12])
    func truncated(level: Int) {
        for sample in Sample.all where sample.bytes.count > 1 {
            let stream = deflated(sample.bytes, level: level)
            var generator = Pseudorandom(seed: 7)
            for length in [0, 1, 2, stream.count - 1]
                + (0..<40).map({ _ in Int.random(in: 0..<stream.count, using: &generator) })
            {
                #expect(boundary(Array(stream[..<length])) == nil, "\(sample.name) cut to \(length)")
            }
        }
    }

    @Test("a damaged stream is walked as zlib inflates it, or refused, and nothing traps", arguments: 1...12)
    func damaged(level: Int) {
        var generator = Pseudorandom(seed: UInt64(level) &* 77)
        var accepted = 0
        for sample in Sample.small {
            let stream = deflated(sample.bytes, level: level)
            for _ in 0..<200 {
                var damaged = stream
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    let place = Int.random(in: damaged.indices, using: &generator)
                    // The first bytes hold the code's description, where damage is the most interesting.
                    damaged[Bool.random(using: &generator) ? place : place % min(60, damaged.count)] ^=
                        1 << UInt8.random(in: 0...7, using: &generator)
                }
                let found = boundary(damaged)
                guard let expected = zlibBoundary(damaged) else { continue }
                accepted += 1
                #expect(found == expected, "\(sample.name)")
            }
        }
        #expect(accepted > 0)
    }

    @Test("bytes that never were a stream do not trap")
    func noise() {
        var generator = Pseudorandom(seed: 1951)
        for _ in 0..<3000 {
            let bytes = (0..<Int.random(in: 0...400, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            if let expected = zlibBoundary(bytes) { #expect(boundary(bytes) == expected) }
            _ = boundary(bytes)
        }
        #expect(boundary([]) == nil)
        #expect(boundary([0x07]) == nil)
        #expect(boundary([UInt8](repeating: 0, count: 5)) == nil)
    }
}

@Suite("Finding a deflate stream's last block from its end")
struct LastBlockSearchTests {
    /// Inputs that libdeflate cuts into several blocks.
    private static let large: [Sample] = {
        var generator = Pseudorandom(seed: 32)
        let mixed = (0..<12).map { index in
            Sample(
                name: "mixed \(index)",
                bytes: Sample.mixed(Int.random(in: 50_000...700_000, using: &generator), &generator)
            )
        }
        let tails: [(String, [UInt8])] = [
            ("text", Sample.text(400_000)), ("random bytes", Sample.random(100_000)),
            ("zeros", [UInt8](repeating: 0, count: 400_000)), ("a few zeros", [UInt8](repeating: 0, count: 1536)),
        ]
        return mixed + tails.map { Sample(name: "text, then \($0)", bytes: Sample.text(400_000) + mixed[0].bytes + $1) }
    }()

    @Test("the search gives what the walk gives, or nothing", arguments: [1, 2, 4, 6, 9])
    func agreesWithWalk(level: Int) throws {
        for sample in Self.large + Sample.all {
            let stream = deflated(sample.bytes, level: level)
            guard let found = searched(stream, sample.bytes) else { continue }
            #expect(found == boundary(stream), "\(sample.name)")
        }
    }

    @Test("the search finds the last block of text and of programs", arguments: [1, 2, 6])
    func finds(level: Int) throws {
        let text = Sample.text(700_000)
        let stream = deflated(text, level: level)
        let last = searched(stream, text)
        #expect(last != nil)
        #expect(last == zlibBoundary(stream))
        // Nearly always elsewhere, too.
        let found = Self.large.count { searched(deflated($0.bytes, level: level), $0.bytes) != nil }
        #expect(found * 2 > Self.large.count)
    }

    @Test("a stream of other bytes is not accepted", arguments: [1, 2, 6])
    func otherBytes(level: Int) {
        let text = Sample.text(700_000)
        let stream = deflated(text, level: level)
        for place in [text.count - 1, text.count - 500] {
            var other = text
            other[place] ^= 1
            #expect(searched(stream, other) == nil, "byte \(place)")
        }
        #expect(searched(stream, Array(text.dropLast())) == nil)
        #expect(searched(stream, text + [0]) == nil)
        #expect(searched(stream, []) == nil)
    }

    @Test("a damaged stream, or noise, does not trap")
    func damaged() {
        let text = Sample.text(300_000)
        let stream = deflated(text, level: 2)
        var generator = Pseudorandom(seed: 5)
        for _ in 0..<60 {
            var damaged = stream
            for _ in 0..<20 {
                let place = Int.random(in: max(0, stream.count - 8000)..<stream.count, using: &generator)
                damaged[place] = UInt8.random(in: .min ... .max, using: &generator)
            }
            #expect(searched(damaged, text) == nil)
            #expect(searched(Array(stream.prefix(Int.random(in: 0..<stream.count, using: &generator))), text) == nil)
        }
        for size in [0, 1, 8, 9, 10, 127, 128, 129, 5000] { #expect(searched(Sample.random(size), text) == nil) }
    }
}

/// What the search finds, in the form of the walk.
private func searched(_ stream: [UInt8], _ plain: [UInt8]) -> Boundary? {
    let padded = stream + [UInt8](repeating: 0xFF, count: DeflateBoundary.readableSlack)
    return padded.withUnsafeBufferPointer { buffer in
        plain.withUnsafeBytes { plain in
            buffer.baseAddress
                .flatMap { LastBlockSearch($0, count: stream.count, of: plain).run() }
                .map { Boundary(lastBlock: $0.lastBlock, end: $0.end, outputSize: $0.outputSize) }
        }
    }
}

// MARK: - The walk, with its slack

/// What the walk and the oracle both tell.
private struct Boundary: Hashable {
    let lastBlock: Int
    let end: Int
    let outputSize: Int
}

private func boundary(_ stream: [UInt8]) -> Boundary? {
    // What is behind the stream must not matter.
    let padded = stream + [UInt8](repeating: 0xFF, count: DeflateBoundary.readableSlack)
    return padded.withUnsafeBufferPointer { buffer in
        buffer.baseAddress
            .flatMap { DeflateBoundary(of: $0, count: stream.count) }
            .map { Boundary(lastBlock: $0.lastBlock, end: $0.end, outputSize: $0.outputSize) }
    }
}

private func deflated(_ bytes: [UInt8], level: Int) -> [UInt8] {
    guard let compressor = libdeflate_alloc_compressor(Int32(level)) else { return [] }
    defer { libdeflate_free_compressor(compressor) }
    let bound = libdeflate_deflate_compress_bound(compressor, bytes.count)
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
        count = libdeflate_deflate_compress(compressor, bytes, bytes.count, buffer.baseAddress, bound)
    }
}

// MARK: - The oracle

/// Where each block of a raw stream ends, from zlib's inflate, which stops at blocks if asked to (`Z_BLOCK`).
private func zlibBoundary(_ stream: [UInt8]) -> Boundary? {
    var input = stream
    // zlib's state points back at the z_stream, which therefore must not move.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard coracle_inflateInit2(stream, -15) == Z_OK else { return nil }
    defer { inflateEnd(stream) }
    var output = [UInt8](repeating: 0, count: 1 << 16)
    var start = 0
    return input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            while true {
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(output.count)
                let result = inflate(stream, Z_BLOCK)
                let position = Int(stream.pointee.total_in) * 8 - Int(stream.pointee.data_type & 7)
                let isAtBlock = stream.pointee.data_type & 128 != 0
                let isLast = stream.pointee.data_type & 64 != 0
                if result == Z_STREAM_END || (result == Z_OK && isAtBlock && isLast) {
                    return Boundary(lastBlock: start, end: position, outputSize: Int(stream.pointee.total_out))
                }
                guard result == Z_OK else { return nil }
                if isAtBlock { start = position }
                if stream.pointee.avail_in == 0, stream.pointee.avail_out != 0, !isAtBlock { return nil }
            }
        }
    }
}

private func zlibDeflated(_ bytes: [UInt8], level: Int32, strategy: Int32) -> [UInt8] {
    var input = bytes
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    guard
        deflateInit2_(stream, level, Z_DEFLATED, -15, 8, strategy, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            == Z_OK
    else { return [] }
    defer { deflateEnd(stream) }
    let bound = Int(deflateBound(stream, UInt(bytes.count)))
    return input.withUnsafeMutableBufferPointer { input in
        [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            stream.pointee.next_out = buffer.baseAddress
            stream.pointee.avail_out = UInt32(bound)
            _ = deflate(stream, Z_FINISH)
            count = Int(stream.pointee.total_out)
        }
    }
}
