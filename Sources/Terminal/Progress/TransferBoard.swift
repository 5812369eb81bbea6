import OCI
import Store

/// What is on its way right now, and how much there was in all: a value that events change.
struct TransferBoard {
    /// One blob on its way.
    struct Transfer: Hashable {
        let blob: Descriptor
        let direction: TransferEvent.Direction
        /// How many bytes have come or gone.
        var bytes: Int64 = 0
    }

    /// In the order they began.
    private(set) var active: [Transfer] = []
    /// The sizes of all that began.
    private(set) var total: Int64 = 0
    /// How much of that needs nothing more: what has arrived, and what was there.
    private(set) var settled: Int64 = 0
    /// What did go over the network, of blobs that are done.
    private(set) var moved: Int64 = 0

    /// Takes notice of an event; returns the blob that it ended.
    mutating func apply(_ event: TransferEvent) -> Transfer? {
        switch event {
        case .began(let blob, let direction):
            active.append(Transfer(blob: blob, direction: direction))
            total = total.addingReportingOverflow(blob.size).partialValue
        case .advanced(let digest, let bytes):
            guard let place = active.firstIndex(where: { $0.blob.digest == digest }) else { break }
            active[place].bytes = min(max(0, bytes), active[place].blob.size)
        case .ended(let digest, let outcome):
            guard let place = active.firstIndex(where: { $0.blob.digest == digest }) else { break }
            var transfer = active.remove(at: place)
            switch outcome {
            case .transferred:
                transfer.bytes = transfer.blob.size
                moved = moved.addingReportingOverflow(transfer.blob.size).partialValue
            case .present, .mounted: transfer.bytes = transfer.blob.size
            case .failed:
                total = total.subtractingReportingOverflow(transfer.blob.size).partialValue
                return transfer
            }
            settled = settled.addingReportingOverflow(transfer.blob.size).partialValue
            return transfer
        case .retrying: break
        }
        return nil
    }

    /// How much of `total` is done.
    var done: Int64 { active.reduce(settled) { $0.addingReportingOverflow($1.bytes).partialValue } }

    /// What has gone over the network so far.
    var transferred: Int64 { active.reduce(moved) { $0.addingReportingOverflow($1.bytes).partialValue } }

    var hasUploads: Bool { active.contains { $0.direction == .upload } }
}
