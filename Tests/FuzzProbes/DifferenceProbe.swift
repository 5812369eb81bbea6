import ByteIO
import Check
import Diagnostics
import Layers
import OCI

@testable import Comparison
@testable import Store

/// Two tars against each other, as the layers of two images: the first byte says of how many blocks the left one is.
enum DifferenceProbe {
    static func read(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        let end = min(rest.count, Int(first) * 512)
        guard let left = layer(TarProbe.withChecksums(Array(rest[..<end]))),
            let right = layer(TarProbe.withChecksums(Array(rest[end...])))
        else { return }
        for layer in [left, right] {
            require(ComparedLayer(bytes: layer.bytes)?.bytes == layer.bytes, "a layer is not read as it was written")
        }
        guard let trees = (try? (tree(left), tree(right))), let forth = files(trees.0, trees.1),
            let back = files(trees.1, trees.0), let same = files(trees.0, trees.0)
        else { return }
        require(same.isEmpty, "a layer differs from itself")
        require(forth.map(\.path) == back.map(\.path), "other files differ in the other direction")
        for (one, other) in zip(forth, back) {
            require(
                one.left == other.right && one.right == other.left,
                "the sides are not the same in the other direction"
            )
            require(one.aspects == other.aspects, "other aspects differ in the other direction")
            require(one.growth == -other.growth, "what grows does not shrink in the other direction")
            require(one.change != .changed || !one.aspects.isEmpty, "a file is changed, and nothing of it is")
        }
        // Entries that are the same make files that are the same.
        if left.prints.ordered == right.prints.ordered { require(forth.isEmpty, "the same entries make other files") }
        guard let all = try? IgnoredPaths(["**"]) else { return }
        let counted = files(trees.0, trees.1, all)
        require(counted?.allSatisfy { $0.path.isRoot } == true, "a file differs that does not count")
    }

    private static func layer(_ bytes: [UInt8]) -> ComparedLayer? {
        let blob = Descriptor(mediaType: .layerTar, digest: Digest(sha256Of: bytes), size: Int64(bytes.count))
        guard let extent = try? FileExtent(path: "layer", made: bytes) else { return nil }
        return try? ComparedLayer(blob, in: LocalBlob(blob, in: extent), drafts: "/tmp", SharedBudget())
    }

    private static func tree(_ layer: ComparedLayer) throws(Diagnostic) -> ComparedTree {
        try ComparedTree([layer], named: [nil], on: (RootFilesystem(TableLimits()), 0))
    }

    private static func files(
        _ left: ComparedTree,
        _ right: ComparedTree,
        _ ignored: IgnoredPaths = IgnoredPaths()
    ) -> [FileDifference]? {
        try? TreeComparison(left, right, shared: 0, isLoose: false, ignoringTimes: false, ignoring: ignored).files
    }
}
