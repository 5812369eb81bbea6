package import ByteIO
package import Diagnostics
import Dockerfiles
import Glibc
import OCI
import YAML

/// A name of an image in a file, and where its digest stands.
package struct Pin: Hashable, Sendable {
    /// The image as it is written, its variables replaced.
    package let text: String
    /// Counted from 1.
    package let line: Int
    /// What names it: `FROM`, `COPY --from`, or the keys on the way: `images.shop.base`.
    package let place: String
    /// The bytes of the digest in the file; `nil` if it has none.
    package let digest: Range<Int>?
    /// Why it is not known which image it is, or its digest cannot be replaced, as a clause; `nil` if there is no reason.
    package let obstacle: String?
}

/// A file that names images, and everything about it that an update has to keep.
package struct PinnedFile: Sendable {
    package enum Kind: String, Hashable, Sendable {
        case dockerfile
        /// `coracle.yaml`, or a file of images for `build --file`: the bases.
        case project
        /// Kubernetes, Compose and the like: the images that are pinned by digest.
        case manifests
    }

    /// As the user named it.
    package let path: FilePath
    package let kind: Kind
    /// In the order of the file.
    package let pins: [Pin]
    package let bytes: [UInt8]
    /// The file itself, where `path` is a symlink.
    let target: FilePath
    let status: FileStatus

    /// Largest file, in bytes: that of a project with ten thousand images.
    package static let sizeLimit = 8 << 20

    /// Names that are looked for where no file is named.
    package static let usual: [FilePath] = [
        "coracle.yaml", "coracle.yml", "images.yaml", "images.yml", "Dockerfile", "Containerfile",
    ]

    /// Whether a file of this name is one with pins, and not an image.
    package static func isOne(_ path: FilePath) -> Bool {
        guard (try? FileStatus(at: path, following: true))?.kind == .regular else { return false }
        return Dockerfile.isNamed(path.name) || isYAML(path.name)
    }

    /// Reads the file at `path`.
    ///
    /// - Throws: `pins.unreadable`, `pins.too-large`; `yaml.…` with line and column.
    package init(readingFrom path: FilePath) throws(Diagnostic) {
        let target = path.resolved ?? path
        let bytes: [UInt8]
        do throws(SystemError) {
            let file = try OpenFile(target, O_RDONLY | O_NONBLOCK | O_NOCTTY)
            status = try file.status()
            bytes = try file.readAll(limit: Self.sizeLimit)
        } catch {
            throw Diagnostic(
                .pinsUnreadable,
                "`\(path.display)` cannot be read",
                at: .file(path: path.display),
                because: error.description(readingAtMost: Self.sizeLimit),
                hint: error.hint
            )
        }
        (kind, pins) = try Self.read(bytes, named: path, resources: { KustomizedTags(of: $0, in: path.directory) })
        (self.path, self.bytes, self.target) = (path, bytes, target)
    }

    /// The kind of a file and its pins, by these bytes alone.
    ///
    /// - Throws: `yaml.…`; `pins.too-large`.
    package static func read(_ bytes: [UInt8], named path: FilePath) throws(Diagnostic) -> (Kind, [Pin]) {
        try read(bytes, named: path, resources: { _ in KustomizedTags() })
    }

    private static func read(
        _ bytes: [UInt8],
        named path: FilePath,
        resources: ([YAMLScalar]) -> KustomizedTags
    ) throws(Diagnostic) -> (Kind, [Pin]) {
        if Dockerfile.isNamed(path.name) || !isYAML(path.name) && Dockerfile(parsing: bytes).hasStages {
            guard bytes.count <= Dockerfile.sizeLimit else {
                throw Diagnostic(
                    .pinsTooLarge,
                    "`\(path.display)` is too large",
                    at: .file(path: path.display),
                    because: "a Dockerfile has at most \(ByteCount(Int64(Dockerfile.sizeLimit)))"
                )
            }
            return (.dockerfile, Dockerfile(parsing: bytes).images.map { Pin($0) })
        }
        let scalars = try YAMLScalar.all(in: bytes, named: path.display, limit: Self.sizeLimit)
        let tops = Set(scalars.filter { $0.document == 0 }.compactMap { $0.path.first })
        if KustomizedImage.areIn(scalars, named: path.name) {
            let images = KustomizedImage.all(in: scalars, resources(scalars))
            return (.manifests, images.map { Pin($0.digest, of: $0, in: bytes) })
        }
        let isForeign = ["apiVersion", "kind", "services"].contains { tops.contains(.key($0)) }
        func has(_ keys: String...) -> Bool { keys.contains { tops.contains(.key($0)) } }
        let isProject =
            !isForeign
            && (has("images", "targets", "defaults", "lint") || path.name.hasPrefix("coracle.")
                || has("base") && has("path", "source"))
        if isProject {
            return (.project, scalars.filter { $0.isBase || $0.isImageAddition }.map { Pin($0, in: bytes) })
        }
        return (.manifests, scalars.filter(\.isPinnedImage).map { Pin($0, in: bytes) })
    }

    private static func isYAML(_ name: String) -> Bool {
        name == "Kustomization" || [".yaml", ".yml", ".json"].contains { name.lowercased().hasSuffix($0) }
    }

    /// The bytes with other digests: everything outside of them stays.
    ///
    /// - Parameter digests: by the place of the old one.
    package func bytes(replacing digests: [Range<Int>: String]) -> [UInt8] {
        Self.replacing(digests, in: bytes)
    }

    /// The same of bytes.
    package static func replacing(_ digests: [Range<Int>: String], in bytes: [UInt8]) -> [UInt8] {
        var result = [UInt8]()
        result.reserveCapacity(bytes.count)
        var end = 0
        for (range, text) in digests.sorted(by: { $0.key.lowerBound < $1.key.lowerBound }) where range.lowerBound >= end
        {
            result += bytes[end..<range.lowerBound]
            result += text.utf8
            end = range.upperBound
        }
        return result + bytes[end...]
    }
}

