package import ByteIO
package import Store

/// How registries are reached, and where what comes from them is kept.
package struct RegistrySettings: Sendable {
    /// The process's variables: proxies, credentials, `SSL_CERT_FILE`, where the cache is.
    package var environment: [String: String]
    /// `nil` for the place that the environment says.
    package var cacheDirectory: FilePath?
    /// Opens no socket.
    package var sources = AllowedSources.everywhere
    /// Hosts to which coracle may speak without TLS, or with a certificate that no authority signed.
    package var insecureRegistries: Set<String> = []
    /// PEM files by registry: authorities that are trusted for it.
    package var certificateAuthorities: [String: [FilePath]] = [:]
    /// Blobs on their way at the same time, in each direction.
    package var parallelTransfers = 2
    /// Whether what was pushed is read back once.
    package var verifiesPushes = false
    /// Least number of bytes a second that a server has to send or take, averaged over a minute; `nil` for the default, 0
    /// for none.
    package var minimumRate: Int64?
    /// For the bases that are assembled here.
    package var bases = BaseSettings()
    /// The `User-Agent` for registries.
    package var userAgent = "coracle"

    /// What the environment says.
    package init(environment: [String: String]) { self.environment = environment }

    /// Directory for temporary files.
    package var temporaryDirectory: FilePath { FilePath(variable("TMPDIR") ?? "/tmp") }

    /// An empty variable counts as absent.
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
}
