/// Where a registry keeps the images of one name.
public struct RepositoryName: Hashable, Sendable, CustomStringConvertible {
    /// A host, with a port where one was given, as in `Reference.registry`.
    public let registry: String
    /// As in `Reference.repository`.
    public let path: String

    /// Takes parts that are known to be well formed.
    public init(registry: String, path: String) {
        self.registry = registry
        self.path = path
    }

    /// `ghcr.io/me/server`.
    public var description: String { "\(registry)/\(path)" }
}

extension Reference {
    /// The repository that the reference is of.
    public var repositoryName: RepositoryName { RepositoryName(registry: registry, path: repository) }
}
