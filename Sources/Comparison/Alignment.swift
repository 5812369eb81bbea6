/// Which elements of two lists belong together.
enum Alignment {
    /// Pairs of places, in order: equal elements as far as their order allows, and what stands between them place by place.
    /// A place without another is alone. The lists have a few hundred elements at most.
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
