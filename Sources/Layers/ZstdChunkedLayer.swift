import Archive
import ByteIO
import Diagnostics
import OCI

/// A layer as zstd frames, one for each file and one for what stands between two, with a table of contents behind them in
/// frames that decompressors pass over: zstd:chunked, as containers/storage reads it.
///
/// The tar is that of every other format, and so is the diffID.
enum ZstdChunkedLayer: LayerFormat {
    static let mediaType = MediaType.layerTarZstd
    static let levels = ZstdCompressor.levels
    static let usualLevel = ZstdLayer.usualLevel
    static let sharedLevel = ZstdLayer.sharedLevel
    static let name = "zstd:chunked by \(ZstdCompressor.library)"
    static let version = ZstdCompressor.version
    static let index: LayerIndexStyle? = LayerIndexStyle(joinsHeaders: false, isInTar: false)

    /// A frame of its own costs a file 13 bytes and what stands before it as many, of the 1,024 that both have in the tar.
    static func largestBlob(of size: Int64) -> Int64 { GzipLayer.largestBlob(of: size) }

    static func compressors(level: Int) -> any BlockCompressors { ZstdLayer.compressors(level: level) }

    static func expand(_ block: [UInt8], size: Int) -> [UInt8]? { ZstdFrames.expanded(block, size: size) }

    // MARK: Index

    private static let annotation = "io.github.containers.zstd-chunked"
    /// The table's own: its text is a quarter of the blob's work at a higher one.
    private static let indexLevel = 1
    /// How many entries are written and compressed as one frame. Fixed: the digest depends on it.
    private static let entriesOfFrame = 2000
    /// The only type of table.
    private static let type: UInt64 = 1
    private static let signature = Array("GNUlInUx".utf8)

    static func indexTail(of index: LayerIndex) throws(Diagnostic) -> LayerTail {
        try index.checkNames("zstd:chunked")
        let split = try frames(index.entries.count) { numbers in tarSplit(of: index, numbers) }
        let splitDigest = Digest(sha256Of: split.bytes)
        let contents = try frames(index.entries.count) { numbers in
            var bytes = numbers.lowerBound == 0 ? Array("{\"version\":1,\"entries\":[".utf8) : []
            for number in numbers {
                if number > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes += entry(number, of: index)
            }
            if numbers.upperBound == index.entries.count {
                bytes += "],\"tarSplitDigest\":\"\(splitDigest)\"}".utf8
            }
            return bytes
        }
        let header = Int64(ZstdFrames.skippableHeader)
        let offset = index.compressedSize + header
        let splitOffset = offset + Int64(contents.bytes.count) + header
        let footer = [
            UInt64(offset), UInt64(contents.bytes.count), UInt64(contents.plainSize), type,
            UInt64(splitOffset), UInt64(split.bytes.count), UInt64(split.plainSize),
        ]
        var footerBytes = [UInt8]()
        for number in footer { withUnsafeBytes(of: number.littleEndian) { footerBytes += $0 } }
        return LayerTail(
            compressed: ZstdFrames.skippable(contents.bytes) + ZstdFrames.skippable(split.bytes)
                + ZstdFrames.skippable(footerBytes + signature),
            annotations: [
                "\(annotation).manifest-checksum": Digest(sha256Of: contents.bytes).description,
                "\(annotation).manifest-position": "\(offset):\(contents.bytes.count):\(contents.plainSize):\(type)",
                "\(annotation).tarsplit-position": "\(splitOffset):\(split.bytes.count):\(split.plainSize)",
            ]
        )
    }

