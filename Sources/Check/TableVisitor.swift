import Archive
package import ByteIO
package import Diagnostics
import ELF
import OCI

/// Makes the records of a layer's table.
struct TableVisitor: LayerVisitor {
    let layer: Descriptor
    private var writer = RecordWriter()
    /// Number of records.
    private(set) var count = 0
    private let budget: SharedBudget
    /// Size of the contents that may still be kept for this layer, in bytes.
    private var contentLeft = 16 << 20
    private let directory: FilePath

    init(layer: Descriptor, drafts directory: FilePath, _ budget: SharedBudget) {
        self.layer = layer
        self.directory = directory
        self.budget = budget
    }

    /// The records, as a table has them.
    var bytes: [UInt8] { writer.bytes }

    mutating func visit<Content: ByteSource & ~Copyable>(
        _ record: TarRecord,
        _ content: inout Content
    ) throws(Diagnostic) {
        var kept: [UInt8]?
        var facts: FileFacts?
        let limit = Self.limit(of: record)
        if limit > 0, record.size <= Int64(min(limit, contentLeft)) {
            kept = try content.bytes(count: Int(record.size))
            contentLeft -= Int(record.size)
        } else if record.kind == .regular {
            facts = try FileFacts(of: record, &content, drafts: directory)
        }
        let start = writer.size
        writer.put(LayerTable.Record(record.entry, content: kept, facts: facts))
        count += 1
        try budget.take(entries: 1, metadata: writer.size - start, of: .blob(layer.digest.description))
    }

    /// How many bytes of an entry's content are worth keeping: those of accounts, of what an image says it is, of
    /// certificate bundles, and of what says where the loader looks.
    private static func limit(of record: TarRecord) -> Int {
        guard record.kind == .regular else { return 0 }
        if record.path.starts(with: "etc/ld.so.conf.d/".utf8) || record.path.starts(with: "etc/ld-musl-".utf8) {
            return 64 << 10
        }
        let start = record.path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return switch String(decoding: record.path[start...], as: UTF8.self) {
        case "passwd", "group", "os-release", "ld.so.conf": 64 << 10
        case "ld.so.cache": 1 << 20
        case "ca-certificates.crt", "ca-bundle.crt", "ca-bundle.pem", "cacert.pem", "cert.pem", "tls-ca-bundle.pem":
            4 << 20
        default: 0
        }
    }
}

extension ByteSource where Self: ~Copyable {
    /// The next `count` bytes; fewer at the end.
    package mutating func bytes(count: Int) throws(Diagnostic) -> [UInt8] {
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
