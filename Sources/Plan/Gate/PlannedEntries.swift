package import Findings
import Layers
import Request
import Stack

/// The entries of a base under those of the planned layers, sorted by path; of two with the same path the upper one.
///
/// Those of the base are made in each pass: it may have a million, and its table is held already.
package struct PlannedEntries: Sequence, Sendable {
    let base: BaseFiles?
    /// What the layers have, without the base: of two entries with the same path the upper one, sorted by path.
    let planned: [RootEntry]

    init(_ layers: [LayerBlueprint], on base: BaseFiles?) {
        self.base = base
        planned = layers.reduce(into: []) { $0 = Self.merge($0, with: $1.entries, from: RootEntry.Origin($1.kind)) }
    }

    private static func merge(
        _ lower: [RootEntry],
        with upper: [LayerEntry],
        from origin: RootEntry.Origin
    ) -> [RootEntry] {
        var merged = [RootEntry]()
        merged.reserveCapacity(lower.count + upper.count)
        var index = 0
        for place in upper.indices {
            while index < lower.count, lower[index].path < upper[place].path {
                merged.append(lower[index])
                index += 1
            }
            if index < lower.count, lower[index].path == upper[place].path { index += 1 }
            merged.append(RootEntry(upper[place], origin: origin))
        }
        merged.append(contentsOf: lower[index...])
        return merged
    }

    /// What is at `path`; `nil` if nothing is there.
    subscript(path: EntryPath) -> RootEntry? {
        planned.index(of: path).map { planned[$0] } ?? base?.entry(at: path).map(rebound)
    }

    package func makeIterator() -> Iterator { Iterator(self) }

    package struct Iterator: IteratorProtocol {
        private let entries: PlannedEntries
        private var base: BaseFiles.Entries.Iterator?
        /// The base's next entry.
        private var below: RootEntry?
        /// The place of the layers' next entry.
        private var index = 0

        fileprivate init(_ entries: PlannedEntries) {
            self.entries = entries
            base = entries.base?.entries.makeIterator()
            below = base?.next()
        }

        package mutating func next() -> RootEntry? {
            let isAtEnd = index == entries.planned.count
            if let entry = below {
                guard !isAtEnd, entries.planned[index].path <= entry.path else {
                    below = base?.next()
                    return entries.rebound(entry)
                }
                if entries.planned[index].path == entry.path { below = base?.next() }
            }
            guard !isAtEnd else { return nil }
            defer { index += 1 }
            return entries.planned[index]
        }
    }

    /// A file instead of a hard link of the base whose first name the layers replace: it keeps the base's content.
    private func rebound(_ entry: RootEntry) -> RootEntry {
        guard case .hardlink(let first) = entry.kind, planned.index(of: first) != nil else { return entry }
        return base?.file(at: entry.path) ?? entry
    }
}

extension RootEntry.Origin {
    fileprivate init(_ kind: LayerBlueprint.Kind) {
        self =
            switch kind {
            case .runtime, .libraries: .runtime
            case .additions: .addition
            case .base, .dependencies, .application: .application
            }
    }
}
