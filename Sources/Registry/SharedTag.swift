package import Diagnostics
import OCI
import Store

/// A document under a tag that several clients add to, each of which reads, changes and writes it.
protocol SharedTag: Sendable {
    var name: String { get }

    /// What to write in the place of `current`; `nil` if nothing has the tag. What was seen once is to stay.
    mutating func change(of current: (descriptor: Descriptor, bytes: [UInt8])?) throws(Diagnostic) -> SharedTagChange
}

enum SharedTagChange: Sendable {
    /// All is there.
    case none
    /// A document, and a blob that it needs.
    case put(EncodedDocument, blob: EncodedDocument?)
    /// It cannot be written, and stays as it is.
    case impossible(Diagnostic)
}

/// The list that replaces the referrers API in registries without one (distribution-spec § Referrers Tag Schema).
struct ReferrersList: SharedTag {
    /// Number of entries, more than an image has.
    static let mostEntries = 10_000

    let subject: Digest
    var name: String { subject.referrersTag }
    /// By digest: what is to be there, and all that was seen there.
    private var entries: [Digest: Descriptor] = [:]

    init(of subject: Digest, adding entries: [Descriptor]) {
        self.subject = subject
        for entry in entries { self.entries[entry.digest] = entry }
    }

    /// - Throws: `attached.tag-taken`, `attached.too-many`; `json.…` for what is there.
    mutating func change(of current: (descriptor: Descriptor, bytes: [UInt8])?) throws(Diagnostic) -> SharedTagChange {
        var index = Index(manifests: [])
        var type = MediaType.imageIndex
        if let current {
            if Quirks.isSubject(current.descriptor, of: subject) {
                return .impossible(
                    Diagnostic(
                        .referrersUnlisted,
                        "the registry does not list what refers to \(subject)",
                        because: "it has no referrers API, and takes the tag `\(name)` for the image itself",
                        hint: "the document is there by its digest only"
                    )
                )
            }
            guard current.descriptor.mediaType.isIndex else {
                throw .attachedTagTaken(name, because: "it is `\(current.descriptor.mediaType)`, and not an index")
            }
            index = try Document<Index>(decoding: current.bytes, of: current.descriptor).content
            type = current.descriptor.mediaType
        }
        let known = Set(index.manifests.map(\.digest))
        let isWhole = entries.keys.allSatisfy { known.contains($0) }
        for entry in index.manifests { entries[entry.digest] = entry }
        guard !isWhole else { return .none }
        // In an order that does not depend on who came first.
        index.manifests = entries.values.sorted { $0.digest.description < $1.digest.description }
        let document = Document(encoding: index, as: type)
        guard index.manifests.count <= Self.mostEntries, document.bytes.count <= Document<Index>.largest else {
            throw Diagnostic(
                .attachedTooMany,
                "the list `\(name)` would get \(index.manifests.count) entries",
                because: "at most \(Self.mostEntries), in 4 MiB, are read",
                hint: "delete documents about the image that are not needed any more"
            )
        }
        return .put(document.encoded, blob: nil)
    }
}

extension TaggedLayers: SharedTag {
    var name: String { tag.name }

    mutating func change(
        of current: (descriptor: Descriptor, bytes: [UInt8])?
    ) throws(Diagnostic) -> SharedTagChange {
        let change: TaggedLayers.Change = try change(of: current)
        switch change {
        case .none: return .none
        case .put(let config, let manifest): return .put(manifest, blob: config)
        case .kept: return .impossible(.attachedDiffers(tag))
        }
    }
}

extension Diagnostic.Code {
    package static let referrersUnlisted = Self("referrers.unlisted", .verification)
}
