@testable import Build
import ByteIO
import Diagnostics
@testable import Images
import Layers
import OCI
@testable import Plan
import Request
import Store
import TestSupport

/// An image to build upon, made of entries: a layer for each list of them.
struct BaseSample {
    var layers: [[LayerEntry]]
    var platform = Platform(os: "linux", architecture: "amd64")
    var config = ImageConfig.Execution(env: ["PATH=/bin"], workingDir: "/")
    var hasHistory = true
    var changeManifest: (inout Manifest) -> Void = { _ in }
    var changeConfig: (inout ImageConfig) -> Void = { _ in }

    init(_ layers: [LayerEntry]...) { self.layers = layers }

    /// Like those of distroless: a layer a package, `/lib` and `/bin` leading into `/usr`.
    static var merged: BaseSample {
        var sample = BaseSample(
            [
                .at("/usr", .directory, mode: 0o755), .at("/usr/lib", .directory, mode: 0o755),
                .at("/usr/bin", .directory, mode: 0o755),
                .link("/lib", "usr/lib"), .link("/bin", "/usr/bin"), .at("/tmp", .directory, mode: 0o1777),
                .at("/var", .directory, mode: 0o755), .link("/var/run", "/run"),
            ],
            [.text("/usr/lib/libc.so", "libc", mode: 0o755), .text("/usr/lib/ld.so", "loader", mode: 0o755)],
            [
                .text("/etc/passwd", "root:x:0:0:root:/root:/sbin/nologin\n"), .text("/etc/group", "root:x:0:\n"),
                .text("/etc/nsswitch.conf", "hosts: files dns\n"),
            ],
            [.text("/usr/lib/os-release", "ID=debian\n"), .link("/etc/os-release", "../usr/lib/os-release")]
        )
        sample.config.user = "0"
        return sample
    }

    /// What the layout's index has of the image.
    private func write(to path: String, _ scratch: TemporaryDirectory) async throws -> (
        entry: Descriptor, listing: ImageSet.Listing, blobs: [(Descriptor, ImageSet.Blob)]
    ) {
        var blobs = [(Descriptor, ImageSet.Blob)]()
        var written = [WrittenLayer]()
        for (index, entries) in layers.enumerated() {
            var draft = try BlobDraft(in: FilePath(scratch.path))
            let blueprint = try LayerBlueprint(.application, createdBy: "package \(index)", entries: entries)
            let layer = try await LayerWriter(cores: 1).write(blueprint, LayerCompression(), to: &draft).table.layer
            written.append(layer)
            blobs.append((layer.descriptor, .draft(draft.seal())))
        }
        var config = ImageConfig(platform: platform, config: self.config, diffIDs: written.map(\.diffID))
        if hasHistory {
            config.history = layers.indices.map { ImageConfig.History(created: nil, createdBy: "package \($0)") }
        }
        changeConfig(&config)
        let configDocument = Document(encoding: config, as: .imageConfig)
        var manifest = Manifest(config: configDocument.descriptor, layers: written.map(\.descriptor))
        changeManifest(&manifest)
        let document = Document(encoding: manifest, as: .imageManifest)
        blobs.append((configDocument.descriptor, .bytes(configDocument.bytes)))
        blobs.append((document.descriptor, .bytes(document.bytes)))
        var entry = document.descriptor
        entry.platform = platform
        return (entry, ImageSet.Listing(config: configDocument.descriptor, layers: manifest.layers), blobs)
    }

    /// Writes the images of `samples` as a layout in `scratch`: an index if there are several.
    ///
    /// - Parameter change: changes what the index says of them.
    static func layout(
        _ samples: [BaseSample],
        in scratch: TemporaryDirectory,
        as name: String = "base",
        index change: (inout [Descriptor]) -> Void = { _ in }
    ) async throws -> ImageLocation {
        var (entries, listings, blobs) = ([Descriptor](), [ImageSet.Listing](), [(Descriptor, ImageSet.Blob)]())
        for sample in samples {
            let image = try await sample.write(to: name, scratch)
            entries.append(image.entry)
            listings.append(image.listing)
            blobs += image.blobs
        }
        change(&entries)
        var top = entries[0]
        if entries.count > 1 {
            let index = Document(encoding: Index(manifests: entries), as: .imageIndex)
            blobs.append((index.descriptor, .bytes(index.bytes)))
            top = index.descriptor
        }
        let path = FilePath(scratch(name))
        let names = [try Reference(parsing: "example.com/base:1")]
        try await LayoutDestination(path).publish(ImageSet(top: top, names: names, listings: listings, blobs: blobs))
        return .layout(path, name: nil)
    }
}

extension LayerEntry {
    static func at(_ path: String, _ content: Content, mode: UInt16) -> LayerEntry {
        LayerEntry(EntryPath(unchecked: Array(path.utf8.dropFirst())), content, mode: mode)
    }

    static func text(_ path: String, _ text: String, mode: UInt16 = 0o644) -> LayerEntry {
        .at(path, .bytes(Array(text.utf8)), mode: mode)
    }

    static func link(_ path: String, _ target: String) -> LayerEntry {
        .at(path, .symlink(target: Array(target.utf8)), mode: 0o777)
    }
}

/// What a plan on a base is, or its problems by code.
func plan(_ request: BuildRequest) async -> Result<BuildPlan, DiagnosticList> {
    do throws(DiagnosticList) {
        return .success(try await Builder(cores: 1).plan(request).plan)
    } catch {
        return .failure(error)
    }
}
