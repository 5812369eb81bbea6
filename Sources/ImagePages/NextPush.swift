package import Diagnostics
package import Images
package import OCI
import Page
import Store

/// What a push of an image would send now, as the registry says; or why that is not known.
package enum NextPush: Sendable {
    case known(PushPreview)
    /// The name, and why, as a clause.
    case unknown(Reference, because: String)

    /// Asks the registry of `name` which blobs of the image at `location` it has. Nothing is written there.
    ///
    /// - Throws: what is wrong with the name. That a registry does not answer, or refuses to, is an outcome.
    package init(
        of location: ImageLocation,
        for platform: Platform,
        to name: Reference,
        _ access: ImageAccess
    ) async throws(Diagnostic) {
        guard access.settings.sources != .cacheOnly else {
            self = .unknown(name, because: "`--offline` asks no registry")
            return
        }
        var copy = ImageCopy(from: location, to: .registry([name]))
        copy.platform = platform
        do throws(Diagnostic) {
            let previews = try await copy.plan(access)
            self = previews.first.map { .known($0) } ?? .unknown(name, because: "it is not a name in a registry")
        } catch {
            guard error.code.category != .usage else { throw error }
            self = .unknown(name, because: error.summary + (error.reason.map { ": \($0)" } ?? ""))
        }
    }

    /// As many blobs have a row.
    private static let most = 200

    /// A sentence, and a row for each blob.
    var markup: [Markup] {
        switch self {
        case .unknown(let name, let reason):
            let text = "It is not known what a push to \(name.familiar) would send: \(reason.withoutMiddle(600))."
            return [.element("p", [:], [Markup(prose: text)])]
        case .known(let preview):
            let steps = preview.steps
            let sent = steps.count(where: \.isSent)
            var table = Table(
                "What a push to \(preview.reference.familiar.withoutMiddle(120)) does with each blob, as its registry said",
                [("Blob", .text), ("Size", .number), ("What", .text)]
            )
            for step in steps.prefix(Self.most) {
                table.add([
                    .content(PageParts.digest(step.blob.digest.description.withoutMiddle(23))),
                    .text("\(ByteCount(step.blob.size))"), .path(step.words),
                ])
            }
            if steps.count > Self.most {
                table.add([.text("\(steps.count - Self.most) more"), .text(""), .text("")], .folded)
            }
            let text =
                "A push to \(preview.reference.familiar.withoutMiddle(120)) sends \(sent) of \(steps.count) blobs, \(ByteCount(preview.sentSize))."
            return [PageParts.paragraph(text), table.markup]
        }
    }
}
