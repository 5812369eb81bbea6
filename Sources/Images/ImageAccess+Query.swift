package import Diagnostics
package import OCI
import Registry
import Store

extension ImageAccess {
    /// The digest of what is at `location`: of the manifest or index, or of the image for one platform.
    ///
    /// - Throws: `image.not-found`, `manifest.not-found`, `image.platform-missing`; `registry.…`.
    package func digest(of location: ImageLocation, platform: Platform? = nil) async throws(Diagnostic) -> Digest {
        if case .registry(let reference) = location, platform == nil, settings.sources == .everywhere {
            return try await remoteDigest(of: reference)
        }
        let provider = try provider(for: location, on: platform.map { [$0] })
        let top = try await provider.top()
        guard let platform else { return top.digest }
        var choice = PlatformChoice(provider, platform)
        return try await choice.choose(from: top).digest
    }

    /// Asks for nothing but the digest, unless that is refused or there is no such manifest: then reading it has the better message.
    private func remoteDigest(of reference: Reference) async throws(Diagnostic) -> Digest {
        noteExpansion(of: reference)
        let repository = reference.repositoryName
        let name = reference.digest.map { RegistryClient.ManifestName.digest($0) } ?? .tag(reference.tag ?? "latest")
        if let known = try await client().statedDescriptor(of: name, in: repository) { return known.digest }
        return try await client().manifest(name, in: repository).descriptor.digest
    }

    /// The tags of a reference's repository, as the registry orders them.
    ///
    /// - Throws: `repository.not-found`; `registry.…`.
    package func tags(in reference: Reference) async throws(Diagnostic) -> [String] {
        try refuseOffline("tags")
        noteExpansion(of: reference)
        return try await client().tags(in: reference.repositoryName)
    }
}
