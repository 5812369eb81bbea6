package import Diagnostics
package import OCI
import Store

extension ImageAccess {
    /// All that hangs on the image at `location`.
    ///
    /// - Throws: `image.not-found`, `image.platform-missing`, `offline.missing`; `registry.…`.
    package func attached(to location: ImageLocation, platform: Platform? = nil) async throws(Diagnostic)
        -> AttachedTree
    {
        let provider = try joinedProvider(for: location, on: platform.map { [$0] })
        return try await AttachedTree(provider, platform: platform, note: note)
    }

    /// The manifest or index at `location`, or the manifest for one platform.
    ///
    /// - Throws: `image.not-found`, `manifest.not-found`, `image.platform-missing`; `registry.…`.
    package func manifest(of location: ImageLocation, platform: Platform? = nil) async throws(Diagnostic) -> Descriptor
    {
        let provider = try provider(for: location, on: platform.map { [$0] })
        let top = try await provider.top()
        guard let platform else { return top }
        var choice = PlatformChoice(provider, platform)
        return try await choice.choose(from: top)
    }
}
