import Diagnostics
import OCI
import Store

/// What is said of transfers in lines: for people without a terminal, and for programs.
enum TransferLines {
    /// The line of a blob that is done; `nil` if it failed, which an error reports.
    static func ended(_ transfer: TransferBoard.Transfer, _ outcome: TransferEvent.Outcome) -> String? {
        let blob = "\(name(transfer.blob.digest)) \(ByteCount(transfer.blob.size))"
        return switch (outcome, transfer.direction) {
        case (.transferred, .upload): "pushed \(blob)"
        case (.transferred, .download): "pulled \(blob)"
        case (.present, _): "exists \(blob)"
        case (.mounted(let source), _): "mounted \(blob) from \(source)"
        case (.failed, _): nil
        }
    }

    /// A blob that takes long.
    static func advanced(_ transfer: TransferBoard.Transfer) -> String {
        let verb = transfer.direction == .upload ? "pushing" : "pulling"
        return "\(verb) \(name(transfer.blob.digest)) \(ByteCount(transfer.bytes)) of \(ByteCount(transfer.blob.size))"
    }

    /// `registry.example: tried again in 2 s (2 of 5): 503`.
    static func retrying(_ host: String, _ attempt: Int, of limit: Int, _ delay: Duration, _ reason: String) -> String {
        "\(host): tried again in \(seconds(delay)) s (\(attempt) of \(limit)): \(reason)"
    }

    /// One object, without a line feed.
    static func json(_ event: TransferEvent) -> String {
        var object = JSONObject()
        switch event {
        case .began(let blob, let direction):
            object["event"] = "began"
            object["direction"] = direction == .upload ? "upload" : "download"
            object["digest"] = .string(blob.digest.description)
            object["size"] = .int(blob.size)
        case .advanced(let digest, let bytes):
            object["event"] = "advanced"
            object["digest"] = .string(digest.description)
            object["bytes"] = .int(bytes)
        case .ended(let digest, let outcome):
            object["event"] = "ended"
            object["digest"] = .string(digest.description)
            switch outcome {
            case .transferred: object["outcome"] = "transferred"
            case .present: object["outcome"] = "present"
            case .failed: object["outcome"] = "failed"
            case .mounted(let source):
                object["outcome"] = "mounted"
                object["from"] = .string(source.description)
            }
        case .retrying(let host, let attempt, let limit, let delay, let reason):
            object["event"] = "retrying"
            object["host"] = .string(host)
            object["attempt"] = .int(Int64(attempt))
            object["limit"] = .int(Int64(limit))
            object["afterMilliseconds"] = .int(milliseconds(delay))
            object["reason"] = .string(reason)
        }
        return String(decoding: JSON.object(object).encoded(), as: UTF8.self)
    }

    private static func name(_ digest: Digest) -> String { "\(digest.algorithm.rawValue):\(digest.hex.prefix(12))" }

    private static func milliseconds(_ delay: Duration) -> Int64 {
        let (seconds, attoseconds) = delay.components
        return seconds.multipliedReportingOverflow(by: 1000).partialValue + attoseconds / 1_000_000_000_000_000
    }

    /// With a tenth where it is less than ten.
    private static func seconds(_ delay: Duration) -> String {
        let tenths = milliseconds(delay) / 100
        return tenths >= 100 || tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}
