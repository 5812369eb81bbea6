package import Diagnostics
package import OCI
package import Store

extension RegistrySettings {
    private static let signatureVariable = "COSIGN_REPOSITORY"

    /// The repository that signatures of all images are in, as cosign has it; `nil` if they are beside their images.
    ///
    /// - Throws: `usage.malformed`.
    package func signatureRepository() throws(Diagnostic) -> RepositoryName? {
        guard let text = environment[Self.signatureVariable], !text.isEmpty else { return nil }
        let reference: Reference
        do throws(Diagnostic) {
            reference = try Reference(parsing: text)
        } catch {
            throw Self.malformed(text, error.reason)
        }
        guard reference.digest == nil, !(text.split(separator: "/").last?.contains(":") ?? false) else {
            throw Self.malformed(text, "a repository has neither a tag nor a digest")
        }
        return reference.repositoryName
    }

    private static func malformed(_ text: String, _ reason: String?) -> Diagnostic {
        Diagnostic(
            .usageMalformed,
            "the environment variable \(signatureVariable) is not a repository",
            at: .option(signatureVariable),
            because: reason.map { "its value is `\(text.excerpt)`: \($0)" },
            hint: "set it to a repository, such as `ghcr.io/me/signatures`, or unset it"
        )
    }
}

extension ImageAccess {
    /// Where what is signed about the image at `location` is looked for: there, or in the repository for signatures if the image
    /// is in a registry.
    ///
    /// - Throws: `usage.malformed`; what opening `location` throws.
    package func signatureProvider(for location: ImageLocation) throws(Diagnostic) -> any ImageProvider {
        guard case .registry(let reference) = location, let repository = try settings.signatureRepository(),
            repository != reference.repositoryName
        else { return try provider(for: location) }
        return try registryProvider(for: Reference(to: repository), try client())
    }

    /// The image at `location`, with what hangs on it there and in the repository for signatures.
    func joinedProvider(
        for location: ImageLocation,
        on platforms: [Platform]?
    ) throws(Diagnostic) -> any ImageProvider {
        let image = try provider(for: location, on: platforms)
        guard case .registry(let reference) = location, let repository = try settings.signatureRepository(),
            repository != reference.repositoryName
        else { return image }
        return JoinedProvider(image: image, signatures: try signatureProvider(for: location))
    }
}

/// An image whose signatures are in another repository.
private struct JoinedProvider: ImageProvider {
    let image: any ImageProvider
    let signatures: any ImageProvider

    var name: String { image.name }
    var repository: RepositoryName? { image.repository }

    func top() async throws(Diagnostic) -> Descriptor { try await image.top() }

    func document(_ blob: Descriptor) async throws(Diagnostic) -> [UInt8] {
        do throws(Diagnostic) {
            return try await image.document(blob)
        } catch {
            guard error.code.category == .notFound else { throw error }
            return try await signatures.document(blob)
        }
    }

    func blob(_ blob: Descriptor) async throws(Diagnostic) -> LocalBlob {
        do throws(Diagnostic) {
            return try await image.blob(blob)
        } catch {
            guard error.code.category == .notFound else { throw error }
            return try await signatures.blob(blob)
        }
    }

    func referrers(of digest: Digest) async throws(Diagnostic) -> [Descriptor] {
        let own = try await image.referrers(of: digest)
        let known = Set(own.map(\.digest))
        return own + (try await signatures.referrers(of: digest)).filter { !known.contains($0.digest) }
    }

    func siblings(tagged tags: [String]) async throws(Diagnostic) -> [String: Descriptor] {
        let own = try await image.siblings(tagged: tags)
        return own.merging(try await signatures.siblings(tagged: tags)) { own, _ in own }
    }
}
