package import ByteIO
import Diagnostics
import Images
package import OCI
import Store

extension RegistryOptions {
    /// Calls `body` with the path of an image: its own, or for a reference that of a temporary copy; and with its name there,
    /// where the location says one.
    ///
    /// An existing path is meant; else a text with a registry or a tag is a reference. A mistyped path is not a reference.
    package func withLocalCopy<Result>(
        of text: String,
        _ platform: Platform?,
        _ body: (FilePath, _ name: String?) throws -> Result
    ) async throws -> Result {
        let path = FilePath(text)
        if (try? FileStatus(at: path)) != nil { return try body(path, nil) }
        if text == "-" { _ = try ImageLocation(parsing: text) }
        switch try? ImageLocation(parsing: text) {
        case .layout(let path, let name)?, .archive(let path, let name)?, .dockerArchive(let path, let name)?:
            return try body(path, name)
        case .registry(let reference)?
        where text.utf8.contains(UInt8(ascii: ":")) || text.hasPrefix("\(reference.registry)/"):
            break
        case .registry?, .catalogue?:
            do {
                return try body(path, nil)
            } catch var problem as Diagnostic where problem.code == .layoutNotFound {
                problem.hint =
                    "name what `coracle build -o` wrote, or write `docker://\(text)` for an image of a registry"
                throw problem
            }
        case nil: return try body(path, nil)
        }
        let location = try ImageLocation(parsing: text)
        return try await withAccess(doing: "fetching the image") { access in
            try await access.withLocalCopy(of: location, for: platform, body)
        }
    }
}
