import ByteIO
package import Diagnostics
package import Images
package import OCI
package import SignedImages
import Signing

/// Who has to have signed which images: a file of our own, or `policy.json` of podman and CRI-O.
///
/// An image is judged by the entry with the longest name that it is in, and by no other: containers-policy.json(5) § Scopes.
package struct SignaturePolicy: Sendable {
    /// What is required of an image.
    enum Requirement: Sendable {
        case accept
        case reject
        case signed(SignedRequirement)
    }

    /// What is required of the images in a scope; all of it has to be there.
    struct Entry: Sendable {
        /// As the file has it; empty for all images of a transport.
        let scope: String
        /// What messages call it.
        let name: String
        let requirements: [Requirement]

        init(scope: String, name: String? = nil, _ requirements: [Requirement]) {
            (self.scope, self.requirements) = (scope, requirements)
            self.name = name ?? scope
        }

        /// Twice the length of the name, and one more without a `*`.
        fileprivate var weight: Int { scope.utf8.count * 2 + (scope.contains("*") ? 0 : 1) }
    }

    /// What images come through.
    enum Transport: String, Hashable, Sendable {
        case docker, oci
        case archive = "oci-archive"
        case dockerArchive = "docker-archive"
    }

    /// What messages call the file.
    package let name: String
    let entries: [Transport: [Entry]]
    /// For an image that is in no scope.
    let others: [Requirement]

    /// What became of an image.
    package struct Answer: Sendable {
        /// The entry that decided: a scope, or `default`.
        package let entry: String
        package let image: Digest
        /// What was verified; empty if the entry accepts the image without a signature.
        package let verified: [VerifiedSignature]
    }

    /// Judges the image at `location`.
    ///
    /// - Throws: `policy.rejected`; `signature.…`, `attestation.…` for what is missing; what reading the image throws.
    package func verify(_ location: ImageLocation, _ access: ImageAccess) async throws(Diagnostic) -> Answer {
        let entry = entry(for: location)
        for case .reject in entry.requirements {
            throw Diagnostic(
                .policyRejected,
                "the policy rejects `\(location)`",
                at: .file(path: name),
                because: "its entry `\(entry.name)` says so",
                hint: "add an entry that says who signs it, or use another image"
            )
        }
        let image = try await access.manifest(of: location)
        // All questions are about the same image, even if the tag moves meanwhile.
        access.pin(location, to: image.digest)
        var verified = [VerifiedSignature]()
        for case .signed(let signed) in entry.requirements {
            for verification in signed.verifications(of: location) {
                do throws(Diagnostic) {
                    for found in try await verification.run(location, access) where !verified.contains(found) {
                        verified.append(found)
                    }
                } catch {
                    throw required(by: entry, error)
                }
            }
        }
        return Answer(entry: entry.name, image: image.digest, verified: verified)
    }

    private func required(by entry: Entry, _ problem: Diagnostic) -> Diagnostic {
        guard problem.code.category == .policy else { return problem }
        var problem = problem
        let required = "the entry `\(entry.name)` of the policy requires it"
        problem.reason = [required, problem.reason].compactMap(\.self).joined(separator: "; ")
        return problem
    }

    // MARK: Entries

    func entry(for location: ImageLocation) -> Entry {
        let fallback = Entry(scope: "", name: "default", others)
        let (transport, scopes) = Self.scopes(of: location)
        guard let transport else { return fallback }
        let matching = (entries[transport] ?? []).filter { entry in
            entry.scope.isEmpty || scopes.contains(entry.scope)
                || transport == .docker && Self.isPattern(entry.scope)
                    && scopes.contains { NamePattern(entry.scope).matches($0) }
        }
        // The longest name says most; of two that are as long, the one that says it without `*`.
        return matching.max { $0.weight < $1.weight } ?? fallback
    }

    /// Whether `*` stands for any letters; at the beginning of a host it stands for the hosts below it alone.
    private static func isPattern(_ scope: String) -> Bool { !scope.hasPrefix("*.") && scope.contains("*") }

    /// The scopes that an image is in: itself, and all that it is below.
    private static func scopes(of location: ImageLocation) -> (Transport?, Set<String>) {
        switch location {
        case .registry(let reference): (.docker, scopes(of: reference))
        case .layout(let path, let name): (.oci, scopes(ofPath: path, name))
        case .archive(let path, let name): (.archive, scopes(ofPath: path, name))
        case .dockerArchive(let path, let name): (.dockerArchive, scopes(ofPath: path, name))
        case .catalogue: (nil, [])
        }
    }

    /// containers-policy.json(5) § docker: the reference, its repository, the namespaces above it, the host, and
    /// `*.DOMAIN` for each domain that the host is in.
    private static func scopes(of reference: Reference) -> Set<String> {
        var place = "\(reference.registry)/\(reference.repository)"
        var scopes: Set = [place]
        if let digest = reference.digest { scopes.insert("\(place)@\(digest)") }
        if let tag = reference.tag { scopes.insert("\(place):\(tag)") }
        while let slash = place.lastIndex(of: "/") {
            place = String(place[..<slash])
            scopes.insert(place)
        }
        var host = place.prefix { $0 != ":" }
        while let dot = host.firstIndex(of: ".") {
            host = host[host.index(after: dot)...]
            scopes.insert("*.\(host)")
        }
        return scopes
    }

    /// containers-policy.json(5) § oci: the path with and without the image's name, and the directories above it.
    private static func scopes(ofPath path: FilePath, _ name: String?) -> Set<String> {
        var place = (path.resolved ?? path).display
        var scopes: Set = [place]
        if let name { scopes.insert("\(place):\(name)") }
        while let slash = place.lastIndex(of: "/"), slash != place.startIndex {
            place = String(place[..<slash])
            scopes.insert(place)
        }
        return scopes
    }
}

extension Diagnostic.Code {
    static let policyRejected = Self("policy.rejected", .policy)
}
