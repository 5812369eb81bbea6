extension Array {
    /// Number of elements at the front for which `isBefore` is true, by halving: it is true for none behind those.
    @inlinable
    package func countOfPrefix(where isBefore: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Array where Element == LayerEntry {
    /// The index of the entry for `path`; `nil` if absent. The entries are sorted by path.
    package func index(of path: EntryPath) -> Int? {
        let index = countOfPrefix { $0.path < path }
        return index < count && self[index].path == path ? index : nil
    }
}
