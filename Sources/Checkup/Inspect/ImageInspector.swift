import Archive
package import ByteIO
import Check
package import Diagnostics
import Layers
package import OCI
import Store

/// Looks at finished images, in a layout or an archive.
package struct ImageInspector: Sendable {
    private let source: ImageSource
    private let images: [LocatedImage]

    /// Opens `path` and chooses the images called `name`, for `platform`; all of them where these are nil.
    ///
    /// - Throws: `layout.…`, `blob.…`, `json.…`, `image.not-found` with what is there.
    package init(_ path: FilePath, name: String? = nil, platform: Platform? = nil) throws(Diagnostic) {
        source = try ImageSource(path)
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

    private func filesystem(of image: LocatedImage) throws(Diagnostic) -> RootFilesystem<TarRecord> {
        var files = RootFilesystem<TarRecord>()
        for layer in image.manifest.content.layers {
            files.beginLayer()
            _ = try LayerScan(layer, in: source) { files.apply($0) }
        }
        return files
    }

    /// The images' configuration, layers and biggest files.
    package func inspection() throws(Diagnostic) -> ImageInspection {
        var inspected = [ImageInspection.Image]()
        for image in images {
            inspected.append(ImageInspection.Image(image: image, files: FileListing(try filesystem(of: image))))
        }
        return ImageInspection(images: inspected)
    }

    /// Recomputes everything about all images at `path`.
    ///
    /// - Throws: what keeps even the list of images from being read.
    package static func validate(_ path: FilePath) throws(Diagnostic) -> ValidationReport {
        ValidationReport(try ImageValidator(try ImageSource(path)))
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
