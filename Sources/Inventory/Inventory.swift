package import Diagnostics
package import Layers
package import OCI

/// What is in an image: packages, and the files that the user brought.
package struct Inventory: Hashable, Sendable {
    /// Which system an image says it is.
    package struct Distribution: Hashable, Sendable {
        /// What images say that are made from nothing.
        package static let own = "coracle"

        /// The name for programs, such as `debian`.
        package let id: String
        /// Such as `13`; empty if there are no releases.
        package let version: String
        /// The name for people.
        package let name: String?
        /// The codename of the release, such as `trixie`; `nil` if it has none.
        package let codename: String?

        package init(id: String, version: String, name: String?, codename: String? = nil) {
            self.id = id
            self.version = version
            self.name = name
            self.codename = codename
        }
    }

    /// A file that the user put into the image.
    package struct File: Hashable, Sendable {
        package let path: EntryPath
        /// In bytes.
        package let size: Int64
        /// The layer with it; `nil` if it is not known.
        package let layer: DiffID?
        package let digests: FileDigests

        package init(path: EntryPath, size: Int64, layer: DiffID?, digests: FileDigests) {
            self.path = path
            self.size = size
            self.layer = layer
            self.digests = digests
        }
    }

    /// Sorted by key, each once.
    package internal(set) var components: [Component]
    /// Sorted by path, then by digest: the images of an index may have different ones at one path.
    package internal(set) var files: [File]
    /// `nil` if the image does not say.
    package internal(set) var distribution: Distribution?
    /// Why something may be missing, as sentences without a full stop; sorted. Empty if everything that is there is listed.
    package internal(set) var gaps: [String]
    /// What was passed over, with its reason.
    package internal(set) var notes: [Diagnostic]

    package init(
        components: [Component] = [],
        files: [File] = [],
        distribution: Distribution? = nil,
        gaps: [String] = [],
        notes: [Diagnostic] = []
    ) {
        self.components = components
        self.files = files
        self.distribution = distribution
        self.gaps = gaps
        self.notes = notes
    }
}

extension Inventory {
    /// What is in any of `inventories`, such as those of the platforms of an index.
    package static func union(_ inventories: [Inventory]) -> Inventory {
        var draft = InventoryDraft()
        var files = Set<File>()
        var gaps = Set<String>()
        var notes = [Diagnostic]()
        for inventory in inventories {
            for component in inventory.components { draft.addFinished(component) }
            files.formUnion(inventory.files)
            gaps.formUnion(inventory.gaps)
            for note in inventory.notes where !notes.contains(note) { notes.append(note) }
        }
        return Inventory(
            components: draft.finished,
            files: files.sorted(),
            distribution: inventories.lazy.compactMap(\.distribution).first,
            gaps: gaps.sorted(),
            notes: notes
        )
    }
}

extension Inventory.File: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        left.path == right.path ? left.digests < right.digests : left.path < right.path
    }
}
