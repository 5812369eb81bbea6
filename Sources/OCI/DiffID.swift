/// The digest of a layer's *uncompressed* tar. A type of its own, so that it cannot be passed where the digest of the
/// compressed blob is meant.
///
/// image-spec, config.md § Layer DiffID.
package struct DiffID: Hashable, Sendable, CustomStringConvertible {
    /// The digest of the tar.
    package let digest: Digest

    /// Takes a digest that is known to be of a tar.
    package init(_ digest: Digest) { self.digest = digest }

    /// As a config has it: `sha256:…`.
    package var description: String { digest.description }
}
