import Check
package import Diagnostics
package import Images
package import OCI
package import Store

/// Reads bases: chooses by platform, verifies, and lists what is in their layers.
package struct BaseReader: Sendable {
    /// A base for one platform, and what is in it.
    package struct Found: Sendable {
        package let base: Base
        package let files: BaseFiles
    }

    private let provider: any ImageProvider
    private let reference: Reference?
    private let tables: LayerTables

    /// Reads what is at `location`, through `provider`.
    package init(_ location: ImageLocation, _ provider: any ImageProvider, _ access: ImageAccess) throws(Diagnostic) {
        if case .registry(let reference) = location { self.reference = reference } else { reference = nil }
        self.provider = provider
        tables = try LayerTables(provider, access)
    }

    /// The bases for `platforms`, each with its files, or why there is none.
    ///
    /// - Throws: what keeps all of them from being read.
    package func read(
        for platforms: [Platform]
    ) async throws(Diagnostic) -> [Platform: Result<Found, Diagnostic>] {
        let choice = try await BaseManifests(provider)
        var bases: [Platform: Result<Found, Diagnostic>] = [:]
        for platform in platforms where bases[platform] == nil {
            do throws(Diagnostic) {
                bases[platform] = .success(try await read(try choice.candidate(for: platform)))
            } catch {
                bases[platform] = .failure(error)
            }
        }
        return bases
    }

    private func read(_ candidate: BaseManifests.Candidate) async throws(Diagnostic) -> Found {
        let (image, layers, tables) = try await tables.read(candidate)
        let top = try await provider.top()
        let base = Base(
            name: provider.name,
            reference: reference?.normalized ?? top.annotations?[AnnotationKey.containerdImageName],
            manifest: candidate.manifest,
            platform: image.platform,
            layers: layers,
            config: image.config,
            oddities: image.oddities,
            provider: provider
        )
        return Found(base: base, files: try BaseFiles(consume tables, self.tables.limits))
    }
}
