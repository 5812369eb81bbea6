package import ByteIO
package import OCI

/// Finished images on their way to a destination: their blobs, and the names they get there.
package struct ImageSet: Sendable {
    /// A blob that a destination is to hold.
    package enum Blob: Sendable {
        case draft(SealedDraft)
        case bytes([UInt8])
    }

    /// One image as an archive's `manifest.json` lists it.
    package struct Listing: Sendable {
        package let config: Descriptor
        package let layers: [Descriptor]

        package init(config: Descriptor, layers: [Descriptor]) {
            self.config = config
            self.layers = layers
        }
    }

    /// In the order they are to arrive: what refers to another blob comes after it.
    package private(set) var blobs: [(descriptor: Descriptor, content: Blob)] = []

    /// What the names point to: the image's manifest, or the index of several.
    package var top: Descriptor

    /// Full references, such as `docker.io/library/server:1.0`; none for an image without a name.
    package var names: [Reference]

    /// The images, the one that a loader without a choice should take first.
    package var listings: [Listing]

    package init(top: Descriptor, names: [Reference], listings: [Listing], blobs: [(Descriptor, Blob)]) {
        self.top = top
        self.names = names
        self.listings = listings
        var seen = Set<Digest>()
        for (descriptor, content) in blobs where seen.insert(descriptor.digest).inserted {
            self.blobs.append((descriptor, content))
        }
    }

    /// The entries for `index.json`: one a name, or one without a name.
    package var entries: [Descriptor] {
        guard !names.isEmpty else { return [top] }
        return names.map { name in
            var entry = top
            var annotations = entry.annotations ?? [:]
            annotations[AnnotationKey.refName] = name.tag
            annotations[AnnotationKey.containerdImageName] = name.normalized
            entry.annotations = annotations
            return entry
        }
    }
}
