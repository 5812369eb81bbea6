/// Which elements of two lists belong together.
enum Alignment {
    /// As many elements of each list are aligned; of longer ones those at the same place belong together.
    static let most = 500

    /// Steps of two histories: those that are the same, else those that begin with the same word, such as a package's name.
    static func pairs(steps left: [String?], _ right: [String?]) -> [(Int?, Int?)] {
        guard max(left.count, right.count) <= most, (left + right).contains(where: { $0 != nil }) else {
            return (0..<max(left.count, right.count)).map { ($0 < left.count ? $0 : nil, $0 < right.count ? $0 : nil) }
        }
        let both = Set(left).intersection(right)
        func key(_ step: String?) -> Substring? {
            guard let step else { return nil }
            return both.contains(step) ? step[...] : step.prefix(200).split(separator: " ").first
        }
        return pairs(left.map(key), right.map(key))
    }

    /// Pairs of places, in order: equal elements as far as their order allows, and what stands between them place by place.
    /// A place without another is alone.
    static func pairs<Element: Hashable>(_ left: [Element], _ right: [Element]) -> [(Int?, Int?)] {
        let difference = right.difference(from: left)
        var removed = Set<Int>()
        var inserted = Set<Int>()
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var pairs = [(Int?, Int?)]()
        var (one, other) = (0, 0)
        while one < left.count || other < right.count {
            let (isRemoved, isInserted) = (removed.contains(one), inserted.contains(other))
            if isRemoved, isInserted {
                pairs.append((one, other))
                (one, other) = (one + 1, other + 1)
            } else if isRemoved {
                pairs.append((one, nil))
                one += 1
            } else if isInserted {
                pairs.append((nil, other))
                other += 1
            } else {
                pairs.append((one, other))
                (one, other) = (one + 1, other + 1)
            }
        }
        return pairs
    }
}
