package import Archive
package import Layers
package import OCI

/// What is different between two images, or between two indexes of them: values, and no text.
package struct ImageDifference: Hashable, Sendable {
    /// One of the two that were compared.
    package struct Side: Hashable, Sendable {
        /// As the user named it.
        package var name: String
        /// The digest of the index, or of the only manifest; `nil` for a directory.
        package var digest: Digest?

        package init(name: String, digest: Digest?) {
            self.name = name
            self.digest = digest
        }
    }

    package var left: Side
    package var right: Side
    /// The platforms that both have, in the left one's order.
    package var platforms: [PlatformDifference] = []
    /// The platforms of which only the left one has an image, in its order.
    package var onlyLeft: [Platform] = []
    /// The platforms of which only the right one has an image, in its order.
    package var onlyRight: [Platform] = []
    /// Fields of the indexes besides their manifests.
    package var fields: [FieldDifference] = []
    /// The kinds that were not looked for, or left out.
    package var ignored: Set<DifferenceKind> = []
    /// The patterns of paths whose files were left out.
    package var ignoredPaths: [String] = []

    package init(left: Side, right: Side) {
        self.left = left
        self.right = right
    }
}

/// In which respect images differ. A later one says more than an earlier one.
package enum DifferenceKind: Int, Hashable, Sendable, CaseIterable, Comparable {
    /// Layers have the same tar, compressed in another way.
    case compression
    /// The same said in other words: media types, the spelling of JSON, the format of tar headers.
    case form
    /// The entries of a layer stand in another order.
    case order
    /// Times of files, of the config and of the history.
    case times
    /// The same files, divided among other layers.
    case layering
    /// What the image says of itself: annotations, history, author.
    case description
    /// How the image is run: platform, entry point, environment, user, labels and so on.
    case configuration
    /// Files: content, type, mode, owner, link target, extended attributes.
    case files
    /// Packages that were added, removed or have other versions.
    case packages
    /// There are images for other platforms.
    case platforms

    package static func < (left: DifferenceKind, right: DifferenceKind) -> Bool { left.rawValue < right.rawValue }
}

/// What is different between two images of one platform.
package struct PlatformDifference: Hashable, Sendable {
    package let platform: Platform
    /// The digests of the manifests; `nil` for a directory.
    package var left: Digest?
    package var right: Digest?
    /// All kinds that there are; empty if the images are the same.
    package var kinds: Set<DifferenceKind> = []
    /// Fields of manifest and config, in the order of their weight: how it is run, then what it says of itself.
    package var fields: [FieldDifference] = []
    /// Layers by position, without those that are the same.
    package var layers: [LayerDifference] = []
    /// Sorted by ecosystem and name.
    package var packages: [PackageDifference] = []
    /// Sorted by path. At most `FileDifference.most` of them.
    package var files: [FileDifference] = []
    /// Number of differing files that `files` does not have.
    package var filesLeftOut = 0
    /// Why packages may be missing from `packages`, as sentences without a full stop.
    package var gaps: [String] = []
    /// What a machine that has the left image must fetch for the right one; `nil` if one is a directory.
    package var fetch: FetchSize?

    package init(_ platform: Platform) { self.platform = platform }
}

/// One field of a document, such as `config.Env.PATH`.
package struct FieldDifference: Hashable, Sendable {
    /// `index`, `manifest` or `config`.
    package enum Document: String, Hashable, Sendable { case index, manifest, config }

    package let document: Document
    /// The members on the way, with dots between them; elements of lists by their number from 0: `history[2].created_by`.
    package let name: String
    /// Strings as they are, everything else as JSON; `nil` if absent.
    package let left: String?
    package let right: String?
    package let kind: DifferenceKind

    package init(_ document: Document, _ name: String, left: String?, right: String?, _ kind: DifferenceKind) {
        self.document = document
        self.name = name
        self.left = left
        self.right = right
        self.kind = kind
    }
}

