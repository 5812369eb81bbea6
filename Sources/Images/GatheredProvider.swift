package import Diagnostics
package import OCI
import Store

/// Images of one repository, each found by its digest, as if there were an index of them: what an index was once, when the
/// name that it had stands for another one by now.
struct GatheredProvider: ImageProvider {
    /// The images, by their digests.
    private let images: [(entry: Descriptor, provider: any ImageProvider)]
    /// Over several images; `nil` for one.
    private let index: Document<Index>?

    /// - Parameter images: at least one; each provider's name stands for its image.
    init(_ images: [(platform: Platform, provider: any ImageProvider)]) async throws(Diagnostic) {
        precondition(!images.isEmpty, "there is at least one image")
        var found: [(entry: Descriptor, provider: any ImageProvider)] = []
        for (platform, provider) in images {
            var entry = try await provider.top()
            entry.platform = platform
            found.append((entry, provider))
        }
        self.images = found
        index =
            found.count > 1
            ? Document(encoding: Index(manifests: found.map(\.entry)), as: .imageIndex) : nil
    }

    var name: String { images[0].provider.name }
    var repository: RepositoryName? { images[0].provider.repository }

    func top() async throws(Diagnostic) -> Descriptor { index?.descriptor ?? images[0].entry }

    func document(_ blob: Descriptor) async throws(Diagnostic) -> [UInt8] {
        if let index, blob.digest == index.descriptor.digest { return index.bytes }
        return try await provider(of: blob).document(blob)
    }

    func blob(_ blob: Descriptor) async throws(Diagnostic) -> LocalBlob { try await provider(of: blob).blob(blob) }
    func holds(_ blob: Descriptor) async throws(Diagnostic) -> Bool { try await provider(of: blob).holds(blob) }
    func referrers(of digest: Digest) async throws(Diagnostic) -> [Descriptor] {
        try await images[0].provider.referrers(of: digest)
    }
    func siblings(tagged tags: [String]) async throws(Diagnostic) -> [String: Descriptor] {
        try await images[0].provider.siblings(tagged: tags)
    }

    /// All are of one repository, so every one of them brings every blob.
    private func provider(of blob: Descriptor) -> any ImageProvider {
        images.first { $0.entry.digest == blob.digest }?.provider ?? images[0].provider
    }
}

extension ImageAccess {
    /// Has `name` stand for these images of its repository, whatever it names by now.
    ///
    /// - Throws: `registry.…` if one of them is gone.
    package func gather(
        _ name: Reference,
        _ images: [(platform: Platform, digest: Digest)]
    ) async throws(Diagnostic) {
        var found: [(platform: Platform, provider: any ImageProvider)] = []
        for (platform, digest) in images {
            let reference = try Reference(parsing: "\(name.repositoryName)@\(digest)")
            found.append((platform, try registryProvider(for: reference, try client())))
        }
        gathered(.registry(name), try await GatheredProvider(found))
    }
}
