package import BaseLocking
import Bases
import Diagnostics
package import Lifetimes
package import OCI

/// What is known of one image, or of one name in a file, and of the base behind it.
package struct UpkeepRow: Sendable {
    package enum Verdict: String, Hashable, Sendable {
        case upToDate = "up to date"
        case outdated
        case unknown
    }

    /// The image, or the file.
    package let subject: String
    /// The line of the file and what names the image there; `nil` for an image.
    package var line: Int?
    package var place: String?
    package var platform: Platform?
    /// The base as it is written, or as the image says; `nil` if it is not known or there is none.
    package var base: String?
    /// How the base of an image was found, in words; `nil` in a file.
    package var evidence: String?
    /// `nil` if the base has no name in a registry.
    package var name: NameState?
    /// What the new base would change; `nil` if there is none, or it was not looked at.
    package var change: BaseChange?
    /// When the image was made; for a base in a file, when the base was. `nil` if it does not say.
    package var created: Timestamp?
    package var endOfLife: EndOfLife?
    /// The packages that have newer versions, sorted by name; `nil` if that is not known or not asked.
    package var updates: [PackageUpdates.Update]?
    /// What is not known, and why, as sentences without a full stop.
    package var unknowns: [String] = []
    /// What is worth knowing besides, in the same form.
    package var remarks: [String] = []

    package init(_ subject: String) { self.subject = subject }

    /// Whether a name moved to an image with other files. What is only stamped again brings nothing.
    package var needsNewBase: Bool { name?.hasMoved == true && change?.changesFiles != false }

    package func verdict(at now: Timestamp) -> Verdict {
        if needsNewBase || updates?.isEmpty == false || endOfLife?.phase(at: now) == .ended { return .outdated }
        return unknowns.isEmpty ? .upToDate : .unknown
    }

    /// Whole days since it was made; `nil` if that is not known. Reproducible builds say 1970, or what zip archives begin with.
    func age(at now: Timestamp) -> Int64? {
        guard let created, created.secondsSince1970 > 400_000_000 else { return nil }
        return max(0, (now.secondsSince1970 - created.secondsSince1970) / 86400)
    }
}

/// What was found out about images and files.
package struct UpkeepReport: Sendable {
    package let rows: [UpkeepRow]
    let now: Timestamp

    package init(_ rows: [UpkeepRow], at now: Timestamp) { (self.rows, self.now) = (rows, now) }

    /// Whether everything is known to be up to date.
    package var isUpToDate: Bool { rows.allSatisfy { $0.verdict(at: now) == .upToDate } }
}
