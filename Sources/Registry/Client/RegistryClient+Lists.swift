package import Diagnostics
import HTTP
package import OCI
import Store

extension RegistryClient {
    /// Limits that only an endless list exceeds.
    private static let mostPages = 1000
    private static let mostTags = 1_000_000
    private static let mostReferrers = ReferrersList.mostEntries
    /// Size limit of a page, in bytes.
    private static let pageLimit = 4 << 20
    /// Size limit of all pages of a list together, in bytes.
    private static let mostBytes = 64 << 20
    /// distribution-spec § Pulling manifests: a tag has at most 128 characters.
    private static let longestTag = 128

    /// The repository's tags, in the registry's order (distribution-spec § Listing Tags).
    ///
    /// - Throws: `repository.not-found`, `registry.…`.
    package func tags(in repository: RepositoryName) async throws(Diagnostic) -> [String] {
        var call = RegistryCall(
            .get,
            .repository("tags/list"),
            AuthorizationScope([.pull], in: repository),
            to: "list the tags of `\(repository)`"
        )
        var tags = [String]()
        var seen = Set<HTTPURL>()
        var size = 0
        for _ in 0..<Self.mostPages {
            let whole = try await wholeAnswer(to: call, limit: Self.pageLimit)
            let answer = whole.answer
            guard answer.status == 200 else {
                let problem = await RegistryProblem(answer)
                var error = try await refusal(answer, problem)
                if answer.status == 404 {
                    error.code = .repositoryNotFound
                    error.summary = "there is no repository `\(repository)`"
                }
                throw error
            }
            size += whole.body?.count ?? 0
            guard size <= Self.mostBytes else { throw Self.endless(call) }
            let list = try Self.json(whole, "the list of tags")
            for tag in try list.optional("tags")?.strings() ?? [] {
                guard tags.count < Self.mostTags else { throw Self.endless(call) }
                guard tag.utf8.count <= Self.longestTag else {
                    throw Diagnostic(
                        .registryMalformed,
                        "cannot \(call.purpose)",
                        at: .image(repository.description),
                        because: "a tag has \(tag.utf8.count) characters, and at most \(Self.longestTag) are allowed"
                    )
                }
                tags.append(tag)
            }
            seen.insert(answer.url)
            guard let next = try Self.nextPage(answer), seen.insert(next).inserted else { return tags }
            call.place = .url(next)
        }
        throw Self.endless(call)
    }

    /// The manifests whose subject is `digest`; empty if the registry has no such list.
    ///
    /// distribution-spec § Listing Referrers; § Unavailable Referrers API.
    package func referrers(
        of digest: Digest,
        in repository: RepositoryName
    ) async throws(Diagnostic) -> [Descriptor] {
        if let found = try await ownReferrers(of: digest, in: repository) { return found }
        return try await listedReferrers(of: digest, in: repository)
    }

    /// Those of `referrers` that are in the repository and can be found from `digest`, which they are about.
    ///
    /// The fallback tag is asked for first: in a registry that has the API and one that has not, two requests are enough to
    /// find one document.
    package func present(
        _ referrers: Set<Digest>,
        about digest: Digest,
        in repository: RepositoryName
    ) async throws(Diagnostic) -> Set<Digest> {
        var present = Set<Digest>()
        let list = try await absent { () async throws(Diagnostic) in
            try await manifest(.tag(digest.referrersTag), in: repository)
        }
        if let (descriptor, bytes) = list, descriptor.mediaType.isIndex, !Quirks.isSubject(descriptor, of: digest) {
            let listed = Set(try Document<Index>(decoding: bytes, of: descriptor).content.manifests.map(\.digest))
            // A list can name what was deleted.
            for referrer in referrers.intersection(listed)
            where try await self.descriptor(of: .digest(referrer), in: repository) != nil { present.insert(referrer) }
        }
        guard present != referrers, let own = try await ownReferrers(of: digest, in: repository) else { return present }
        return present.union(own.map(\.digest).filter(referrers.contains))
    }

