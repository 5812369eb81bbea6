extension String {
    /// Of `candidates`, the one spelt most alike; nil where none is near enough to be meant.
    package func nearest(of candidates: [String]) -> String? {
        guard utf8.count <= 64 else { return nil }
        let limit = max(1, utf8.count / 3)
        return
            candidates
            .map { (candidate: $0, distance: distance(to: $0)) }
            .filter { $0.distance <= limit }
            .min { $0.distance < $1.distance }?
            .candidate
    }

    /// How many bytes are to be put in, taken out or changed to make the one out of the other.
    private func distance(to other: String) -> Int {
        let (left, right) = (Array(utf8), Array(other.utf8))
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var next = [index + 1]
            for column in right.indices {
                next.append(
                    Swift.min(row[column] + (byte == right[column] ? 0 : 1), row[column + 1] + 1, next[column] + 1)
                )
            }
            row = next
        }
        return row[right.count]
    }
}