/// Layers at one position that differ, or one of them if there is no other.
package struct LayerDifference: Hashable, Sendable {
    package struct Layer: Hashable, Sendable {
        package let digest: Digest
        /// As computed from the layer's bytes; as the config says where they did not have to be read.
        package let diffID: DiffID
        package let mediaType: MediaType
        /// Size of the blob, in bytes.
        package let size: Int64
        /// What made it, by the history.
        package let step: String?

        package init(digest: Digest, diffID: DiffID, mediaType: MediaType, size: Int64, step: String?) {
            self.digest = digest
            self.diffID = diffID
            self.mediaType = mediaType
            self.size = size
            self.step = step
        }
    }

    /// Counted from 0, the lowest first.
    package let position: Int
    package let left: Layer?
    package let right: Layer?
    package let kind: DifferenceKind

    package init(position: Int, left: Layer?, right: Layer?, kind: DifferenceKind) {
        self.position = position
        self.left = left
        self.right = right
        self.kind = kind
    }
}

/// A package that was added, removed, or has other versions.
package struct PackageDifference: Hashable, Sendable {
    /// As package URLs call it: `deb`, `golang`, `cargo`, `npm`, `pypi`, `maven` and so on; empty if it has none.
    package let ecosystem: String
    /// As the ecosystem calls it.
    package let name: String
    /// The versions that only the left image has, sorted. Mostly one; empty if it was added.
    package let old: [String]
    /// The versions that only the right image has, sorted. Mostly one; empty if it was removed.
    package let new: [String]

    package init(ecosystem: String, name: String, old: [String], new: [String]) {
        self.ecosystem = ecosystem
        self.name = name
        self.old = old
        self.new = new
    }
}

/// A file that was added, removed or changed.
package struct FileDifference: Hashable, Sendable {
    /// As many are kept for one platform.
    package static let most = 100_000

    package enum Change: String, Hashable, Sendable { case added, removed, changed }

    /// What changed of a file that both images have, in the order of weight.
    package enum Aspect: String, Hashable, Sendable, CaseIterable {
        case type, content, target, device, mode, owner, attributes, links, time
    }

    /// What a file is in one image.
    package struct State: Hashable, Sendable {
        /// A regular file whatever name of several it has.
        package let kind: TarEntry.Kind
        package let mode: UInt16
        /// `nil` in a directory of this machine, whose owners are not compared.
        package let owner: Owner?
        /// Size of the content, in bytes; 0 for everything but a regular file.
        package let size: Int64
        /// Whole seconds since 1970; `nil` for a directory that no layer has an entry for, and on this machine.
        package let modified: Int64?
        /// The digest of the content; `nil` for everything but a regular file.
        package let content: Digest?
        /// The first of the file's other names, if that comes before its path.
        package let linkedTo: EntryPath?
        /// The layer with the name, counted from 0.
        package let layer: Int

        package init(
            kind: TarEntry.Kind,
            mode: UInt16,
            owner: Owner?,
            size: Int64,
            modified: Int64?,
            content: Digest?,
            linkedTo: EntryPath?,
            layer: Int
        ) {
            self.kind = kind
            self.mode = mode
            self.owner = owner
            self.size = size
            self.modified = modified
            self.content = content
            self.linkedTo = linkedTo
            self.layer = layer
        }
    }

    package struct Owner: Hashable, Sendable {
        package let uid: UInt32
        package let gid: UInt32

        package init(uid: UInt32, gid: UInt32) {
            self.uid = uid
            self.gid = gid
        }
    }

    /// An extended attribute, such as `security.capability`.
    package struct Attribute: Hashable, Sendable {
        package let name: [UInt8]
        /// `nil` if absent.
        package let left: [UInt8]?
        package let right: [UInt8]?

        package init(name: [UInt8], left: [UInt8]?, right: [UInt8]?) {
            self.name = name
            self.left = left
            self.right = right
        }
    }

    package let path: EntryPath
    /// `nil` if it was added.
    package let left: State?
    /// `nil` if it was removed.
    package let right: State?
    /// In the order of their weight; empty if it was added or removed.
    package let aspects: [Aspect]
    /// The extended attributes that differ, sorted by name.
    package var attributes: [Attribute] = []
    /// What changed in a file that is an ELF file in both images, and has another content.
    package var elf: ElfDifference?

    package init(path: EntryPath, left: State?, right: State?, aspects: [Aspect]) {
        self.path = path
        self.left = left
        self.right = right
        self.aspects = aspects
    }

    package var change: Change { left == nil ? .added : right == nil ? .removed : .changed }

    /// By how much the image grows because of it, in bytes; hard links count nothing.
    package var growth: Int64 {
        func own(_ state: State?) -> Int64 { state.map { $0.linkedTo == nil ? $0.size : 0 } ?? 0 }
        return own(right).addingClamped(-own(left))
    }
}