    /// The text that `make` gives for stretches of `count` entries, each compressed as a frame: several at the same time.
    private static func frames(
        _ count: Int,
        _ make: @Sendable (Range<Int>) -> [UInt8]
    ) throws(Diagnostic) -> (bytes: [UInt8], plainSize: Int) {
        let idle = IdleCompressors<ZstdCompressor>(level: indexLevel)
        let parts = inStretches(of: entriesOfFrame, count) {
            numbers -> Result<(bytes: [UInt8], plainSize: Int), Diagnostic> in
            let plain = make(numbers)
            do throws(Diagnostic) {
                let block = try ZstdLayer.Compressors(idle: idle).compress(plain, [])
                return .success((block.bytes, plain.count))
            } catch {
                return .failure(error)
            }
        }
        var (bytes, plainSize) = ([UInt8](), 0)
        for part in parts {
            let frame = try part.get()
            bytes += frame.bytes
            plainSize += frame.plainSize
        }
        return (bytes, plainSize)
    }

    /// What the table says of an entry: an object for it, and one for each further chunk of its bytes.
    private static func entry(_ number: Int, of index: LayerIndex) -> [UInt8] {
        let entry = index.entries[number]
        let chunks = index.chunks(of: number)
        var text = IndexText(isPretty: false)
        text.object { text in
            entry.writeHeader(to: &text)
            guard let first = chunks.first, let last = chunks.last else { return }
            if let sums = index.sums(of: number) { text.member("digest", sums.digest) }
            text.member("offset", first.place.lowerBound)
            text.member("endOffset", last.place.upperBound)
            guard chunks.count > 1 else { return }
            text.member("chunkSize", Int64(first.size))
            text.member("chunkDigest", first.sums.digest)
        }
        var bytes = text.bytes
        for chunk in chunks.dropFirst() {
            var text = IndexText(isPretty: false)
            text.object { text in
                text.member("type", text: "chunk".utf8)
                text.member("name", text: entry.tarHeader.name)
                text.member("offset", chunk.place.lowerBound)
                text.member("chunkSize", Int64(chunk.size))
                text.member("chunkOffset", chunk.start)
                text.member("chunkDigest", chunk.sums.digest)
            }
            bytes.append(UInt8(ascii: ","))
            bytes += text.bytes
        }
        return bytes
    }

    // MARK: tar-split

    /// What else than files' contents is in the tar, as lines of JSON: readers put the tar together again from it. For each
    /// entry the bytes before its content, then its name and the checksum of the content.
    private static func tarSplit(of index: LayerIndex, _ numbers: Range<Int>) -> [UInt8] {
        var bytes = [UInt8]()
        func segment(_ raw: [UInt8], _ position: Int) {
            var text = IndexText(isPretty: false)
            text.object { text in
                text.member("type", 2)
                text.member("payload", base64: raw)
                text.member("position", Int64(position))
            }
            bytes += text.bytes
            bytes.append(UInt8(ascii: "\n"))
        }
        for number in numbers {
            let header = index.entries[number].tarHeader
            segment(padding(before: number, in: index) + header.encoded(), 2 * number)
            var text = IndexText(isPretty: false)
            text.object { text in
                text.member("type", 1)
                text.member("name", text: header.name)
                text.number("size", header.size)
                var checksum: [UInt8]?
                if header.size > 0, let sums = index.sums(of: number) {
                    checksum = CRC64(resuming: sums.checksum).bytes
                }
                text.member("payload", base64: checksum)
                text.member("position", Int64(2 * number + 1))
            }
            bytes += text.bytes
            bytes.append(UInt8(ascii: "\n"))
        }
        if numbers.upperBound == index.entries.count {
            let end = [UInt8](repeating: 0, count: 2 * TarHeader.blockSize)
            segment(padding(before: numbers.upperBound, in: index) + end, 2 * numbers.upperBound)
        }
        return bytes
    }

    /// The zeros that fill up the block of the entry before.
    private static func padding(before number: Int, in index: LayerIndex) -> [UInt8] {
        guard number > 0 else { return [] }
        let size = index.entries[number - 1].contentSize
        return [UInt8](repeating: 0, count: Int(TarHeader.padded(size) - size))
    }
}
