import ByteIO
package import Diagnostics
import HTTP
package import OCI
package import Store

extension RegistryClient {
    /// Tags that are written at the same time.
    private static let parallelTags = 4
    /// How often a tag is written before it is given up.
    private static let mostRounds = 16
    /// The last rounds are without a condition, in case the registry never finds one fulfilled.
    private static let conditionalRounds = 12
    private static let shortestPause = Duration.milliseconds(150)
    private static let longestPause = Duration.seconds(5)

    /// Enters manifests into the lists that replace the referrers API, each list once, and adds layers to the manifests that
    /// have cosign's tags; their blobs are in the repository.
    ///
    /// - Returns: why some are not there.
    /// - Throws: `attached.tag-taken`, `attached.too-many`, `registry.…`.
    package func list(
        _ referrers: [UnlistedReferrer],
        adding layers: [TaggedLayers] = [],
        in repository: RepositoryName
    ) async throws(Diagnostic) -> [Diagnostic] {
        let bySubject = Dictionary(grouping: referrers, by: \.subject)
        let subjects = bySubject.keys.sorted { $0.description < $1.description }
        var tags: [any SharedTag] = layers
        for subject in subjects {
            tags.append(ReferrersList(of: subject, adding: bySubject[subject, default: []].map(\.entry)))
        }
        return try await add(tags, to: repository)
    }

    private struct Round: Sendable {
        var tag: any SharedTag
        /// Between reading and writing; `nil` if nothing was written.
        var window: Duration?
        var problem: Diagnostic?
    }

    /// Reads each tag, adds to it, and reads it again: other clients do the same, and the last of them wins. What was lost
    /// is added again, after pauses of different lengths. Such a write cannot be made safe without `If-Match`, which few
    /// registries heed.
    private func add(
        _ tags: [any SharedTag],
        to repository: RepositoryName
    ) async throws(Diagnostic) -> [Diagnostic] {
        var pending = tags
        var problems = [Diagnostic]()
        for round in 0..<Self.mostRounds {
            let isConditional = round < Self.conditionalRounds
            let results = try await concurrently(pending, atMost: Self.parallelTags) { tag async throws(Diagnostic) in
                try await self.addOnce(tag, to: repository, isConditional)
            }
            problems += results.compactMap(\.problem)
            let written = results.filter { $0.window != nil }
            guard let window = written.compactMap(\.window).max() else { return problems }
            pending = written.map(\.tag)
            // Another client that read before we wrote has written by then.
            let pause = min(max(window * 4, Self.shortestPause), Self.longestPause)
            do {
                try await options.clock.pause(pause * (1 + options.clock.random() * Double(round + 1)))
            } catch {
                throw .cancelled
            }
        }
        throw Diagnostic(
            .registryRefused,
            "`\(repository):\(pending[0].name)` does not keep what is written there",
            at: .image(repository.description),
            because: "it was written \(Self.mostRounds) times, and other clients or the registry itself undid it",
            hint: "try again when no other program pushes documents about the same image"
        )
    }

    private func addOnce(
        _ tag: any SharedTag,
        to repository: RepositoryName,
        _ isConditional: Bool
    ) async throws(Diagnostic) -> Round {
        let start = options.clock.now()
        var tag = tag
        let name = ManifestName.tag(tag.name)
        let current = try await absent { () async throws(Diagnostic) in
            try await self.taggedManifest(name, in: repository)
        }
        let change: SharedTagChange
        do throws(Diagnostic) {
            change = try tag.change(of: current.map { ($0.descriptor, $0.bytes) })
        } catch {
            var problem = error
            if problem.subject == nil { problem.subject = .image("\(repository):\(tag.name)") }
            throw problem
        }
        switch change {
        case .none: return Round(tag: tag)
        case .impossible(let problem): return Round(tag: tag, problem: problem)
        case .put(let document, let blob):
            if let blob, try await !has(blob.descriptor, in: repository) {
                try await upload(blob.descriptor, BytesUpload(bytes: blob.bytes), to: repository)
            }
            // Not with `put`: a list that has a subject itself would lead to another list, and so on.
            _ = try await send(
                document.bytes,
                as: document.descriptor,
                named: name,
                to: repository,
                ifMatch: isConditional ? current?.tag : nil
            )
            return Round(tag: tag, window: options.clock.now() - start)
        }
    }
}
