package import Findings
import Layers

/// How large an image may be: what a machine without any of its layers downloads.
package struct SizeBudget: Hashable, Sendable {
    /// Size of all layers as they are stored, those of the base included, in bytes.
    private let limit: Int64
    private let largest: [RootEntry]

    /// - Parameter root: what the image has in it.
    package init(limit: Int64, for root: some ImageRoot) {
        self.limit = limit
        var largest = [RootEntry]()
        for entry in root.entries where entry.kind == .file && entry.size > 0 {
            let place = largest.firstIndex { Self.isLarger(entry, than: $0) } ?? largest.count
            guard place < Self.listLimit else { continue }
            largest.insert(entry, at: place)
            if largest.count > Self.listLimit { largest.removeLast() }
        }
        self.largest = largest
    }

    /// As many files are named.
    private static let listLimit = 10

    private static func isLarger(_ entry: RootEntry, than other: RootEntry) -> Bool {
        (other.size, entry.path) < (entry.size, other.path)
    }

    /// - Parameters:
    ///   - own: of the layers above the base's as they are stored, in bytes.
    ///   - base: of the base's.
    /// - Returns: `nil` if the image is within the budget.
    package func finding(own: Int64, base: Int64) -> Finding? {
        let size = own.addingReportingOverflow(base).partialValue
        guard size > limit else { return nil }
        let parts = base > 0 ? "\(own.inMegabytes) of its own and \(base.inMegabytes) of the base" : "all of it its own"
        return Finding(
            .sizeOverBudget,
            "the image has \(size.inMegabytes), and may have \(limit.inMegabytes)",
            because: "\(parts), as its layers are stored; the biggest files, unpacked: "
                + largest.map { "`\($0.path)` \($0.size.inMegabytes)" }.joined(separator: ", "),
            hint: "leave out what it does not need, with lines in `.coracleignore`, or give it more with `--max-size`"
        )
    }
}
