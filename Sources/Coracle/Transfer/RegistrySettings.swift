public import ByteIO

/// How registries are reached, and where what comes from them is kept.
public struct RegistrySettings: Sendable {
    /// The process's variables: proxies, credentials, `SSL_CERT_FILE`, where the cache is.
    public var environment: [String: String]
    /// Nil for the place that the environment says.
    public var cacheDirectory: FilePath?
    /// Opens no socket.
    public var isOffline = false
    /// Hosts that may be spoken to without TLS, or with a certificate that nobody vouches for.
    public var insecureRegistries: Set<String> = []
    /// PEM files by registry: authorities that are trusted for it.
    public var certificateAuthorities: [String: [FilePath]] = [:]
    /// Blobs on their way at the same time, in each direction.
    public var parallelTransfers = 2
    /// For the bases that are assembled here.
    public var bases = BaseSettings()
    /// What registries are told of who asks.
    public var userAgent = "coracle"

    /// What the environment says.
    public init(environment: [String: String]) { self.environment = environment }

    /// Where blobs are kept: `CORACLE_CACHE`, else `coracle` in `XDG_CACHE_HOME` or in `.cache` of the home directory; nil
    /// where there is none of them.
    public var cachePlace: FilePath? {
        if let cacheDirectory { return cacheDirectory }
        if let path = variable("CORACLE_CACHE") { return FilePath(path) }
        // XDG Base Directory Specification: paths that are not absolute are to be ignored.
        if let path = variable("XDG_CACHE_HOME"), path.hasPrefix("/") { return FilePath(path).appending("coracle") }
        return variable("HOME").map { FilePath($0).appending(".cache/coracle") }
    }

    /// Where files go that nobody is to find again.
    package var temporaryDirectory: FilePath { FilePath(variable("TMPDIR") ?? "/tmp") }

    /// An empty variable is none.
    private func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
}
