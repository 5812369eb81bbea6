// The order of a layer for readers that fetch what is needed when it is needed.
extension LayerBlueprint {
    /// What says where the files end that are wanted first; a reader fetches all before it at once.
    private static let landmark = EntryPath(unchecked: Array(".prefetch.landmark".utf8))
    /// What says that no file is wanted first.
    private static let noLandmark = EntryPath(unchecked: Array(".no.prefetch.landmark".utf8))
    /// The only byte of both.
    private static let landmarkContent: [UInt8] = [0x0F]

    /// The layer as `codec` wants it: for eStargz the files of `wanted` in front, as they stand there and each with its
    /// directories and the file that it is another name of, and a landmark behind them; for others the layer itself.
    ///
    /// stargz-snapshotter, docs/estargz.md § Prioritized Files and Landmark Files.
    package func ordered(for codec: LayerCodec, _ wanted: [EntryPath]) -> LayerBlueprint {
        guard codec == .estargz else { return self }
        let places = Dictionary(entries.indices.map { (entries[$0].path, $0) }) { first, _ in first }
        var front = [LayerEntry]()
        var taken = Set<Int>()
        func take(_ path: EntryPath) {
            guard let place = places[path], taken.insert(place).inserted else { return }
            if let parent = path.parent { take(parent) }
            if case .hardlink(let target) = entries[place].content { take(target) }
            front.append(entries[place])
        }
        for path in wanted where places[path].map({ !taken.contains($0) }) == true { take(path) }
        let mark = LayerEntry(
            front.isEmpty ? Self.noLandmark : Self.landmark,
            .bytes(Self.landmarkContent),
            mode: 0o644
        )
        let rest = entries.indices.filter { !taken.contains($0) }.map { entries[$0] }
        return LayerBlueprint(kind, createdBy: createdBy, lineage: lineage, inOrder: front + [mark] + rest)
    }
}
