import Diagnostics
import OCI
import Store

/// The block of bars that a terminal shows: a line for each blob on its way, and one for all of them.
struct TransferBars {
    /// Width of the terminal, in columns.
    let width: Int

    /// `nil` if the terminal has no room for bars.
    init?(width: Int) {
        guard width >= 40 else { return nil }
        self.width = min(width, 120)
    }

    /// - Parameter rate: bytes a second over all; `nil` while it is not known.
    func lines(_ board: TransferBoard, rate: Int64?) -> [String] {
        guard !board.active.isEmpty else { return [] }
        // More would scroll, and what has scrolled away cannot be drawn again.
        let shown = board.active.prefix(10)
        var lines = shown.map { transfer in
            line(
                String(transfer.blob.digest.hex.prefix(12)),
                transfer.bytes,
                of: transfer.blob.size,
                transfer.direction == .upload ? "up" : "down"
            )
        }
        if shown.count < board.active.count { lines.append("and \(board.active.count - shown.count) more") }
        return lines + [line("all", board.done, of: board.total, rate.map { "\(ByteCount($0))/s" } ?? "")]
    }

    private func line(_ label: String, _ bytes: Int64, of size: Int64, _ remark: String) -> String {
        let amounts = "\(ByteCount(bytes).padded) of \(ByteCount(size).padded)"
        let start = label.leftAligned(12)
        // A character less than there is room for: some terminals break the line behind the last column.
        let room = width - 1 - start.count - 1 - amounts.count
        let length = room - 1 - "999.9 kB/s".count - "[] ".count
        let text = length >= 5 ? "\(start) [\(bar(bytes, of: size, length))] \(amounts)" : "\(start) \(amounts)"
        return remark.isEmpty || remark.count >= room ? text : "\(text) \(remark)"
    }

    private func bar(_ bytes: Int64, of size: Int64, _ length: Int) -> String {
        let share = size > 0 ? Double(min(bytes, size)) / Double(size) : 1
        let full = min(length, max(0, Int(share * Double(length))))
        guard full < length else { return String(repeating: "=", count: length) }
        return String(repeating: "=", count: full) + ">" + String(repeating: " ", count: length - full - 1)
    }
}
