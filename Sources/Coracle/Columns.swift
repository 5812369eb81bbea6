extension String {
    /// At the right end of a column of `width` characters.
    func rightAligned(_ width: Int) -> String { padding(to: width) + self }

    /// At the left end of a column of `width` characters.
    func leftAligned(_ width: Int) -> String { self + padding(to: width) }

    private func padding(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) }
}
