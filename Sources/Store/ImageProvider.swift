package import Diagnostics
package import OCI

/// Where one image, or an index of several, is read: a layout, an archive, a registry's repository.
package protocol ImageProvider: Sendable {
    /// As the user named it, for messages.
    var name: String { get }

    /// The registry's repository that the blobs are in; `nil` if the provider is not a registry.
    var repository: RepositoryName? { get }

    /// What the name stands for: a manifest or an index. Asked once, the answer stays the same.
    func top() async throws(Diagnostic) -> Descriptor

    /// A manifest, index or config: at most 4 MiB, with the size and digest that `blob` says.
    func document(_ blob: Descriptor) async throws(Diagnostic) -> [UInt8]

    /// A blob, brought to this machine if it is not there yet.
    func blob(_ blob: Descriptor) async throws(Diagnostic) -> LocalBlob

    /// Whether the blob is there. What is on this machine is read and verified for that.
    func holds(_ blob: Descriptor) async throws(Diagnostic) -> Bool

    /// The manifests that say they are about `digest` (distribution-spec § Listing Referrers).
    func referrers(of digest: Digest) async throws(Diagnostic) -> [Descriptor]

    /// The manifests beside the image that have one of `tags`.
    func siblings(tagged tags: [String]) async throws(Diagnostic) -> [String: Descriptor]
}

extension ImageProvider {
    package func siblings(tagged tags: [String]) async throws(Diagnostic) -> [String: Descriptor] { [:] }

    package func holds(_ blob: Descriptor) async throws(Diagnostic) -> Bool {
        _ = try await self.blob(blob).verified()
        return true
    }
}
