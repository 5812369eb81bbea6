public import ByteIO
public import OCI

/// What a user asks for: everything that decides the images, and nothing that was looked up yet.
public struct BuildRequest: Sendable {
    /// Where the images go.
    public enum Output: Hashable, Sendable {
        /// An image layout in a directory.
        case layout(FilePath)
        /// One tar file.
        case archive(FilePath)

        /// As the user named it.
        public var path: FilePath {
            switch self {
            case .layout(let path), .archive(let path): path
            }
        }
    }

    /// Which certificate authorities an image trusts.
    public enum Certificates: Hashable, Sendable {
        /// Those that come with coracle, and those in the files named.
        case embedded(adding: [FilePath])
        /// Those in the files named, and no others.
        case only([FilePath])
        /// None: programs that open TLS connections will refuse them.
        case none
    }

    /// What a scratch image forgets, and coracle adds.
    public struct Runtime: Hashable, Sendable {
        /// What `/etc/ssl/certs/ca-certificates.crt` has in it.
        public var certificates: Certificates
        /// Whether there is a `/usr/share/zoneinfo`.
        public var includesZoneinfo: Bool
        /// Whether what no program of the image has a use for is left out.
        public var isMinimal = false

        /// All of it, unless told otherwise.
        public init(certificates: Certificates = .embedded(adding: []), includesZoneinfo: Bool = true) {
            self.certificates = certificates
            self.includesZoneinfo = includesZoneinfo
        }
    }

    /// When the image says it was made.
    public enum Created: Hashable, Sendable {
        /// The newest commit time that the programs carry, else 1970.
        case fromPrograms
        /// A time, and who said so, for the report.
        case at(Timestamp, source: String)
    }

    /// What the image's configuration says about running it. Nil stands for what coracle finds out by itself.
    public struct Configuration: Hashable, Sendable {
        /// The program and its first arguments; nil for the program that is in `paths`.
        public var entrypoint: [String]?
        /// The arguments that whoever starts a container may replace.
        public var command: [String]
        /// Name and value, in order; a later one of the same name wins.
        public var environment: [(name: String, value: String)] {
            get { environmentPairs.map { ($0.name, $0.value) } }
            set { environmentPairs = newValue.map { Pair(name: $0.name, value: $0.value) } }
        }
        private var environmentPairs: [Pair]
        /// By keys such as those of the image-spec's annotations.md.
        public var labels: [String: String]
        /// `UID`, `UID:GID`, or a name that the image's own `/etc/passwd` has; nil for the base's user if that is a number
        /// and not root, else for uid 65532.
        public var user: String?
        /// An absolute path; nil for the directory's place in the image, else for the base's, else for `/`.
        public var workingDirectory: String?
        /// `PORT[/tcp|udp|sctp]`.
        public var ports: [String]
        /// Absolute paths.
        public var volumes: [String]
        /// A signal's name or number.
        public var stopSignal: String?

        private struct Pair: Hashable, Sendable {
            let name: String
            let value: String
        }

        /// Says nothing.
        public init() {
            command = []
            environmentPairs = []
            labels = [:]
            ports = []
            volumes = []
        }
    }

    /// Static executables, or one application directory.
    public var paths: [FilePath]
    /// What the image stands on; nil for `scratch`.
    public var base: ImageLocation?
    /// Whether an application that needs a base may choose one from the catalogue where `base` is nil.
    public var choosesBase = true
    /// Nil for an image layout `NAME.oci` in the working directory, or for no file at all where the image is pushed.
    public var output: Output?
    /// Whether the image goes to the registries of `names`.
    public var isPushed = false
    /// What the image is called where it goes; none for an image without a name.
    public var names: [Reference]
    /// What the programs' platforms are expected to be; for a directory without a program, what its platform is.
    public var platforms: [Platform]
    /// Where the program, or the directory, goes in the image.
    public var destination: String?
    /// What goes into the image besides, in a layer below the program's.
    public var additions: [Addition]
    /// Nil for an image without a runtime layer.
    public var runtime: Runtime?
    /// How a container of the image runs.
    public var configuration: Configuration
    /// For the manifests and the index.
    public var annotations: [String: String]
    /// When the image was made, as its configuration says.
    public var created: Created
    /// Of every file that the user brings, in the image.
    public var modified: Timestamp
    /// 1 to 12; nil for the default.
    public var compressionLevel: Int?
    /// Whether a symlink may lead out of the directory it is in, to something else in the image.
    public var allowsEscapingSymlinks: Bool
    /// In bytes; a larger file is refused.
    public var largestFile: Int64
    /// How an application directory is divided into layers.
    public var split = LayerSplit()
    /// Where layers may be taken from that were made before.
    public var reuse = ReuseOptions()
    /// What is checked of the image before it is made; nil for nothing.
    public var gate: GateOptions?
    /// How large the layers of an image may be as they are stored, the base's included, in bytes; nil for any size.
    public var sizeLimit: Int64?
    /// Whether it is to be said what a Kubernetes pod needs to run the image.
    public var describesPod = false
    /// When the files begin to be looked at, in seconds since 1970, so that it can be told how far their times are to be
    /// believed later. Nil to keep nothing for later builds, and use nothing of earlier ones.
    public var startedAt: Int64?
    /// Whether files are read although they look as they did when an earlier build read them.
    public var readsAllFiles = false
    /// Directories that are no part of an application although they are in it, such as the cache.
    public var passedOver: [FilePath] = []
    /// Whether the same image with a shell is made beside each.
    public var hasDebugTwin = false

    /// What a user gets who says nothing but `paths`.
    public init(paths: [FilePath]) {
        self.paths = paths
        names = []
        platforms = []
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
