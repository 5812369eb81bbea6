import ByteIO
import Check
import Diagnostics
import Images
import Layers
import OCI
import Stack
import Store

/// One of the images that are compared.
struct ComparedImage: Sendable {
    let manifest: Document<Manifest>
    let config: Document<ImageConfig>
    let provider: any ImageProvider

    /// - Throws: `base.unsupported`, `base.foreign-layer`, `base.disagrees`; what the provider throws.
    init(_ entry: Descriptor, of provider: any ImageProvider) async throws(Diagnostic) {
        // It refuses what no one can unpack.
        _ = try await BaseImage(entry, of: provider)
        manifest = try Document<Manifest>(decoding: try await provider.document(entry), of: entry)
        let named = manifest.content.config
        config = try Document<ImageConfig>(decoding: try await provider.document(named), of: named)
        self.provider = provider
    }

    var layers: [Descriptor] { manifest.content.layers }
    var digest: Digest { manifest.descriptor.digest }

    /// What made each layer, by the history; `nil` where it does not say, or has another number of steps.
    var steps: [String?] {
        let steps = config.content.history.filter { !$0.isEmptyLayer }
        return steps.count == layers.count ? steps.map(\.createdBy) : layers.map { _ in nil }
    }
}

extension ImageComparer {
    /// As many layers are fetched and read at the same time.
    private static let parallelLayers = 4

    func compare(
        _ left: ComparedImage,
        _ right: ComparedImage,
        _ platform: Platform
    ) async throws(Diagnostic) -> PlatformDifference {
        var difference = PlatformDifference(platform)
        (difference.left, difference.right) = (left.digest, right.digest)
        let isRead = left.layers.map(\.digest) != right.layers.map(\.digest)
        let tables = isRead ? try await tables(of: [left, right]) : [:]
        difference.fetch = Self.fetch(right.layers, beside: left.layers, tables)
        guard left.digest != right.digest else { return difference }
        difference.fields = try Self.fields(left, right)
        if isRead {
            try await compareLayers(left, right, tables, &difference)
        }
        difference.kinds.formUnion(difference.fields.map(\.kind))
        difference.kinds.formUnion(difference.layers.map(\.kind))
        // Whatever it is, it is not the same: the spelling of the documents, say.
        if difference.kinds.isEmpty {
            difference.fields.append(Self.digests(.manifest, left.digest, right.digest))
            difference.kinds = [.form]
        }
        return difference
    }

    private func compareLayers(
        _ left: ComparedImage,
        _ right: ComparedImage,
        _ tables: [Digest: ComparedLayer],
        _ difference: inout PlatformDifference
    ) async throws(Diagnostic) {
        let (old, new) = (left.layers.compactMap { tables[$0.digest] }, right.layers.compactMap { tables[$0.digest] })
        let shared = zip(old, new).prefix { $0.diffID == $1.diffID }.count
        if old.map(\.diffID) != new.map(\.diffID) {
            let limits = try access.settings.tableLimits
            var lower = RootFilesystem(limits)
            for index in 0..<shared {
                try old[index].apply(to: &lower, .blob(left.layers[index].digest.description))
            }
            let trees = try (
                ComparedTree(old, named: left.layers.map { .blob($0.digest.description) }, on: (lower, shared)),
                ComparedTree(new, named: right.layers.map { .blob($0.digest.description) }, on: (lower, shared))
            )
            let comparison = try TreeComparison(
                trees.0,
                trees.1,
                shared: shared,
                isLoose: false,
                ignoringTimes: ignored.contains(.times),
                ignoring: ignoredPaths
            )
            try await take(comparison, &difference) { () async throws(Diagnostic) in
                try await (PackageList(of: left, access), PackageList(of: right, access))
            }
        }
        let (hasFiles, hasTimes) = (difference.kinds.contains(.files), difference.kinds.contains(.times))
        // The times of a layer may be those of files that do not count.
        difference.layers = Self.layers(left, right, old, new, hasFiles, hasTimes: hasTimes || ignoredPaths.isEmpty)
    }

    /// What a comparison of the files came to, and the packages if it touches them.
    private func take(
        _ comparison: TreeComparison,
        _ difference: inout PlatformDifference,
        _ packages: () async throws(Diagnostic) -> (PackageList, PackageList)
    ) async throws(Diagnostic) {
        difference.files = comparison.files
        difference.filesLeftOut = comparison.leftOut
        if comparison.hasChanges { difference.kinds.insert(.files) }
        if comparison.hasTimes { difference.kinds.insert(.times) }
        guard comparison.touchesPackages else { return }
        let (old, new) = try await packages()
        difference.packages = PackageList.differences(old, new)
        difference.gaps = Set(old.gaps + new.gaps).sorted()
        if !difference.packages.isEmpty { difference.kinds.insert(.packages) }
    }

