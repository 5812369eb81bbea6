import Checkup
import Diagnostics
import Images
import OCI

extension ImageSession {
    /// Reads the images that `image` names: a layout's or an archive's path, `oci:DIR[:NAME]` and the like, or a reference.
    ///
    /// All layers are read; an image of a registry is fetched into a temporary directory for that.
    /// - Parameter platform: such as `linux/arm64`; `nil` for all platforms of the image.
    public func read(_ image: String, platform: String? = nil) async throws(CoracleError) -> [ImageReport] {
        try await CoracleError.converting {
            let platform = try platform.map { text throws(Diagnostic) in try Platform(parsing: text) }
            let location = try ImageLocation(source: image)
            let environment = access.settings.environment
            return try await access.withLocalCopy(of: location, for: platform) { path, name in
                try ImageInspector(path, name: name, platform: platform, environment: environment)
                    .read { ImageReport($0, $1) }
            }
        }
    }

    /// Recomputes every digest, size, diffID, count and platform of the images at `image`, which is named as for `read`.
    ///
    /// - Returns: What is wrong; empty for a valid image.
    /// - Throws: what keeps even the list of images from being read.
    public func validate(_ image: String) async throws(CoracleError) -> [Problem] {
        try await CoracleError.converting {
            let location = try ImageLocation(source: image)
            let environment = access.settings.environment
            return try await access.withLocalCopy(of: location, for: nil) { path, _ in
                try ImageInspector.validate(path, environment: environment).findings.map { Problem($0) }
            }
        }
    }

    /// The digest, such as `sha256:…`, that the name `image` stands for: of an index, or of the manifest for `platform`.
    public func digest(of image: String, platform: String? = nil) async throws(CoracleError) -> String {
        try await CoracleError.converting {
            let platform = try platform.map { text throws(Diagnostic) in try Platform(parsing: text) }
            return try await access.digest(of: try ImageLocation(source: image), platform: platform).description
        }
    }
}
