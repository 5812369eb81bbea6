import OCI

/// A key of a credential file: a registry, or its repositories whose path begins with a given one.
///
/// Docker writes `ghcr.io` and, for Docker Hub, `https://index.docker.io/v1/`; podman also `ghcr.io/me/app`; older tools
/// wrote `https://ghcr.io`, `ghcr.io/v1/` and `ghcr.io/v2/`.
struct CredentialKey: Hashable, Sendable {
    /// The host in lower case, with its port. Docker Hub's names are all mapped to one.
    let host: String
    /// The path without slashes at its ends; empty for all repositories.
    let path: String

    private static let hub = "docker.io"
    private static let hubNames: Set<String> = [hub, "index.docker.io", "registry-1.docker.io"]

    init(parsing text: String) {
        var rest = text[...]
        for scheme in ["https://", "http://"] where rest.lowercased().hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
            break
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        host = Self.host(String(rest[..<slash]))
        var path = rest[slash...]
        while path.hasPrefix("/") { path = path.dropFirst() }
        while path.hasSuffix("/") { path = path.dropLast() }
        self.path = path == "v1" || path == "v2" ? "" : String(path)
    }

    /// Whether it is about `repository`. Among several such keys, the one with the longest path is the most specific.
    func covers(_ repository: RepositoryName) -> Bool {
        guard host == Self.host(repository.registry) else { return false }
        return path.isEmpty || repository.path == path || repository.path.hasPrefix(path + "/")
    }

    /// Whether it is about all repositories of `registry`, as a key that `login` writes.
    func isWhole(_ registry: String) -> Bool { path.isEmpty && host == Self.host(registry) }

    /// The key that docker and credential helpers use for a registry.
    static func canonical(_ registry: String) -> String {
        let host = host(registry)
        return host == hub ? "https://index.docker.io/v1/" : host
    }

    private static func host(_ text: String) -> String {
        let host = text.lowercased()
        return hubNames.contains(host) ? hub : host
    }
}
