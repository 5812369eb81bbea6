import ByteIO
import Glibc
import YAML

/// The tags that images have in the resources of a kustomization, before it replaces them: what an image with a `digest` and without
/// `newTag` follows.
///
/// Only files of this machine are read, and bases below them. What cannot be read has no tags: kustomize will say why.
struct KustomizedTags {
    /// In one kustomization and its bases.
    private static let (mostFiles, depthLimit) = (256, 8)
    static let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"]

    /// By the name of an image without its tag.
    private var tags: [String: Set<String>] = [:]
    private var files = 0

    init() {}

    /// - Parameter directory: that of the kustomization of these texts.
    init(of scalars: [YAMLScalar], in directory: FilePath) { add(scalars, directory, depth: 1) }

    /// The only tag of `name`; `nil` if there is none, or more than one.
    func tag(of name: String) -> String? {
        guard let tags = tags[name], tags.count == 1 else { return nil }
        return tags.first
    }

    private mutating func add(_ scalars: [YAMLScalar], _ directory: FilePath, depth: Int) {
        for scalar in scalars {
            guard scalar.path.count == 2, [.key("resources"), .key("bases")].contains(scalar.path[0]) else { continue }
            let isAbsolute = scalar.text.hasPrefix("/")
            let path = isAbsolute || directory == "." ? FilePath(scalar.text) : directory.appending(scalar.text)
            add(path, depth: depth)
        }
    }

    private mutating func add(_ path: FilePath, depth: Int) {
        guard let kind = (try? FileStatus(at: path, following: true))?.kind else { return }
        guard kind == .directory else {
            for scalar in texts(of: path) ?? [] where scalar.path.last == .key("image") {
                let (name, tag) = Self.parts(of: scalar.text)
                tags[name, default: []].insert(tag)
            }
            return
        }
        guard depth < Self.depthLimit else { return }
        for name in Self.names {
            guard let scalars = texts(of: path.appending(name)) else { continue }
            var base = KustomizedTags()
            base.files = files
            base.add(scalars, path, depth: depth + 1)
            files = base.files
            base.replace(scalars)
            return tags.merge(base.tags) { $0.union($1) }
        }
    }

    /// What a base's own `images` make of them.
    private mutating func replace(_ scalars: [YAMLScalar]) {
        for entry in KustomizedImage.entries(in: scalars) {
            guard let name = entry.members["name"]?.text, let former = tags.removeValue(forKey: name) else { continue }
            let new = entry.members["newTag"].map { Set([$0.text]) }
            tags[entry.members["newName"]?.text ?? name, default: []].formUnion(new ?? former)
        }
    }

    private mutating func texts(of path: FilePath) -> [YAMLScalar]? {
        guard files < Self.mostFiles else { return nil }
        files += 1
        guard let file = try? OpenFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY),
            let bytes = try? file.readAll(limit: YAMLDocument.sizeLimit)
        else { return nil }
        return try? YAMLScalar.all(in: bytes, named: path.display)
    }

    /// `registry:5000/name:tag@digest` → name and tag; a name without one means `latest`.
    private static func parts(of image: String) -> (name: String, tag: String) {
        let name = image.prefix { $0 != "@" }
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else {
            return (String(name), "latest")
        }
        return (String(name[..<colon]), String(name[colon...].dropFirst()))
    }
}
