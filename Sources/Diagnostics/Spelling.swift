/// How alike words are spelt: for hints such as "did you mean `build`?".
package enum Spelling {
    /// The number of characters that are compared, so that a long word costs no time.
    private static let longest = 64

    /// The number of characters to insert, delete, replace, or swap with their neighbour, to make one word of the other.
    package static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.prefix(longest)), Array(right.prefix(longest)))
        var rows = [Array(0...right.count)]
        for (i, character) in left.enumerated() {
            var row = [i + 1]
            for (j, other) in right.enumerated() {
                var best = min(row[j] + 1, rows[i][j + 1] + 1, rows[i][j] + (character == other ? 0 : 1))
                if i > 0, j > 0, character == right[j - 1], left[i - 1] == other {
                    best = min(best, rows[i - 1][j - 1] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }

    /// The candidate that is most like `word`, the first of several; `nil` if none is similar enough to be meant: one
    /// mistake in three characters.
    package static func closest(to word: String, among candidates: [String]) -> String? {
        guard word.count <= longest else { return nil }
        let limit = max(1, word.count / 3)
        var closest: (candidate: String, distance: Int)?
        for candidate in candidates {
            let distance = distance(word, candidate)
            if distance <= limit, distance < closest?.distance ?? .max { closest = (candidate, distance) }
        }
        return closest?.candidate
    }
}
