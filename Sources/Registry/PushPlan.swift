package import OCI

/// What a push to one repository would do.
package struct PushPlan: Sendable {
    package enum Step: Hashable, Sendable {
        case exists
        /// The registry is asked to take it from another of its repositories; uploaded if it does not.
        case mounts(from: RepositoryName)
        case uploads
    }

    /// Who pushes: "user `me` from ~/.docker/config.json".
    package let credential: String
    /// Blobs, then manifests, in the order they would be sent.
    package let steps: [(blob: Descriptor, step: Step)]
}
