package import Archive
package import Diagnostics
import Layers
package import OCI
package import Store

/// What one layer has in it: every entry without its content, and the content of the small files that a planner reads.
package struct LayerTable: Sendable {
    package struct Record: LayerRecord, Hashable {
        package let path: [UInt8]
        package let kind: TarRecord.Kind
        /// Permission bits, with setuid, setgid and sticky.
        package let mode: UInt16
        package let uid: UInt32
        package let gid: UInt32
        /// Of the content, in bytes.
        package let size: Int64
        /// Nil where it was not read.
        package let content: [UInt8]?
    }

    /// The digest of the layer's tar, as it was computed from its bytes.
    package let diffID: DiffID
    /// Of the tar, in bytes.
    package let size: Int64
    /// In the order of the tar.
    package let records: [Record]

    /// Entries of one layer; images with hundreds of thousands of files in all are ordinary.
    private static let mostEntries = 5_000_000
    /// Of the contents that are kept for one layer, in bytes.
    private static let mostContent = 16 << 20

    /// Reads all of `layer`, and verifies it on the way.
    ///
    /// - Throws: `layer.too-many-entries`; what `LayerScan` throws.
    package init(_ layer: Descriptor, in blob: LocalBlob) throws(Diagnostic) {
        var records = [Record]()
        var contentLeft = Self.mostContent
        let scan = try LayerScan(layer, in: blob, reading: { min(Self.limit(of: $0), contentLeft) }) {
            record,
            content throws(Diagnostic) in
            guard records.count < Self.mostEntries else { throw .layerTooManyEntries(layer, limit: Self.mostEntries) }
            // An empty content is not worth asking for, and a limit of 0 reads nothing else.
            let isRead = Self.limit(of: record) > 0
            contentLeft -= content?.count ?? 0
            records.append(
                Record(
                    path: record.path,
                    kind: record.kind,
                    mode: record.mode,
                    uid: record.uid,
                    gid: record.gid,
                    size: record.size,
                    content: isRead ? content : nil
                )
            )
        }
        self.init(diffID: scan.diffID, size: scan.size, records: records)
    }

    init(diffID: DiffID, size: Int64, records: [Record]) {
        self.diffID = diffID
        self.size = size
        self.records = records
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

extension Diagnostic {
    fileprivate static func layerTooManyEntries(_ layer: Descriptor, limit: Int) -> Diagnostic {
        Diagnostic(
            .layerTooManyEntries,
            "a layer has too many entries",
            at: .blob(layer.digest.description),
            because: "more than \(limit) are not read"
        )
    }
}

extension Diagnostic.Code {
    package static let layerTooManyEntries = Self("layer.too-many-entries", .verification)
}
