package import OCI

/// The actions of a request, and its repository.
package struct AuthorizationScope: Hashable, Sendable {
    package var repository: RepositoryName
    package var actions: Set<RegistryClient.Action>
    /// Other repositories of the same registry to pull from, for mounts.
    package var sources: [RepositoryName]

    package init(
        _ actions: Set<RegistryClient.Action>,
        in repository: RepositoryName,
        sources: [RepositoryName] = []
    ) {
        self.repository = repository
        self.actions = actions
        self.sources = sources
    }
}
