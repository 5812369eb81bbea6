/// What to build: the files of an image, what it stands on, and how its containers run.
///
/// A recipe with nothing but `paths` makes what `coracle build PATH` makes: an image for the user 65532, with certificate
/// authorities, time zones, accounts and `/tmp`, that has the same digest on every machine.
public struct ImageRecipe: Hashable, Sendable {
    /// What a program expects of its system, and `scratch` does not have.
    public enum RuntimeFiles: Hashable, Sendable {
        /// Certificate authorities, time zones, accounts and `/tmp`.
        case all
        /// Those that the programs need.
        case needed
        /// None of them.
        case none
    }

    /// What happens when a check finds that the image cannot run, or should not.
    public enum Checks: Hashable, Sendable {
        /// A finding is an error, unless its rule is in `allowing`. Rules have codes such as `secret.private-key`.
        case refuse(allowing: Set<String> = [])
        /// A finding is a warning in the result.
        case report
        /// Nothing is checked.
        case skip
    }

    /// A file or a directory that goes into the image besides the program, in a layer of its own.
    public struct AddedFile: Hashable, Sendable {
        /// A path of this machine.
        public var source: String
        /// An absolute path in the image.
        public var destination: String
        /// Permission bits of every file; `nil` for 0644, or 0755 for an executable source.
        public var mode: UInt16?
        /// The numeric owner of everything that is added.
        public var user: UInt32
        /// The numeric group of everything that is added.
        public var group: UInt32

        /// Files that belong to root, with the usual modes.
        public init(source: String, destination: String, mode: UInt16? = nil, user: UInt32 = 0, group: UInt32 = 0) {
            self.source = source
            self.destination = destination
            self.mode = mode
            self.user = user
            self.group = group
        }
    }

    /// One or more executables, or one application directory.
    public var paths: [String]
    /// Names such as `ghcr.io/me/server:1.0`, for registries and for the image's entry in a layout or an archive.
    public var names: [String] = []
    /// A reference, `oci:DIR[:NAME]`, `oci-archive:FILE[:NAME]`, a name of coracle's catalogue, or `scratch`.
    ///
    /// `nil` for `scratch`, or for the catalogue's base if the application directory needs one.
    public var base: String?
    /// Platforms such as `linux/arm64` that the programs must have; empty for those that they have.
    public var platforms: [String] = []
    /// An absolute path in the image for the program or the directory; `nil` for `/app/NAME`, or `/app`.
    public var destination: String?
    /// What goes into the image besides.
    public var additions: [AddedFile] = []
    /// What coracle adds.
    public var runtimeFiles = RuntimeFiles.all
    /// What is checked before anything is written.
    public var checks = Checks.refuse()
    /// The program of a container and its first arguments; `nil` for the program in `paths`.
    public var entrypoint: [String]?
    /// The arguments that a user of the image may replace.
    public var command: [String] = []
    /// Environment variables. They are written in the order of their names.
    public var environment: [String: String] = [:]
    /// Labels of the image's configuration.
    public var labels: [String: String] = [:]
    /// Annotations of the manifests and the index.
    public var annotations: [String: String] = [:]
    /// `UID`, `UID:GID`, or a name in the image's `/etc/passwd`; `nil` for the base's user if that is not root, else 65532.
    public var user: String?
    /// An absolute path; `nil` for the application directory, or the base's, or `/`.
    public var workingDirectory: String?
    /// Ports such as `8080` or `53/udp`.
    public var ports: [String] = []
    /// Absolute paths for data that outlives a container.
    public var volumes: [String] = []
    /// The signal that stops a container, such as `SIGTERM`; `nil` for the base's, or for the engine's default.
    public var stopSignal: String?
    /// The image's date, in seconds since 1970; `nil` for the newest commit time in the programs, or 0 without one.
    public var created: Int64?
    /// The modification time of the files, in seconds since 1970.
    public var modified: Int64 = 0
    /// How layers are compressed: `gzip`, `zstd`, `zstd:chunked` or `estargz`.
    public var compression = "gzip"
    /// 1 (fastest) to 12 (smallest), of zstd to 19; `nil` for the default.
    public var compressionLevel: Int?

    /// An image of one program, or of one application directory.
    public init(path: String) { paths = [path] }

    /// An image of several programs: one for each platform, or all for the same.
    public init(paths: [String]) { self.paths = paths }
}
