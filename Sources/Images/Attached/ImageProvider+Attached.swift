import ByteIO
import Diagnostics
import OCI
import Store

/// Lists of referrers that are asked for at the same time.
private let parallelLists = 4

extension ImageProvider {
    /// What hangs on manifests, by their digests: what the lists of referrers name, and what has cosign's tags.
    ///
    /// - Throws: `attached.…`, `offline.missing`; `registry.…`.
    func attached(
        to subjects: [Digest]
    ) async throws(Diagnostic) -> (referrers: [Descriptor], tagged: [(AttachedTag, Descriptor)]) {
        let each = try await attachedEach(to: subjects)
        return (each.flatMap(\.referrers), each.flatMap(\.tagged))
    }

    /// The same for each manifest.
    func attachedEach(
        to subjects: [Digest]
    ) async throws(Diagnostic) -> [(referrers: [Descriptor], tagged: [(AttachedTag, Descriptor)])] {
        let lists = try await concurrently(subjects, atMost: parallelLists) { subject async throws(Diagnostic) in
            try await self.referrers(of: subject)
        }
        let tags = subjects.map { AttachedTag.all(of: $0) }
        let found = try await siblings(tagged: tags.flatMap { $0.map(\.name) })
        return zip(lists, tags).map { list, tags in
            (list, tags.compactMap { tag in found[tag.name].map { (tag, $0) } })
        }
    }
}
