import Archive
import ByteIO
import Diagnostics
import ELF
import OCI

/// Makes the records of a layer's table.
struct TableVisitor: LayerVisitor {
    let layer: Descriptor
    private(set) var records: [LayerTable.Record] = []
    /// Size of the contents that may still be kept for this layer, in bytes.
    private var contentLeft = 16 << 20

    /// Maximum size of what is kept of one layer's ELF files, in bytes. A large image has a few hundred kilobytes.
    private static let mostFacts = 64 << 20
    private var factsLeft = Self.mostFacts
    private let directory: FilePath

    init(layer: Descriptor, drafts directory: FilePath) {
        self.layer = layer
        self.directory = directory
    }

    mutating func visit<Content: ByteSource & ~Copyable>(
        _ record: TarRecord,
        _ content: inout Content
    ) throws(Diagnostic) {
        guard records.count < LayerTable.mostEntries else {
            throw .layerTooManyEntries(layer, limit: LayerTable.mostEntries)
        }
        var kept: [UInt8]?
        var facts: FileFacts?
        let limit = Self.limit(of: record)
        if limit > 0, record.size <= Int64(min(limit, contentLeft)) {
            kept = try content.bytes(count: Int(record.size))
            contentLeft -= Int(record.size)
        } else if record.kind == .regular {
            facts = try FileFacts(of: record, &content, drafts: directory)
            factsLeft -= facts?.bytes.count ?? 0
            guard factsLeft > 0 else { throw .layerTooMuchToKnow(layer, limit: Self.mostFacts) }
        }
        records.append(LayerTable.Record(record.entry, content: kept, facts: facts))
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

extension Diagnostic {
    fileprivate static func layerTooMuchToKnow(_ layer: Descriptor, limit: Int) -> Diagnostic {
        Diagnostic(
            .layerTooManyEntries,
            "the ELF files of a layer need too much",
            at: .blob(layer.digest.description),
            because: "names of libraries and versions that are longer than \(limit) bytes together are not read"
        )
    }
}
