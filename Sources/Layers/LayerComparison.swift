import ByteIO

/// A layer that is to be written, block for block beside one that was.
package struct LayerComparison: Sendable {
    /// What is known of a block before a file is opened.
    enum Match: Hashable, Sendable {
        /// It is this block of the previous layer.
        case same(Int)
        /// It has the entries of this block, and perhaps the same contents.
        case similar(Int)
        case new
    }

    let layout: LayerLayout
    let blocks: [LayerBlock]
    let identities: [BlockIdentity]
    let matches: [Match]
    let previous: PreviousLayer?
    let compression: LayerCompression
    /// Number of leading blocks unchanged from the previous layer.
    let unchangedCount: Int
    /// Takes the digests of the files whose bytes come by; `nil` to take none.
    package var files: WrittenFiles?

    /// - Parameters:
    ///   - previous: `nil` if absent. A layer that was compressed in another way is not used.
    ///   - trust: which stamps are kept, to be trusted the next time.
    ///   - isReadingAll: whether files are read although their stamps say that they are the same.
    package init(
        _ blueprint: LayerBlueprint,
        _ compression: LayerCompression,
        with previous: PreviousLayer? = nil,
        _ trust: StampTrust = .none,
        isReadingAll: Bool = false
    ) {
        layout = LayerLayout(blueprint, isEnded: compression.codec.keepsTar)
        blocks = layout.blocks(maximum: compression.blockSize)
        identities = inStretches(of: 16, blocks.count) { [layout, blocks] stretch in
            blocks[stretch].map { layout.identity(of: $0, trust) }
        }.flatMap(\.self)
        self.compression = compression
        self.previous = previous.flatMap { $0.table.compression == compression.description ? $0 : nil }
        let old = self.previous?.table.blocks ?? []
        let places = Dictionary(old.indices.map { (old[$0].identity.structure, $0) }) { first, _ in first }
        matches = identities.map { identity in
            guard let place = places[identity.structure] else { return .new }
            let isSame = identity.stamps != nil && identity.stamps == old[place].identity.stamps
            return isSame && !isReadingAll ? .same(place) : .similar(place)
        }
        unchangedCount = zip(matches, matches.indices).prefix { $0 == .same($1) }.count
    }

    /// The previous layer if it is this one, judged by stamps alone.
    package var unchanged: PreviousLayer? {
        guard let previous, unchangedCount == blocks.count, previous.table.blocks.count == blocks.count else {
            return nil
        }
        return previous
    }
}
