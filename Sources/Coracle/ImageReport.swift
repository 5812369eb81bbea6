import Archive
import Check
import Checkup
import Diagnostics
import Layers
import OCI

/// What an image is: its names, how its containers run, and what is in it.
public struct ImageReport: Hashable, Sendable {
    /// What the layout or archive calls it; empty without a name.
    public let names: [String]
    /// The digest of the image's manifest.
    public let digest: String
    /// Such as `linux/amd64`.
    public let platform: String
    /// RFC 3339; `nil` if absent.
    public let created: String?
    /// `USER[:GROUP]`; `nil` if absent.
    public let user: String?
    /// The program and its first arguments.
    public let entrypoint: [String]
    /// The arguments that a user may replace.
    public let command: [String]
    /// `NAME=VALUE`.
    public let environment: [String]
    /// Where the program is started; `nil` if absent.
    public let workingDirectory: String?
    /// Labels of the configuration.
    public let labels: [String: String]
    /// Annotations of the manifest.
    public let annotations: [String: String]
    /// The lowest first.
    public let layers: [ImageLayer]
    /// The root filesystem that the layers make together, sorted by path.
    public let files: [ImageFile]

    init(_ image: LocatedImage, _ files: FileListing) {
        let (manifest, config) = (image.manifest, image.config.content)
        names = image.names
        digest = manifest.descriptor.digest.description
        platform = config.platform.description
        created = config.created
        user = config.config.user
        entrypoint = config.config.entrypoint ?? []
        command = config.config.cmd ?? []
        environment = config.config.env
        workingDirectory = config.config.workingDir
        labels = config.config.labels
        annotations = manifest.content.annotations
        layers = ImageLayer.all(manifest.content, config)
        self.files = files.lines.map(ImageFile.init)
    }
}

/// A file of an image's root filesystem.
public struct ImageFile: Hashable, Sendable {
    /// What kind of file it is.
    public enum Kind: Hashable, Sendable {
        /// A regular file, under its first name.
        case regular
        /// A directory.
        case directory
        /// A symlink, and the text in it.
        case symlink(String)
        /// Another name of the file at this path.
        case hardlink(String)
        /// A device or a FIFO.
        case special
    }

    /// An absolute path; bytes that are not UTF-8 are shown as `\xNN`.
    public let path: String
    /// What kind of file it is.
    public let kind: Kind
    /// Permission bits, with set-user-ID, set-group-ID and sticky.
    public let mode: UInt16
    /// The numeric owner.
    public let user: UInt32
    /// The numeric group.
    public let group: UInt32
    /// Size of the content, in bytes; a hard link has the size of its file.
    public let size: Int64
    /// The index of the layer in the image's `layers`.
    public let layer: Int

    init(_ line: FileListing.Line) {
        path = line.path.description
        mode = line.record.mode
        user = line.record.uid
        group = line.record.gid
        size = line.size
        layer = line.layer - 1
        kind =
            switch line.record.kind {
            case .regular: .regular
            case .directory: .directory
            case .symlink(let target): .symlink(String(printing: target))
            case .hardlink(let target): .hardlink(EntryPath(unchecked: target).description)
            case .characterDevice, .blockDevice, .fifo: .special
            }
    }
}
