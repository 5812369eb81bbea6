import Applications
package import ByteIO
package import Images
package import Layers
package import OCI

/// A variable of a container's environment.
package struct EnvironmentVariable: Hashable, Encodable, Sendable {
    package let name: String
    package let value: String

    /// Takes both as they are; they are checked when the image is planned.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// What a user asks for: everything that decides the images, and nothing that was looked up yet.
///
/// What it encodes is its fingerprint, by which an earlier build of the same request is found.
package struct BuildRequest: Encodable, Sendable {
    /// Where the images go.
    package enum Output: Hashable, Encodable, Sendable {
        /// An image layout in a directory.
        case layout(FilePath)
        /// One tar file.
        case archive(FilePath)
        /// An archive for standard output, which is a file here until it is whole.
        case stream(FilePath)

        /// As the user named it; of a stream, where it is made.
        package var path: FilePath {
            switch self {
            case .layout(let path), .archive(let path), .stream(let path): path
            }
        }

        /// What is written, for reports.
        package var display: String {
            switch self {
            case .layout(let path), .archive(let path): path.display
            case .stream: "an archive to standard output"
            }
        }

        /// The directory of a layout; `nil` for an archive.
        package var layout: FilePath? {
            if case .layout(let path) = self { path } else { nil }
        }
    }

    /// Which certificate authorities an image trusts.
    package enum Certificates: Hashable, Encodable, Sendable {
        /// Those that come with coracle, and those in the files named.
        case embedded(adding: [FilePath])
        /// Those in the files named, and no others.
        case only([FilePath])
        /// None: programs that open TLS connections will refuse them.
        case none
    }

    /// What a scratch image forgets, and coracle adds.
    package struct Runtime: Hashable, Encodable, Sendable {
        /// What `/etc/ssl/certs/ca-certificates.crt` has in it.
        package var certificates: Certificates
        /// Whether there is a `/usr/share/zoneinfo`.
        package var includesZoneinfo: Bool
        /// Whether what no program of the image has a use for is left out.
        package var isMinimal = false

        /// All of it by default.
        package init(certificates: Certificates = .embedded(adding: []), includesZoneinfo: Bool = true) {
            self.certificates = certificates
            self.includesZoneinfo = includesZoneinfo
        }
    }

    /// When the image says it was made.
    package enum Created: Hashable, Encodable, Sendable {
        /// The newest commit time that the programs carry, else 1970.
        case fromPrograms
        /// A time, and where it is from, for the report.
        case at(Timestamp, source: String)
    }

    /// What the image's configuration says about running it. `nil` stands for what coracle finds out by itself.
    package struct Configuration: Hashable, Encodable, Sendable {
        /// The program and its first arguments; `nil` if it is the program in `paths`.
        package var entrypoint: [String]?
        /// The default arguments, which the command line of a container may replace.
        package var command: [String]
        /// Name and value, in order; a later one of the same name wins.
        package var environment: [EnvironmentVariable]
        /// By keys such as those of the image-spec's annotations.md.
        package var labels: [String: String]
        /// `UID`, `UID:GID`, or a name that the image's own `/etc/passwd` has; `nil` for the base's user if that is a number
        /// and not root, else for uid 65532.
        package var user: String?
        /// An absolute path; `nil` for the directory's place in the image, else the base's, else `/`.
        package var workingDirectory: String?
        /// `PORT[/tcp|udp|sctp]`.
        package var ports: [String]
        /// Absolute paths.
        package var volumes: [String]
        /// A signal's name or number.
        package var stopSignal: String?
        /// `nil` for what the base says.
        package var healthcheck: Healthcheck?

        /// Says nothing.
        package init() {
            command = []
            environment = []
            labels = [:]
            ports = []
            volumes = []
        }
    }

    /// Static executables, or one application directory.
    package var paths: [FilePath]
    /// What the image stands on; `nil` for `scratch`.
    package var base: ImageLocation?
    /// The public key that the base has to be signed with, as it was named; `nil` if it need not be.
    package var baseKey: String?
    /// Whether an application that needs a base may choose one from the catalogue where `base` is `nil`.
    package var choosesBase = true
    /// Whether source at the path is built; what is there is taken as it is otherwise.
    package var buildsSource = true
    /// The program that is built, where source has several.
    package var program: String?
    /// Whether source is built a second time, in another place, and what comes out compared.
    package var buildsTwice = false
    /// What `paths` were made from; `nil` if the user brings them.
    package var origin: ProgramOrigin?
    /// `nil` for an image layout `NAME.oci` in the working directory, or for no file at all if the image is pushed or loaded.
    package var output: Output?
    /// Whether the image goes to the registries of `names`.
    package var isPushed = false
    /// Whether an engine of this machine gets the image.
    package var isLoaded = false
    /// Which media types the documents have.
    package var format = ManifestFormat.oci
    /// What the image is called where it goes; none for an image without a name.
    package var names: [Reference]
    /// What the programs' platforms are expected to be; for a directory without a program, what its platform is.
    package var platforms: [Platform]
    /// The platform of an application that says none, and whose base leaves a choice.
    package var machine: Platform
    /// Where the program, or the directory, goes in the image.
    package var destination: String?
    /// What goes into the image besides, in a layer below the program's.
    package var additions: [Addition]
    /// Files of other images that go into the image besides, in a layer between the additions and the program.
    package var imageAdditions: [ImageAddition] = []
    /// Directories, symlinks and texts that the image has besides.
    package var made: [MadeEntry] = []
    /// Who owns the application's files; `nil` for root.
    package var owner: UserID?
    /// The mode from which those of the application's files follow; `nil` for 0644 and 0755.
    package var mode: UInt16?
    /// What the environment says of the source, for labels; `nil` if there are to be none.
    package var vcs: SourceState? = SourceState()
    /// `nil` if the image has no runtime layer.
    package var runtime: Runtime?
    /// How a container of the image runs.
    package var configuration: Configuration
    /// For the manifests and the index.
    package var annotations: [String: String]
    /// When the image was made, as its configuration says.
    package var created: Created
    /// Modification time in the image of every file that the user brings.
    package var modified: Timestamp
    /// How the layers that are written are compressed.
    package var compression = LayerCodec.gzip
    /// One of the codec's levels; `nil` for the default.
    package var compressionLevel: Int?
    /// The files that a container needs first, in their order: a layer of eStargz begins with them.
    package var prefetched: [EntryPath] = []
    /// Whether a symlink may lead out of the directory it is in, to something else in the image.
    package var allowsEscapingSymlinks: Bool
    /// Whether programs keep their file capabilities.
    package var keepsCapabilities = false
    /// In bytes; a larger file is refused.
    package var largestFile: Int64
    /// How an application directory is divided into layers.
    package var split = SplitOptions()
    /// Where layers may be taken from that were made before.
    package var reuse = ReuseOptions()
    /// What is checked of the image before it is made; `nil` if nothing is checked.
    package var gate: GateOptions?
    /// How large the layers of an image may be as they are stored, the base's included, in bytes; `nil` if they may have any size.
    package var sizeLimit: Int64?
    /// Whether the YAML for a Kubernetes pod that runs the image is printed.
    package var describesPod = false
    /// When the build begins to look at files, in seconds since 1970: later builds trust only file times before it.
    /// `nil` if the build neither reads nor writes the build cache.
    package var startedAt: Int64?
    /// When the user asks, in seconds since 1970: what has expired by then is worth a warning. It decides nothing in the image.
    package var askedAt: Int64?
    /// Whether files are read even if they look unchanged since an earlier build read them.
    package var readsAllFiles = false
    /// Directories that do not belong to an application although they are inside it, such as the cache.
    package var passedOver: [FilePath] = []
    /// Whether the same image with a shell is made beside each.
    package var hasDebugTwin = false

    /// Whether the user adds files, which may be those that are missing elsewhere.
    package var bringsFiles: Bool { !additions.isEmpty || !imageAdditions.isEmpty }

    /// The defaults, for a user who gives only `paths`.
    package init(paths: [FilePath]) {
        self.paths = paths
        names = []
        platforms = []
        machine = .ofThisMachine
        additions = []
        runtime = Runtime()
        configuration = Configuration()
        annotations = [:]
        created = .fromPrograms
        modified = Timestamp(secondsSince1970: 0)
        allowsEscapingSymlinks = false
        largestFile = 64 << 30
        gate = GateOptions()
    }
}