    /// What the registry lists by itself; `nil` if it has no such list.
    private func ownReferrers(
        of digest: Digest,
        in repository: RepositoryName
    ) async throws(Diagnostic) -> [Descriptor]? {
        var call = RegistryCall(
            .get,
            .repository("referrers/\(digest)"),
            AuthorizationScope([.pull], in: repository),
            headers: ["Accept": MediaType.imageIndex.rawValue],
            to: "list what refers to `\(repository)@\(digest)`"
        )
        var found = [Descriptor]()
        var seen = Set<HTTPURL>()
        var size = 0
        while true {
            let whole: WholeAnswer
            do throws(Diagnostic) {
                whole = try await wholeAnswer(to: call, limit: Self.pageLimit)
            } catch {
                // Some registries answer 401 here and nowhere else: see `Quirks.hasReferrers`.
                guard error.code == .registryUnauthorized, seen.isEmpty else { throw error }
                return nil
            }
            let answer = whole.answer
            guard Quirks.hasReferrers(answer) else {
                guard seen.isEmpty else { throw try await refusal(answer) }
                return nil
            }
            size += whole.body?.count ?? 0
            guard size <= Self.mostBytes else { throw Self.endless(call) }
            let name = "the referrers of \(digest)"
            let index = try Index(try Self.json(whole, name).value, named: name)
            guard found.count + index.manifests.count <= Self.mostReferrers else { throw Self.endless(call) }
            found += index.manifests
            seen.insert(answer.url)
            guard let next = try Self.nextPage(answer), seen.insert(next).inserted else { return found }
            guard seen.count <= Self.mostPages else { throw Self.endless(call) }
            call.place = .url(next)
        }
    }

    private func listedReferrers(
        of digest: Digest,
        in repository: RepositoryName
    ) async throws(Diagnostic) -> [Descriptor] {
        let tag = digest.referrersTag
        let list = try await absent { () async throws(Diagnostic) in try await manifest(.tag(tag), in: repository) }
        guard let (descriptor, bytes) = list, !Quirks.isSubject(descriptor, of: digest) else { return [] }
        guard descriptor.mediaType.isIndex else {
            var note = Diagnostic.attachedTagTaken(tag, because: "it is `\(descriptor.mediaType)`, and not an index")
            note.subject = .image("\(repository):\(tag)")
            options.note(note)
            return []
        }
        let found = try Document<Index>(decoding: bytes, of: descriptor).content.manifests
        guard found.count <= Self.mostReferrers else {
            throw Diagnostic(
                .registryMalformed,
                "cannot list what refers to `\(repository)@\(digest)`",
                at: .image("\(repository):\(tag)"),
                because: "the list has \(found.count) entries, and at most \(Self.mostReferrers) are read"
            )
        }
        return found
    }

    private static func json(_ whole: WholeAnswer, _ name: String) throws(Diagnostic) -> JSONReader {
        let answer = whole.answer
        func malformed(_ reason: String) -> Diagnostic {
            Diagnostic(
                .registryMalformed,
                "cannot \(answer.call.purpose)",
                at: .image(answer.call.scope.repository.description),
                because: "`\(answer.url.origin.place)` \(reason)"
            )
        }
        guard let body = whole.body else { throw malformed("sent more than 4 MiB") }
        do throws(Diagnostic) {
            return JSONReader(try JSON(parsing: body, named: name), named: name)
        } catch {
            throw malformed("did not send JSON (\(error.reason ?? error.summary))")
        }
    }

    /// The address of a list's next page; `nil` at its end. It has to be on the same server: elsewhere it would be another list.
    private static func nextPage(_ answer: RegistryAnswer) throws(Diagnostic) -> HTTPURL? {
        guard let target = LinkHeader.next(in: answer.headers[all: "Link"]) else { return nil }
        let url = try answer.url.resolving(target)
        guard url.origin == answer.url.origin else {
            throw Diagnostic(
                .registryMalformed,
                "cannot \(answer.call.purpose)",
                at: .image(answer.call.scope.repository.description),
                because: "`\(answer.url.origin.place)` says that its list goes on at `\(url.origin.place)`"
            )
        }
        return url
    }

    private static func endless(_ call: RegistryCall) -> Diagnostic {
        Diagnostic(
            .registryMalformed,
            "cannot \(call.purpose)",
            at: .image(call.scope.repository.description),
            because: "the list does not end"
        )
    }
}
