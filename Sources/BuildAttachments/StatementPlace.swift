package import ByteIO
package import OCI
package import Request

/// Where the images go that something is said about.
package struct StatementPlace: Sendable {
    package let names: [Reference]
    package let isPushed: Bool
    /// A file or directory of this machine; `nil` for a registry alone.
    package let output: BuildRequest.Output?
    /// What the images are made of, on this machine: documents beside it are about it.
    package let paths: [FilePath]
    /// When it began, in seconds since 1970; `nil` if the clock is not asked.
    package let startedAt: Int64?
    /// Whether what refuses OCI's manifests is there: lists of contents are such manifests.
    package var isInDockerFormat = false

    /// Takes the values as they are.
    package init(
        names: [Reference],
        isPushed: Bool,
        output: BuildRequest.Output? = nil,
        paths: [FilePath] = [],
        startedAt: Int64? = nil
    ) {
        (self.names, self.isPushed, self.output) = (names, isPushed, output)
        (self.paths, self.startedAt) = (paths, startedAt)
    }

    /// Where `request` puts its images.
    package init(_ request: BuildRequest) {
        self.init(
            names: request.names,
            isPushed: request.isPushed,
            output: request.output,
            paths: request.paths,
            startedAt: request.startedAt
        )
        isInDockerFormat = request.format == .docker
    }

    var isLayout: Bool {
        if case .layout? = output { true } else { false }
    }
}
