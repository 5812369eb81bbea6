import Archive
import ByteIO
import Diagnostics
import OCI

/// A layer as gzip members, of which every file begins one, with a table of contents as the tar's last file and a footer
/// that says where it is: eStargz, as the stargz snapshotter reads it.
///
/// The table is in the tar, and so the diffID is another one than in other formats.
enum EstargzLayer: LayerFormat {
    static let mediaType = MediaType.layerTarGzip
    static let levels = GzipLayer.levels
    static let usualLevel = GzipLayer.usualLevel
    static let sharedLevel = GzipLayer.sharedLevel
    static let name = "eStargz by \(BlockCompressor.library)"
    static let version = BlockCompressor.version
    static let index: LayerIndexStyle? = LayerIndexStyle(joinsHeaders: true, isInTar: true)

    /// A member of its own costs a file 18 bytes, of the 512 that its header has.
    static func largestBlob(of size: Int64) -> Int64 {
        let (limit, overflow) = GzipLayer.largestBlob(of: size).addingReportingOverflow(size / 16)
        return overflow ? .max : limit
    }

    static func compressors(level: Int) -> any BlockCompressors { Compressors(idle: IdleCompressors(level: level)) }

    static func expand(_ block: [UInt8], size: Int) -> [UInt8]? { GzipMember.expanded(block, size: size) }

    private struct Compressors: BlockCompressors {
        let idle: IdleCompressors<GzipCompressor>

        func compress(_ block: [UInt8], _ stretches: [BlockStretch]) throws(Diagnostic) -> CompressedBlock {
            try idle.use { compressor throws(Diagnostic) in
                try CompressedBlock(block, stretches, withChecksums: false, bound: { compressor.bound($0) }) {
                    plain,
                    output in compressor.compress(plain, into: output)
                }
            }
        }
    }

    // MARK: Index

    private static let tableName = "stargz.index.json"
    private static let digestAnnotation = "containerd.io/snapshot/stargz/toc.digest"
    private static let sizeAnnotation = "io.containers.estargz.uncompressed-size"
    /// How many entries are written at a time. It decides nothing but how many cores work.
    private static let entriesOfPart = 2000
    private static let indexLevel = usualLevel

    static func indexTail(of index: LayerIndex) throws(Diagnostic) -> LayerTail {
        try index.checkNames("eStargz")
        let parts = inStretches(of: entriesOfPart, index.entries.count) { numbers in
            var bytes = [UInt8]()
            for number in numbers {
                bytes += (number > 0 ? "," : "").utf8
                bytes += entry(number, of: index)
            }
            return bytes
        }
        let table = Array("{\n\t\"version\": 1,\n\t\"entries\": [".utf8) + parts.joined() + Array("\n\t]\n}".utf8)
        let header = TarHeader(.regular, name: Array(tableName.utf8), size: Int64(table.count), mode: 0o444)
        let padding = Int(TarHeader.padded(header.size) - header.size)
        let plain =
            header.encoded() + table + [UInt8](repeating: 0, count: padding + 2 * TarHeader.blockSize)
        let member = try compressors(level: indexLevel).compress(plain)
        return LayerTail(
            plain: plain,
            compressed: member + footer(index.compressedSize),
            annotations: [
                digestAnnotation: Digest(sha256Of: table).description,
                sizeAnnotation: String(index.plainSize + Int64(plain.count)),
            ]
        )
    }

    /// An empty gzip member whose extra field says where the table's member begins.
    static func footer(_ offset: Int64) -> [UInt8] {
        let digits = String(offset, radix: 16)
        let field = String(repeating: "0", count: max(0, 16 - digits.count)) + digits + "STARGZ"
        return [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 255, 26, 0] + Array("SG".utf8) + [22, 0] + Array(field.utf8)
            + BlockCompressor.terminator + [UInt8](repeating: 0, count: 8)
    }

    /// What the table says of an entry: an object for it, and one for each further chunk of its bytes.
    private static func entry(_ number: Int, of index: LayerIndex) -> [UInt8] {
        let entry = index.entries[number]
        let chunks = index.chunks(of: number)
        var bytes = Array("\n\t\t".utf8)
        var text = IndexText(isPretty: true)
        func write(_ chunk: LayerIndex.Chunk, to text: inout IndexText) {
            text.member("offset", chunk.place.lowerBound)
            text.number("chunkOffset", chunk.start)
            // The last one goes to the file's end.
            if chunk.start + Int64(chunk.size) < entry.contentSize { text.member("chunkSize", Int64(chunk.size)) }
            text.member("chunkDigest", chunk.sums.digest)
        }
        text.object { text in
            entry.writeHeader(to: &text)
            if let sums = index.sums(of: number) { text.member("digest", sums.digest) }
            if let first = chunks.first { write(first, to: &text) }
        }
        bytes += text.bytes
        for chunk in chunks.dropFirst() {
            var text = IndexText(isPretty: true)
            text.object { text in
                text.member("name", text: entry.tarHeader.name)
                text.member("type", text: "chunk".utf8)
                write(chunk, to: &text)
            }
            bytes += ",\n\t\t".utf8
            bytes += text.bytes
        }
        return bytes
    }
}
