package import Diagnostics
package import Images
import OCI
import Plan
import Registry
import Request
import Store

extension ImageAccess {
    /// The images at `locations`, and the records of other builds, for the platforms of `job`. One that is not there or cannot be read is noted, and no
    /// more: the build goes on without it.
    func earlierBuilds(at locations: [ImageLocation], for job: BuildJob) async -> EarlierBuilds {
        let platforms = job.plan.images.map(\.platform)
        var builds = EarlierBuilds()
        for location in locations {
            do throws(Diagnostic) {
                let provider = try cacheProvider(for: location)
                if let records = try await records(of: provider) {
                    builds.records += records
                } else {
                    builds.images += try await PreviousImage.read(provider, for: platforms)
                }
            } catch {
                // The user did not ask for those that a push replaces, and the push itself reports what is wrong with them.
                if job.askedImages.contains(location) { note(.noReuse(of: location, error)) }
            }
        }
        return builds
    }

    /// What the history of the image at `location` says of its layers; none, with a note, if it is not there.
    ///
    /// - Throws: what else keeps it from being read: how an application is divided must not depend on a network.
    package func steps(of location: ImageLocation) async throws(Diagnostic) -> [String] {
        do throws(Diagnostic) {
            let images = try await PreviousImage.read(try provider(for: location), for: [])
            return images.flatMap { $0.layers.map(\.createdBy) }
        } catch {
            guard error.code.category == .notFound else { throw error }
            note(.noReuse(of: location, error))
            return []
        }
    }

    /// The records that `provider` has, if it is an artifact of records and not an image.
    private func records(of provider: any ImageProvider) async throws(Diagnostic) -> [CacheRecord]? {
        let top = try await provider.top()
        guard top.mediaType.isManifest else { return nil }
        let manifest = try Document<Manifest>(decoding: try await provider.document(top), of: top).content
        return CacheRecord.list(manifest, of: provider)
    }

    /// Opens an image that can be done without: a registry that does not answer is not asked for long.
    private func cacheProvider(for location: ImageLocation) throws(Diagnostic) -> any ImageProvider {
        guard case .registry(let reference) = location else { return try provider(for: location) }
        noteExpansion(of: reference)
        let client = try makeClient(CredentialStore(environment: settings.environment), tries: 2)
        return try registryProvider(for: reference, client)
    }
}

extension Diagnostic {
    fileprivate static func noReuse(of location: ImageLocation, _ error: Diagnostic) -> Diagnostic {
        let isAbsent = error.code.category == .notFound
        return Diagnostic(
            .reuseUnavailable,
            isAbsent
                ? "there is no `\(location)` to take layers from"
                : "`\(location)` cannot be read, and no layer is taken from it",
            because: isAbsent ? nil : [error.summary, error.reason].compactMap(\.self).joined(separator: ": ")
        )
    }
}

extension Diagnostic.Code {
    static let reuseUnavailable = Self("reuse.unavailable", .network)
}

extension BuildJob {
    /// The images that layers may be taken from, in the order they are asked.
    var reusableImages: [ImageLocation] {
        guard reuse.sources == nil, plan.isPushed else { return askedImages }
        var locations = askedImages
        for name in plan.names where !locations.contains(.registry(name)) { locations.append(.registry(name)) }
        return locations
    }

    /// Those of them that the user named.
    fileprivate var askedImages: [ImageLocation] { (reuse.previous.map { [$0] } ?? []) + (reuse.sources ?? []) }
}