    func compare(
        _ image: ComparedImage,
        _ directory: ComparedDirectory,
        _ platform: Platform,
        isDirectoryLeft: Bool
    ) async throws(Diagnostic) -> PlatformDifference {
        var difference = PlatformDifference(platform)
        if isDirectoryLeft { difference.right = image.digest } else { difference.left = image.digest }
        let tables = try await tables(of: [image])
        let limits = try access.settings.tableLimits
        let layered = try ComparedTree(
            image.layers.compactMap { tables[$0.digest] },
            named: image.layers.map { .blob($0.digest.description) },
            on: (RootFilesystem(limits), 0)
        )
        let plain = try ComparedTree([directory.layer], named: [nil], on: (RootFilesystem(limits), 0))
        let comparison = try TreeComparison(
            isDirectoryLeft ? plain : layered,
            isDirectoryLeft ? layered : plain,
            shared: 0,
            isLoose: true,
            ignoringTimes: true,
            ignoring: ignoredPaths
        )
        try await take(comparison, &difference) { () async throws(Diagnostic) in
            let ofImage = try await PackageList(of: image, access)
            let ofDirectory = try PackageList(of: directory.root)
            return isDirectoryLeft ? (ofDirectory, ofImage) : (ofImage, ofDirectory)
        }
        return difference
    }

    // MARK: Layers

    /// By the digests of their blobs, each read once.
    private func tables(of images: [ComparedImage]) async throws(Diagnostic) -> [Digest: ComparedLayer] {
        var wanted = [(layer: Descriptor, provider: any ImageProvider, budget: SharedBudget)]()
        var known = Set<Digest>()
        for image in images {
            let budget = SharedBudget(try access.settings.tableLimits)
            for layer in image.layers where known.insert(layer.digest).inserted {
                wanted.append((layer, image.provider, budget))
            }
        }
        let tables = try await concurrently(wanted, atMost: Self.parallelLayers) { item async throws(Diagnostic) in
            try await table(of: item.layer, item.provider, item.budget)
        }
        return Dictionary(uniqueKeysWithValues: zip(wanted.map(\.layer.digest), tables))
    }

    private func table(
        of layer: Descriptor,
        _ provider: any ImageProvider,
        _ budget: SharedBudget
    ) async throws(Diagnostic) -> ComparedLayer {
        let cache = access.settings.cachePlace == nil ? nil : try access.cache()
        if let bytes = try cache?.derived(ComparedLayer.kind, of: layer.digest), let table = ComparedLayer(bytes: bytes)
        {
            return table
        }
        let table = try ComparedLayer(
            layer,
            in: try await provider.blob(layer),
            drafts: access.settings.temporaryDirectory,
            budget
        )
        _ = try cache?.insert(derived: table.bytes, ComparedLayer.kind, of: layer.digest)
        return table
    }

    private static func layers(
        _ left: ComparedImage,
        _ right: ComparedImage,
        _ old: [ComparedLayer],
        _ new: [ComparedLayer],
        _ hasFiles: Bool,
        hasTimes: Bool
    ) -> [LayerDifference] {
        func layer(_ image: ComparedImage, _ table: ComparedLayer, _ index: Int) -> LayerDifference.Layer {
            let blob = image.layers[index]
            return LayerDifference.Layer(
                digest: blob.digest,
                diffID: table.diffID,
                mediaType: blob.mediaType,
                size: blob.size,
                step: image.steps[index]
            )
        }
        func kind(_ old: ComparedLayer, _ new: ComparedLayer) -> DifferenceKind {
            if old.diffID == new.diffID { return .compression }
            if old.prints.ordered == new.prints.ordered { return .form }
            if old.prints.unordered == new.prints.unordered { return .order }
            if hasTimes, old.prints.timeless == new.prints.timeless { return .times }
            return hasFiles ? .files : .layering
        }
        var found = [LayerDifference]()
        func add(_ one: Int?, _ other: Int?) {
            if let one, let other {
                guard left.layers[one].digest != right.layers[other].digest else { return }
                found.append(
                    LayerDifference(
                        position: one,
                        left: layer(left, old[one], one),
                        right: layer(right, new[other], other),
                        kind: kind(old[one], new[other])
                    )
                )
            } else if let one {
                let gone = layer(left, old[one], one)
                found.append(
                    LayerDifference(position: one, left: gone, right: nil, kind: hasFiles ? .files : .layering)
                )
            } else if let other {
                let added = layer(right, new[other], other)
                found.append(
                    LayerDifference(position: other, left: nil, right: added, kind: hasFiles ? .files : .layering)
                )
            }
        }
        // They belong together by their tars; between those by what made them, else by position.
        let front = zip(old, new).prefix { $0.diffID == $1.diffID }.count
        let most = min(old.count, new.count) - front
        let back = zip(old.reversed(), new.reversed()).prefix(most).prefix { $0.diffID == $1.diffID }.count
        for index in 0..<front { add(index, index) }
        let (oldEnd, newEnd) = (old.count - back, new.count - back)
        let steps = (Array(left.steps[front..<oldEnd]), Array(right.steps[front..<newEnd]))
        for (one, other) in Alignment.pairs(steps: steps.0, steps.1) {
            add(one.map { front + $0 }, other.map { front + $0 })
        }
        for index in 0..<back { add(oldEnd + index, newEnd + index) }
        return found
    }

