import Kubernetes
import YAML

/// Manifests of users: what is replaced in them is the names of images, and nothing else.
enum ManifestProbe {
    private static let image = ResolvedImage(
        repository: "r.example/x",
        tag: "1.0",
        digest: "sha256:" + String(repeating: "0a", count: 32)
    )

    static func read(_ bytes: [UInt8]) {
        if let text = String(validating: bytes, as: UTF8.self), let selector = try? LabelSelector(parsing: text) {
            _ = selector.matches(["app": "shop"])
        }
        guard let manifest = try? Manifest(reading: bytes, named: "x") else { return }
        if let selector = try? LabelSelector(parsing: "app notin (shop)") {
            _ = try? Manifest(reading: bytes, named: "x", selecting: selector).resolved { _ in image }
        }
        if let keys = try? SplitKeys(parsing: "repository,tag,digest"),
            let split = try? Manifest(reading: bytes, named: "x", splitting: keys).resolved({ _ in image })
        {
            require((try? Manifest(reading: split, named: "x")) != nil, "pieces of a name made a file that is not YAML")
        }
        guard let resolved = try? manifest.resolved({ _ in image }) else { return }
        require(manifest.places.isEmpty == (resolved == bytes), "a file without images was changed")
        guard let before = try? YAMLScalar.all(in: bytes, named: "x"),
            let after = try? YAMLScalar.all(in: resolved, named: "x")
        else { return }
        require(before.count == after.count, "there are other values than before")
        require(
            zip(before, after).allSatisfy { $0.text == $1.text || $1.text.contains(image.text) },
            "another text was changed"
        )
    }
}
