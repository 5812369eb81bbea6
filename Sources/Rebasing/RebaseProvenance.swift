package import Build
package import Diagnostics
package import Images
package import OCI
import Stack

/// What images on another base were put together from, as SLSA's provenance, version 1: the old images, their old bases, and the
/// new ones.
package struct RebaseProvenance: Sendable {
    /// The member `predicate` of the statement.
    package let predicate: JSON

    /// - Throws: what finding the packages of a base of the catalogue throws.
    package init(
        of images: RebasedImages,
        from source: ImageLocation,
        onto base: ImageLocation,
        by builder: BuildProvenance.Builder,
        _ access: ImageAccess
    ) throws(Diagnostic) {
        var dependencies = [JSON]()
        func add(_ found: [JSON], _ role: String) {
            for dependency in found {
                var dependency = dependency.objectValue ?? JSONObject()
                dependency["annotations"] = ["role": .string(role)]
                if !dependencies.contains(.object(dependency)) { dependencies.append(.object(dependency)) }
            }
        }
        var cuts = [JSON]()
        for image in images.images {
            let platform = image.platform
            add([BuildProvenance.image(image.original.digest, at: source, for: platform)], "image")
            add(try BuildProvenance.materials(of: image.base, at: base, access), "base")
            if let digest = image.oldBase.origin.digest {
                let place = image.oldBase.origin.name.flatMap { try? Reference(parsing: $0) }
                add([BuildProvenance.image(digest, at: place.map { .registry($0) }, for: platform)], "old base")
            }
            cuts.append([
                "platform": .string(platform.description), "removedLayers": .int(image.oldBase.layerCount),
                "keptLayers": .strings(image.ownLayers.map(\.digest.description)),
            ])
        }
        predicate = BuildProvenance.predicate(
            BuildProvenance.rebaseType,
            [
                "image": .string(BuildProvenance.name(of: source)), "base": .string(BuildProvenance.name(of: base)),
                "platforms": .strings(images.images.map(\.platform.description)),
            ],
            ["images": .array(cuts)],
            dependencies,
            by: builder
        )
    }
}
