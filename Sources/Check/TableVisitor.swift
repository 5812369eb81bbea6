import Archive
import ByteIO
import Diagnostics
import OCI

/// Makes the records of a layer's table.
struct TableVisitor: LayerVisitor {
    let layer: Descriptor
    private(set) var records: [LayerTable.Record] = []
    /// Of the contents that are kept for one layer, in bytes.
    private var contentLeft = 16 << 20

    init(layer: Descriptor) { self.layer = layer }

    mutating func visit<Content: ByteSource & ~Copyable>(
        _ record: TarRecord,
        _ content: inout Content
    ) throws(Diagnostic) {
        guard records.count < LayerTable.mostEntries else {
            throw .layerTooManyEntries(layer, limit: LayerTable.mostEntries)
        }
        var kept: [UInt8]?
        let limit = Self.limit(of: record)
        if limit > 0, record.size <= Int64(min(limit, contentLeft)) {
            kept = try content.bytes(count: Int(record.size))
            contentLeft -= Int(record.size)
        }
        records.append(
            LayerTable.Record(
                path: record.path,
                kind: record.kind,
                mode: record.mode,
                uid: record.uid,
                gid: record.gid,
                size: record.size,
                content: kept
            )
        )
    }

    /// How many bytes of an entry's content are worth keeping: those of accounts, of what an image says it is, and of
    /// certificate bundles.
    private static func limit(of record: TarRecord) -> Int {
        guard record.kind == .regular else { return 0 }
        let start = record.path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return switch String(decoding: record.path[start...], as: UTF8.self) {
        case "passwd", "group", "os-release": 64 << 10
        case "ca-certificates.crt", "ca-bundle.crt", "ca-bundle.pem", "cacert.pem", "cert.pem", "tls-ca-bundle.pem":
            4 << 20
        default: 0
        }
    }
}

extension ByteSource where Self: ~Copyable {
    /// The next `count` bytes; fewer at the end.
    mutating func bytes(count: Int) throws(Diagnostic) -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized throws(Diagnostic) in
            while initialized < count {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[initialized...]
                )
                let read = try read(into: rest)
                if read == 0 { return }
                initialized += read
            }
        }
    }
}
