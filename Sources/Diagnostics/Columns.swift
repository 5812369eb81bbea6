extension String {
    /// At the right end of a column of `width` characters.
    package func rightAligned(_ width: Int) -> String { padding(to: width) + self }

    /// At the left end of a column of `width` characters.
    package func leftAligned(_ width: Int) -> String { self + padding(to: width) }

    private func padding(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) }
}

/// Rows of as many cells as one line each, their columns as wide as their widest cells.
///
/// - Parameter right: the columns that are aligned on the right, such as those of sizes.
package func inColumns(_ rows: [[String]], right: Set<Int> = []) -> [String] {
    guard let first = rows.first else { return [] }
    let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
        let cells = row.indices.map { column in
            right.contains(column) ? row[column].rightAligned(widths[column]) : row[column].leftAligned(widths[column])
        }
        var line = cells.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line
    }
}
