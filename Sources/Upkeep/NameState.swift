package import Diagnostics
package import Images
package import OCI
import Stack
import Store

/// Whether a name of a registry still stands for the image that was once behind it.
package enum NameState: Hashable, Sendable {
    /// The digest is that of what the name stands for, or of one of its images.
    case current(Digest)
    /// The name stands for another image now. The new digest is of an index if the old one was, else of the image for the old one's
    /// platform; the old one is `nil` if it was never recorded.
    case moved(from: Digest?, to: Digest)
    /// The file names no digest: what the name stands for now.
    case unpinned(Digest)
    /// There is a digest and no tag: it cannot move.
    case fixed(Digest)
    /// Why it is not known.
    case unknown(Diagnostic)

    /// The digest that the name has now; `nil` if it is not known, or for a digest without a name.
    package var new: Digest? {
        switch self {
        case .current(let digest), .unpinned(let digest), .moved(_, let digest): digest
        case .fixed, .unknown: nil
        }
    }

    package var hasMoved: Bool { if case .moved = self { true } else { false } }
}

/// Asks registries what names stand for.
package struct NameLookup: Sendable {
    private let access: ImageAccess
    /// For a message: what cannot be done offline.
    private let command: String

    package init(_ access: ImageAccess, for command: String = "outdated") {
        (self.access, self.command) = (access, command)
    }

    /// What `reference` stands for now. Problems become `.unknown`: others may be known nevertheless.
    ///
    /// - Parameter old: what it stood for; `nil` for the reference's own digest.
    package func state(of reference: Reference, since old: Digest? = nil) async -> NameState {
        let old = old ?? reference.digest
        do throws(Diagnostic) {
            // What the cache has says nothing of today.
            try access.refuseOffline(command)
        } catch {
            return .unknown(error)
        }
        guard let tag = reference.tag else { return old.map { .fixed($0) } ?? .unknown(.nameless(reference)) }
        do throws(Diagnostic) {
            let name = try Reference(parsing: "\(reference.registry)/\(reference.repository):\(tag)")
            let top = try await access.digest(of: .registry(name))
            guard let old else { return .unpinned(top) }
            if top == old { return .current(old) }
            return try await moved(from: old, to: top, of: name)
        } catch {
            return .unknown(error)
        }
    }

    /// Some programs record the digest of an index, others that of the image for their platform.
    private func moved(from old: Digest, to top: Digest, of name: Reference) async throws(Diagnostic) -> NameState {
        let images = try await BaseManifests(try access.provider(for: .registry(name))).candidates
        if images.contains(where: { $0.manifest.digest == old }) { return .current(old) }
        guard let before = try? await formerImages(name, old), before.count == 1, let former = before.first,
            former.manifest.digest == old, images.first?.manifest.digest != top,
            let new = images.first(where: { $0.platform.matches(former.platform) })
        else { return .moved(from: old, to: top) }
        return .moved(from: old, to: new.manifest.digest)
    }

    private func formerImages(_ name: Reference, _ old: Digest) async throws(Diagnostic) -> [BaseManifests.Candidate] {
        let reference = try Reference(parsing: "\(name.registry)/\(name.repository)@\(old)")
        return try await BaseManifests(try access.provider(for: .registry(reference))).candidates
    }
}

extension Diagnostic {
    fileprivate static func nameless(_ reference: Reference) -> Diagnostic {
        Diagnostic(.upkeepNameless, "`\(reference)` has neither a tag nor a digest", at: .image(reference.text))
    }
}

extension Diagnostic.Code {
    static let upkeepNameless = Self("upkeep.nameless", .usage)
}