extension Pin {
    fileprivate init(_ base: Dockerfile.Base) {
        text = base.text
        line = base.line
        place = base.place
        let written = Self.digest(in: base.text)
        digest = written.flatMap { base.range(of: $0) }
        obstacle =
            base.obstacle
            ?? (written != nil && digest == nil
                ? "its digest is put together of several pieces" : Self.fault(base.text))
    }

    /// - Parameter image: the image, if the scalar is only its digest.
    fileprivate init(_ scalar: YAMLScalar, of image: KustomizedImage? = nil, in bytes: [UInt8]) {
        let whole = image?.text ?? scalar.text
        // `IMAGE=SRC:DST`: an image's name has no `=`.
        text = scalar.isImageAddition ? String(whole.prefix { $0 != "=" }) : whole
        line = scalar.mark.line
        let isItself = scalar.isBase || scalar.isImageAddition || scalar.path.last == .key("image")
        let path = image?.path ?? (isItself ? scalar.path : scalar.aliases.first ?? scalar.path)
        place = path.reduce(into: "") { text, step in
            switch step {
            case .key(let key): text += (text.isEmpty ? "" : ".") + key
            case .element(let index): text += "[\(index)]"
            case .other: text += (text.isEmpty ? "" : ".") + "?"
            }
        }
        let written = Self.digest(in: text)
        digest = written.flatMap { text in
            let raw = bytes[scalar.bytes]
            let found = raw.ranges(of: Array(text.utf8))
            return found.count == 1 ? found.first : nil
        }
        obstacle =
            written != nil && digest == nil
            ? "its digest does not stand in the file as it is read, but with escapes or over two lines"
            : Self.fault(text)
    }

    /// What follows the last `@`.
    private static func digest(in text: String) -> String? {
        guard let at = text.lastIndex(of: "@") else { return nil }
        return String(text[text.index(after: at)...])
    }

    private static func fault(_ text: String) -> String? {
        if text.contains("{name}") { return "it is another one for each image" }
        if text.contains("$") || text.contains("{{") { return "it has a variable that only another program replaces" }
        guard text.contains("@") else { return nil }
        do throws(Diagnostic) {
            _ = try Reference(parsing: text)
            return nil
        } catch {
            return error.reason ?? error.summary
        }
    }
}

extension YAMLScalar {
    /// Whether it is the base of an image of a project, or of all of them, in a profile or outside.
    fileprivate var isBase: Bool {
        var rest = path.first == .key("profiles") ? path.dropFirst(2) : path[...]
        // `base: {from: …}` is the same as `base: …`.
        if [.key("from"), .key("base")].contains(rest.last), rest.dropLast().last == .key("base") { rest.removeLast() }
        guard rest.last == .key("base") else { return false }
        if rest.count < 3 { return rest.count == 1 || rest.first == .key("defaults") }
        return rest.count == 3 && (rest.first == .key("images") || rest.first == .key("targets"))
    }

    /// Whether it names an image that files are taken from: `IMAGE=SRC:DST` in a list or alone, or `image` in a mapping there.
    fileprivate var isImageAddition: Bool {
        var rest = path.first == .key("profiles") ? path.dropFirst(2) : path[...]
        if rest.first == .key("defaults") {
            rest = rest.dropFirst()
        } else if rest.first == .key("images") || rest.first == .key("targets") {
            rest = rest.dropFirst(2)
        }
        if rest.first == .key("files") { rest = rest.dropFirst() }
        // Another image of the project has no digest here.
        guard rest.first == .key("add-from"), !text.hasPrefix("{image:") else { return false }
        rest = rest.dropFirst()
        if case .element? = rest.first { rest = rest.dropFirst() }
        return rest.isEmpty || rest.elementsEqual([.key("image")])
    }

    /// Whether it is an image with a digest, here or where an alias of it stands.
    fileprivate var isPinnedImage: Bool {
        text.contains("@sha") && ([path] + aliases).contains { $0.last == .key("image") }
    }
}

extension Diagnostic.Code {
    static let pinsUnreadable = Self("pins.unreadable", .input)
    static let pinsTooLarge = Self("pins.too-large", .input)
}
