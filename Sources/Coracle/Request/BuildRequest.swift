public import OCI
public import ByteIO

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
        case none
    }

    /// What a scratch image forgets, and coracle adds.
    public struct Runtime: Hashable, Sendable {
        public var certificates: Certificates
        public var includesZoneinfo: Bool

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
        public var entrypoint: [String]?
        public var command: [String]
        /// Name and value, in order; a later one of the same name wins.
        public var environment: [(name: String, value: String)] {
            get { environmentPairs.map { ($0.name, $0.value) } }
            set { environmentPairs = newValue.map { Pair(name: $0.name, value: $0.value) } }
        }
        private var environmentPairs: [Pair]
        public var labels: [String: String]
        /// `UID`, `UID:GID`, or a name that the image's own `/etc/passwd` has.
        public var user: String
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

        public init() {
            command = []
            environmentPairs = []
            labels = [:]
            user = "65532:65532"
            ports = []
            volumes = []
        }
    }

    /// Static executables, or one application directory.
    public var paths: [FilePath]
    public var output: Output?
    public var names: [Reference]
    /// What the programs' platforms are expected to be; for a directory without a program, what its platform is.
    public var platforms: [Platform]
    /// Where the program, or the directory, goes in the image.
    public var destination: String?
    public var additions: [Addition]
    /// Nil for an image without a runtime layer.
    public var runtime: Runtime?
    public var configuration: Configuration
    /// For the manifests and the index.
    public var annotations: [String: String]
    public var created: Created
    /// Of every file that the user brings, in the image.
    public var modified: Timestamp
    /// 1 to 12; nil for the default.
    public var compressionLevel: Int?
    public var allowsEscapingSymlinks: Bool
    /// In bytes; a larger file is refused.
    public var largestFile: Int64

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
    }
}