    private static func fetch(
        _ wanted: [Descriptor],
        beside known: [Descriptor],
        _ tables: [Digest: ComparedLayer]
    ) -> FetchSize {
        var met = Set<Digest>()
        let all = wanted.filter { met.insert($0.digest).inserted }
        let there = Set(known.map(\.digest))
        let missing = all.filter { !there.contains($0.digest) }
        let sizes = missing.compactMap { tables[$0.digest]?.size }
        return FetchSize(
            layers: missing.count,
            allLayers: all.count,
            size: missing.totalSize,
            wholeSize: all.totalSize,
            uncompressedSize: sizes.count == missing.count ? sizes.reduce(0) { $0.addingClamped($1) } : nil
        )
    }

    // MARK: Fields

    private static func fields(_ left: ComparedImage, _ right: ComparedImage) throws(Diagnostic) -> [FieldDifference] {
        let configs = try (json(left.config), json(right.config))
        let config = FieldComparison(.config, configs.0, configs.1) { path in
            if isTime(path) { return .times }
            return switch path[0] {
            case "architecture", "os", "variant", "os.version", "os.features", "config": .configuration
            // Layers are compared by themselves.
            case "rootfs": path.count == 2 && path[1] == "type" ? .form : nil
            case let name where path.count == 1 && name.hasPrefix("history["): .layering
            default: .description
            }
        }.fields
        let manifests = try (json(left.manifest), json(right.manifest))
        let manifest = FieldComparison(.manifest, manifests.0, manifests.1) { path in
            switch path[0] {
            case "schemaVersion": return nil
            case "mediaType": return .form
            case "config": return path.last == "mediaType" ? .form : nil
            // Layers are compared by themselves.
            case let name where name.hasPrefix("layers["): return nil
            default: return isTime(path) ? .times : .description
            }
        }.fields
        let media = layerFields(left, right)
        // A history of coracle's says how each layer was compressed, as the layer's annotation does.
        func compressions(_ image: ComparedImage) -> Set<String?> {
            Set(image.layers.map { $0.annotations?[AnnotationKey.compression] }.filter { $0 != nil })
        }
        // An image that was compressed again keeps its history.
        func isWay(_ comment: String?, _ ways: Set<String?>) -> Bool {
            ways.contains(comment) || comment.map(LayerCompression.isRecord) == true
        }
        let (oldWays, newWays) = (compressions(left), compressions(right))
        let all =
            config.map { field in
                guard field.name.hasSuffix("].comment"), isWay(field.left, oldWays), isWay(field.right, newWays)
                else { return field }
                return FieldDifference(.config, field.name, left: field.left, right: field.right, .compression)
            } + manifest + media
        // How it is run comes first; a time says least.
        return all.filter { $0.kind == .configuration } + all.filter { $0.kind == .description }
            + all.filter { $0.kind != .configuration && $0.kind != .description }
    }

    /// What the manifests say of layers that both have: by their diffIDs, for what has another tar is another layer.
    private static func layerFields(_ left: ComparedImage, _ right: ComparedImage) -> [FieldDifference] {
        let (old, new) = (left.config.content.diffIDs, right.config.content.diffIDs)
        let places = Dictionary(new.indices.map { (new[$0], $0) }) { first, _ in first }
        return old.indices.flatMap { index -> [FieldDifference] in
            guard let other = places[old[index]], index < left.layers.count, other < right.layers.count else {
                return []
            }
            let (one, another) = (left.layers[index], right.layers[other])
            var fields = [FieldDifference]()
            if one.digest == another.digest, one.mediaType != another.mediaType {
                let (said, saidNow) = (one.mediaType.rawValue, another.mediaType.rawValue)
                fields.append(
                    FieldDifference(.manifest, "layers[\(index)].mediaType", left: said, right: saidNow, .form)
                )
            }
            let (words, others) = (one.annotations ?? [:], another.annotations ?? [:])
            for key in Set(words.keys).union(others.keys).sorted() where words[key] != others[key] {
                fields.append(
                    FieldDifference(
                        .manifest,
                        "layers[\(index)].annotations.\(key)",
                        left: words[key],
                        right: others[key],
                        AnnotationKey.isOfCompression(key) ? .compression : .description
                    )
                )
            }
            return fields
        }
    }

    private static func json(_ document: Document<some JSONRepresentable>) throws(Diagnostic) -> JSON {
        try JSON(parsing: document.bytes, named: document.descriptor.digest.description)
    }
}
