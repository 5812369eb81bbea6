package import ByteIO
package import Check
package import Diagnostics
import Images
import Layers
package import OCI
import Store

/// Looks at finished images, in a layout or an archive.
package struct ImageInspector: Sendable {
    private let source: ImageSource
    private let images: [LocatedImage]
    private let limits: TableLimits

    /// Opens `path` and chooses the images called `name`, for `platform`; all of them where these are `nil`.
    ///
    /// - Parameter environment: may set how large the table of an image's files may become.
    /// - Throws: `layout.…`, `blob.…`, `json.…`, `image.not-found` with what is there; `limits.malformed`.
    package init(
        _ path: FilePath,
        name: String? = nil,
        platform: Platform? = nil,
        environment: [String: String] = [:]
    ) throws(Diagnostic) {
        limits = try TableLimits(environment: environment)
        source = try ImageSource(path, temporary: Self.temporaryDirectory(environment))
        let all = try LocatedImage.all(in: source)
        images = all.filter { image in
            (name.map(image.isCalled) ?? true) && (platform.map(image.config.content.platform.matches) ?? true)
        }
        guard images.isEmpty else { return }
        let there = all.map { "\($0.names.joined(separator: ", ")) (\($0.config.content.platform))" }
        throw Diagnostic(
            .imageNotFound,
            "there is no such image in `\(path.display)`",
            at: .file(path: path.display),
            because: there.isEmpty ? "it holds no image" : "it has " + there.joined(separator: "; ")
        )
    }

    /// The files that an image's layers make together.
    ///
    /// - Throws: `image.which` if several images were chosen; `blob.…`, `gzip.…`, `tar.…`.
    package func files() throws(Diagnostic) -> FileListing {
        guard images.count == 1, let image = images.first else {
            throw Diagnostic(
                .imageWhich,
                "which of the \(images.count) images?",
                at: .file(path: source.path.display),
                because: "there are " + images.map { $0.config.content.platform.description }.joined(separator: ", "),
                hint: "choose one with `--platform`, or by its name with `--tag`"
            )
        }
        return FileListing(try filesystem(of: image))
    }

    private func filesystem(of image: LocatedImage) throws(Diagnostic) -> RootFilesystem {
        try RootFilesystem(applying: image.manifest.content.layers, of: source, limits)
    }

    /// What `body` makes of each image; the files of one at a time are in memory.
    package func read<Result>(
        _ body: (LocatedImage, FileListing) throws(Diagnostic) -> Result
    ) throws(Diagnostic) -> [Result] {
        var results = [Result]()
        for image in images { results.append(try body(image, FileListing(try filesystem(of: image)))) }
        return results
    }

    /// The images' configuration, layers and biggest files.
    package func inspection() throws(Diagnostic) -> ImageInspection {
        ImageInspection(images: try read { ImageInspection.Image($0, $1) })
    }

    /// Recomputes everything about all images at `path`.
    ///
    /// - Throws: what keeps even the list of images from being read.
    package static func validate(
        _ path: FilePath,
        environment: [String: String] = [:]
    ) throws(Diagnostic) -> ValidationReport {
        let source = try ImageSource(path, temporary: temporaryDirectory(environment))
        return ValidationReport(try ImageValidator(source, try TableLimits(environment: environment)))
    }

    private static func temporaryDirectory(_ environment: [String: String]) -> FilePath {
        RegistrySettings(environment: environment).temporaryDirectory
    }
}

extension LocatedImage {
    /// By full reference, as the user wrote one, or by tag alone.
    fileprivate func isCalled(_ name: String) -> Bool {
        let reference = try? Reference(parsing: name)
        return names.contains { known in
            if known == name || known == reference?.normalized { return true }
            return Reference(entryName: known)?.tag == name
        }
    }
}
