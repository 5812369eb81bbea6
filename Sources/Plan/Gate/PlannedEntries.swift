package import Findings
import Layers
import Stack

/// The entries of a base under those of the planned layers, sorted by path; of two with the same path the upper one.
///
/// They are made in each pass: a base may have a million of them, and its table is held already.
package struct PlannedEntries: Sequence, Sendable {
    /// An entry of a layer.
    private struct Place {
        let layer: Int32
        let index: Int32
    }

    let layers: [LayerBlueprint]
    let base: BaseFiles?
    private let origins: [RootEntry.Origin]
    /// For each path that the layers have, the uppermost entry; sorted by path.
    private let places: [Place]

    init(_ layers: [LayerBlueprint], on base: BaseFiles?) {
        self.layers = layers
        self.base = base
        origins = layers.map { $0.kind.isReplaceable ? .runtime : .application }
        var places = [Place]()
        for layer in layers.indices { places = Self.merge(places, with: layer, of: layers) }
        self.places = places
    }

    private static func merge(_ lower: [Place], with layer: Int, of layers: [LayerBlueprint]) -> [Place] {
        func path(_ place: Place) -> EntryPath { layers[Int(place.layer)].entries[Int(place.index)].path }
        let upper = layers[layer].entries
        var merged = [Place]()
        merged.reserveCapacity(lower.count + upper.count)
        var next = 0
        for index in upper.indices {
            while next < lower.count, path(lower[next]) < upper[index].path {
                merged.append(lower[next])
                next += 1
            }
            if next < lower.count, path(lower[next]) == upper[index].path { next += 1 }
            merged.append(Place(layer: Int32(truncatingIfNeeded: layer), index: Int32(truncatingIfNeeded: index)))
        }
        merged.append(contentsOf: lower[next...])
        return merged
    }

    /// What is at `path`; `nil` if nothing is there.
    subscript(path: EntryPath) -> RootEntry? {
        planned(at: path) ?? base?.entry(at: path).map(rebound)
    }

    /// What the layers have, without the base.
    var planned: some Sequence<RootEntry> { places.lazy.map { entry($0) } }

    package func makeIterator() -> Iterator { Iterator(self) }

    package struct Iterator: IteratorProtocol {
        private let entries: PlannedEntries
        private var base: BaseFiles.Entries.Iterator?
        /// The base's next entry.
        private var below: RootEntry?
        /// The layers' next entry.
        private var above: RootEntry?
        private var index = 0

        fileprivate init(_ entries: PlannedEntries) {
            self.entries = entries
            base = entries.base?.entries.makeIterator()
            below = base?.next()
            above = entries.places.first.map { entries.entry($0) }
        }

        package mutating func next() -> RootEntry? {
            if let entry = below {
                guard let above, above.path <= entry.path else {
                    below = base?.next()
                    return entries.rebound(entry)
                }
                if above.path == entry.path { below = base?.next() }
            }
            guard let entry = above else { return nil }
            index += 1
            above = index < entries.places.count ? entries.entry(entries.places[index]) : nil
            return entry
        }
    }

    private func entry(_ place: Place) -> RootEntry {
        RootEntry(layers[Int(place.layer)].entries[Int(place.index)], origin: origins[Int(place.layer)])
    }

    private func planned(at path: EntryPath) -> RootEntry? {
        for layer in layers.indices.reversed() {
            if let index = layers[layer].entries.index(of: path) {
                return RootEntry(layers[layer].entries[index], origin: origins[layer])
            }
        }
        return nil
    }

    /// A file instead of a hard link of the base whose first name the layers replace: it keeps the base's content.
    private func rebound(_ entry: RootEntry) -> RootEntry {
        guard case .hardlink(let first) = entry.kind, planned(at: first) != nil else { return entry }
        return base?.file(at: entry.path) ?? entry
    }
}
