import ByteIO
import Diagnostics
import Images
import Stack

/// Which lock has the packages of an image that stands on a base of the catalogue.
struct LockSuggestion: Sendable {
    /// What to do, for a message.
    let hint: String

    /// - Throws: what is wrong with a directory of bases or the lock of the project.
    init(for image: MadeImage, _ access: ImageAccess) throws(Diagnostic) {
        let other = "use the lock that the image was built with (`--lock FILE`, `--bases DIRECTORY`), or its coracle"
        guard let project = try access.catalogue().projectBases else {
            hint = other
            return
        }
        let steps = image.base.map(\.step)
        let isKnown =
            try CatalogueMatch.all(steps, for: image.platform, access, isLocked: false).first?.isExact ?? false
        hint =
            isKnown
            ? "leave out `\(project.path.display)`: with `--no-lock` the packages are those of the image"
            : "give `\(project.path.display)` as it was then (`--lock FILE`), or \(other)"
    }
}
