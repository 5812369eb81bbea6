package import Diagnostics
package import Images
import OCI
import Stack

/// Which bases an image can be built upon, by what it says.
package enum BaseSuggestions {
    /// The names that `--base` takes, the likeliest first; empty if the image names none and no base of the catalogue has its
    /// packages.
    ///
    /// - Throws: what is wrong with a directory of bases.
    package static func names(for image: MadeImage, _ access: ImageAccess) throws(Diagnostic) -> [String] {
        if let name = image.annotations[AnnotationKey.baseName] { return [name] }
        return try CatalogueMatch.all(image.base.map(\.step), for: image.platform, access).map(\.name)
    }
}
