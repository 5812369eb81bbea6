/// A number of bytes as people read it: `512 B`, `12.3 kB`, `4.6 MB`. Units are powers of ten, as registries count.
package struct ByteCount: CustomStringConvertible {
    package let bytes: Int64

    package init(_ bytes: Int64) { self.bytes = bytes }

    package var description: String {
        guard bytes >= 1000 else { return "\(bytes) B" }
        var (tenths, unit) = (bytes / 100, 0)
        // Tenths are rounded down, so that 999.96 MB are not printed as 1000.0 MB.
        let units = ["kB", "MB", "GB", "TB"]
        while tenths >= 10_000, unit < units.count - 1 { (tenths, unit) = (tenths / 1000, unit + 1) }
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// Right-aligned in a column.
    package var padded: String { description.rightAligned(9) }
}