/// What changed in an ELF file.
package struct ElfDifference: Hashable, Sendable {
    /// A value of both files.
    package struct Value: Hashable, Sendable {
        /// `nil` if absent.
        package let left: String?
        package let right: String?

        package init(left: String?, right: String?) {
            self.left = left
            self.right = right
        }
    }

    /// A section that was added, removed, or has other bytes.
    package struct Section: Hashable, Sendable {
        package let name: String
        /// Size in bytes; `nil` if absent.
        package let left: Int64?
        package let right: Int64?

        package init(name: String, left: Int64?, right: Int64?) {
            self.name = name
            self.left = left
            self.right = right
        }
    }

    /// Each is `nil` if it is the same in both.
    package var buildID: Value?
    package var soname: Value?
    package var interpreter: Value?
    package var runpath: Value?
    /// The version of Go that compiled it.
    package var go: Value?
    /// In the order of the files.
    package var sections: [Section] = []
    /// Libraries that only one needs.
    package var neededLeft: [String] = []
    package var neededRight: [String] = []
    /// Symbol versions that only one needs, such as `libc.so.6 GLIBC_2.38`, sorted.
    package var versionsLeft: [String] = []
    package var versionsRight: [String] = []
    /// Symbol versions that only one defines, sorted.
    package var definedLeft: [String] = []
    package var definedRight: [String] = []

    package init() {}
}

/// What has to be fetched by a machine that has one image, and wants another.
package struct FetchSize: Hashable, Sendable {
    /// Number of layers that are not there, and of all layers.
    package let layers: Int
    package let allLayers: Int
    /// Size of the blobs of these layers, in bytes.
    package let size: Int64
    /// Size of the blobs of all layers, in bytes.
    package let wholeSize: Int64
    /// Size of the tars of the layers that are not there, in bytes; `nil` if it is not known.
    package let uncompressedSize: Int64?

    package init(layers: Int, allLayers: Int, size: Int64, wholeSize: Int64, uncompressedSize: Int64?) {
        self.layers = layers
        self.allLayers = allLayers
        self.size = size
        self.wholeSize = wholeSize
        self.uncompressedSize = uncompressedSize
    }
}

// MARK: - What it comes to

extension ImageDifference {
    /// All kinds that there are, without those that are ignored, sorted.
    package var kinds: [DifferenceKind] {
        var kinds = platforms.reduce(into: Set<DifferenceKind>()) { $0.formUnion($1.kinds) }
        kinds.formUnion(fields.map(\.kind))
        if !onlyLeft.isEmpty || !onlyRight.isEmpty { kinds.insert(.platforms) }
        return kinds.subtracting(ignored).sorted()
    }

    /// The kind that says most; `nil` if there is no difference but what is ignored.
    package var kind: DifferenceKind? { kinds.last }

    /// Whether there is no difference but what is ignored.
    package var isSame: Bool { kinds.isEmpty }

    /// What differs first, in the order: the index, how an image is run, its files, what it says of itself, its layers.
    package enum First: Hashable, Sendable {
        case field(FieldDifference, of: Platform?)
        case layer(LayerDifference, of: Platform)
        case file(FileDifference, of: Platform)
    }

    /// `nil` if nothing differs but what is ignored, or platforms.
    package var first: First? {
        if let field = fields.first(where: { !ignored.contains($0.kind) }) { return .field(field, of: nil) }
        for difference in platforms {
            let platform = difference.platform
            // What is run comes before what is said.
            let fields = difference.fields.filter { !ignored.contains($0.kind) }
            if let field = fields.first(where: { $0.kind == .configuration }) { return .field(field, of: platform) }
            if let file = difference.files.first { return .file(file, of: platform) }
            if let field = fields.first { return .field(field, of: platform) }
            if let layer = difference.layers.first(where: { !ignored.contains($0.kind) }) {
                return .layer(layer, of: platform)
            }
        }
        return nil
    }
}
