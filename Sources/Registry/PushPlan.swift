package import OCI

/// The steps of a push to one repository.
package struct PushPlan: Sendable {
    /// What happens to one blob or manifest.
    package struct Step: Hashable, Sendable {
        package let blob: Descriptor
        package let action: Action
    }

    package enum Action: Hashable, Sendable {
        case exists
        /// The blob is mounted from another repository of the registry, or uploaded if that fails.
        case mounts(from: RepositoryName)
        case uploads
    }

    /// The credential that pushes: "user `me` from ~/.docker/config.json".
    package let credential: String
    /// The steps in order: blobs, then manifests.
    package let steps: [Step]
}
