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

    /// Where blobs are kept: `CORACLE_CACHE`, else `coracle` in `XDG_CACHE_HOME` or in `.cache` of the home directory; `nil`
    /// where there is none of them.
    package var cachePlace: FilePath? {
        if let cacheDirectory { return cacheDirectory }
        if let path = variable("CORACLE_CACHE") { return FilePath(path) }
        // XDG Base Directory Specification: paths that are not absolute are to be ignored.
        if let path = variable("XDG_CACHE_HOME"), path.hasPrefix("/") { return FilePath(path).appending("coracle") }
        return variable("HOME").map { FilePath($0).appending(".cache/coracle") }
    }

    /// Directory for temporary files.
    package var temporaryDirectory: FilePath { FilePath(variable("TMPDIR") ?? "/tmp") }

    /// An empty variable counts as absent.
    private func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
}
