import Bases
import ByteIO
import Diagnostics
import Images
import OCI
import Pins

/// What the text of a pin names.
enum PinnedBase {
    /// `scratch`.
    case nothing
    case catalogue(BaseCatalogue.Entry)
    case reference(Reference)
    /// A layout or an archive of this machine.
    case place(ImageLocation)

    /// - Throws: `reference.malformed`, `location.malformed`, `base.unknown`.
    init(_ pin: Pin, of file: PinnedFile, _ access: ImageAccess) throws(Diagnostic) {
        guard file.kind == .project else {
            self = .reference(try ImageLocation.reference(parsing: pin.text))
            return
        }
        guard pin.text != "scratch" else {
            self = .nothing
            return
        }
        let location = try access.location(ofBase: Self.located(pin.text, beside: file.path))
        switch location {
        case .catalogue(let name):
            self = .catalogue(try access.catalogue().bases.entry(named: name))
        case .registry(let reference): self = .reference(reference)
        case .layout, .archive, .dockerArchive: self = .place(location)
        }
    }

    /// A path of the file, for use in the working directory.
    private static func located(_ text: String, beside file: FilePath) -> String {
        let directory = file.directory
        guard directory != "." else { return text }
        for prefix in ["oci:", "oci-archive:", "docker-archive:"] where text.hasPrefix(prefix) {
            let path = String(text.dropFirst(prefix.count))
            return path.hasPrefix("/") ? text : prefix + directory.appending(path).display
        }
        return text.hasPrefix("./") || text.hasPrefix("../") ? directory.appending(text).display : text
    }
}
