import OCI

/// The entries of an `index.json` while images are added to it, found by their names.
///
/// A new entry takes the place of the one that has its name. Programs look a tag up without the repository: the newest
/// image has it, an older one keeps its full name.
struct IndexMerge {
    /// In order; `nil` in the place of an entry that is gone.
    private var slots: [Descriptor?] = []
    /// The places of entries that have a full name, by it and by their tags; and of those without one.
    private var byFullName: [String: Set<Int>] = [:]
    private var fullByTag: [String: Set<Int>] = [:]
    private var otherByTag: [String?: Set<Int>] = [:]

    init(_ entries: [Descriptor]) {
        for entry in entries { append(entry) }
    }

    /// In order.
    var entries: [Descriptor] { slots.compactMap(\.self) }

    /// Adds the entries of one image: in the places of those that have their names, else behind all others.
    mutating func add(_ entries: [Descriptor]) {
        var pending = entries
        var placed = Set<Int>()
        for index in places(ofNamesakesOf: entries) {
            guard let old = slots[index] else { continue }
            remove(index)
            guard let next = pending.firstIndex(where: { $0.hasSameName(as: old) }) else { continue }
            insert(pending.remove(at: next), at: index)
            placed.insert(index)
        }
        for tag in Set(entries.compactMap(\.entryTag)) {
            for index in (fullByTag[tag] ?? []).union(otherByTag[tag] ?? []).subtracting(placed) {
                guard let old = slots[index] else { continue }
                let entry = old.losingTag(to: entries)
                guard entry.entryTag != tag else { continue }
                remove(index)
                insert(entry, at: index)
            }
        }
        for entry in pending where !isListed(entry) { append(entry) }
    }

    /// Whether a document without a name, such as a referrer, is there already.
    private func isListed(_ entry: Descriptor) -> Bool {
        guard entry.entryName == nil, entry.artifactType != nil else { return false }
        return (otherByTag[nil] ?? []).contains { slots[$0]?.digest == entry.digest && slots[$0]?.artifactType != nil }
    }

    /// In order.
    private func places(ofNamesakesOf entries: [Descriptor]) -> [Int] {
        var places = Set<Int>()
        for entry in entries {
            var candidates = otherByTag[entry.entryTag] ?? []
            if let full = entry.fullName {
                candidates.formUnion(byFullName[full] ?? [])
                candidates.formUnion(otherByTag[full] ?? [])
            } else if let tag = entry.entryTag {
                candidates.formUnion(fullByTag[tag] ?? [])
                candidates.formUnion(byFullName[tag] ?? [])
            }
            places.formUnion(candidates.filter { slots[$0]?.hasSameName(as: entry) ?? false })
        }
        return places.sorted()
    }

    // MARK: Places

    private mutating func append(_ entry: Descriptor) {
        slots.append(nil)
        insert(entry, at: slots.count - 1)
    }

    private mutating func insert(_ entry: Descriptor, at index: Int) {
        slots[index] = entry
        guard let full = entry.fullName else {
            otherByTag[entry.entryTag, default: []].insert(index)
            return
        }
        byFullName[full, default: []].insert(index)
        if let tag = entry.entryTag { fullByTag[tag, default: []].insert(index) }
    }

    private mutating func remove(_ index: Int) {
        guard let entry = slots[index] else { return }
        slots[index] = nil
        otherByTag[entry.entryTag]?.remove(index)
        if let full = entry.fullName { byFullName[full]?.remove(index) }
        if let tag = entry.entryTag { fullByTag[tag]?.remove(index) }
    }
}
