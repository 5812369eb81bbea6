/// Where a registry keeps the images of one name.
package struct RepositoryName: Hashable, Sendable, CustomStringConvertible {
    /// A host, with a port where one was given, as in `Reference.registry`.
    package let registry: String
    /// As in `Reference.repository`.
    package let path: String

    /// Takes parts that are known to be well formed.
    package init(registry: String, path: String) {
        self.registry = registry
        self.path = path
    }

    /// `ghcr.io/me/server`.
    package var description: String { "\(registry)/\(path)" }
}

extension Reference {
    /// The repository that the reference is of.
    package var repositoryName: RepositoryName { RepositoryName(registry: registry, path: repository) }
}
