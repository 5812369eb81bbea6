/// The members of a JSON object, in order, no key twice.
///
/// Keys are compared as Swift compares strings: two that Unicode calls equivalent are one key.
package struct JSONObject: Hashable, Sendable {
    /// Up to this many members are searched one by one, which is faster than any table.
    private static let searchable = 16

    /// In the order they stand.
    package private(set) var members: [(key: String, value: JSON)] = []
    /// Where each key stands, for objects too large to search.
    private var places: [String: Int]?

    /// No members.
    package init() {}

    /// Takes members whose keys are known to be different.
    init(unchecked members: [(key: String, value: JSON)]) {
        self.members = members
        indexMembers()
    }

    /// Keys in the order they stand.
    package var keys: [String] { members.map(\.key) }

    /// Whether there are no members.
    package var isEmpty: Bool { members.isEmpty }

    /// Setting `nil` removes the member; a new key goes to the end.
    package subscript(key: String) -> JSON? {
        get { place(of: key).map { members[$0].value } }
        set {
            switch (place(of: key), newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil):
                members.remove(at: place)
                indexMembers()
            case (nil, let value?):
                members.append((key, value))
                if places != nil { places?[key] = members.count - 1 } else { indexMembers() }
            case (nil, nil): return
            }
        }
    }

    private func place(of key: String) -> Int? {
        if let places { return places[key] }
        return members.firstIndex { $0.key == key }
    }

    private mutating func indexMembers() {
        guard members.count > Self.searchable else {
            places = nil
            return
        }
        var places = [String: Int](minimumCapacity: members.count)
        for (place, member) in members.enumerated() { places[member.key] = place }
        self.places = places
    }

    /// Whether they have the same members in the same order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.elementsEqual(right.members) { $0.key == $1.key && $0.value == $1.value }
    }

    /// Hashes the members in their order.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(members.count)
        for (key, value) in members {
            hasher.combine(key)
            hasher.combine(value)
        }
    }
}

extension JSONObject {
    subscript(key: some RawRepresentable<String>) -> JSON? {
        get { self[key.rawValue] }
        set { self[key.rawValue] = newValue }
    }

    /// Appends members whose keys are not there yet.
    package mutating func append(_ others: JSONObject) {
        for (key, value) in others.members where self[key] == nil { self[key] = value }
    }
}

extension String {
    /// The key as a reader sees it that ignores case, as Go's does: two keys with the same
    /// folding can be one key to it. Besides ASCII it takes U+017F for `s` and U+212A for `k`.
    var foldedKey: String {
        guard utf8.contains(where: { (0x41...0x5A).contains($0) || $0 >= 0x80 }) else { return self }
        var folded = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar.value {
            case 0x41...0x5A: folded.append(Unicode.Scalar(UInt8(scalar.value) + 0x20))
            case 0x017F: folded.append("s")
            case 0x212A: folded.append("k")
            default: folded.append(scalar)
            }
        }
        return String(folded)
    }

    /// The first of it, for messages: what a stranger wrote may be megabytes long.
    package var excerpt: String {
        guard let end = unicodeScalars.index(startIndex, offsetBy: 100, limitedBy: endIndex), end < endIndex else {
            return self
        }
        return String(self[..<end]) + "…"
    }
}
