import Diagnostics
package import Images
package import OCI
import Pins

/// What an update came to, as the text of a pull request.
package struct UpdateReport: Sendable {
    package struct Place: Hashable, Sendable {
        package let file: String
        package let line: Int
        package let place: String
    }

    /// A name that stands for another image now.
    package struct Move: Sendable {
        /// The reference without its digest.
        package let name: String
        package let old: Digest
        package let new: Digest
        package var places: [Place]
        /// `nil` if it is not known or was not asked.
        package var change: BaseChange?
        /// What `coracle check` counts in the new image.
        package var check: String?
        package var remarks: [String] = []

        init(name: String, old: Digest, new: Digest, places: [Place]) {
            (self.name, self.old, self.new, self.places) = (name, old, new, places)
        }
    }

    /// An image whose digest stays, though it may be outdated.
    package struct Skipped: Hashable, Sendable {
        package let file: String
        package let line: Int
        package let text: String
        package let reason: String

        init(_ file: String, _ pin: Pin, because reason: String) {
            (self.file, line, text, self.reason) = (file, pin.line, pin.text, reason)
        }
    }

    package let isDryRun: Bool
    package internal(set) var moves: [Move] = []
    package internal(set) var skipped: [Skipped] = []
    /// Number of pins whose names stand for the same image still.
    package internal(set) var current = 0
    /// Number of images without a digest.
    package internal(set) var unpinned = 0
    /// The files that were written.
    package var written: [String] = []
    /// What became of the locks of bases; `nil` if there are none, or they were not asked for.
    package var locks: LockReport?

    init(isDryRun: Bool) { self.isDryRun = isDryRun }

    /// Whether a digest or a lock has moved, or would.
    package var hasChanges: Bool { !moves.isEmpty || locks?.hasChanges == true }

    /// For a pull request, in lines of Markdown.
    package var text: [String] {
        guard hasChanges else { return ["Everything pinned is the newest there is."] + skippedText }
        var parts = [String]()
        if !moves.isEmpty { parts.append(moves.count == 1 ? "1 image" : "\(moves.count) images") }
        if locks?.hasChanges == true { parts.append("packages of bases") }
        var lines = ["Update " + parts.joined(separator: " and "), ""]
        for move in moves { lines += text(of: move) }
        if let locks, locks.hasChanges {
            if !moves.isEmpty { lines.append("") }
            lines += ["Packages of bases:", ""] + locks.text.map { "    \($0)" }
        }
        return lines + skippedText
    }

    private func text(of move: Move) -> [String] {
        let places = move.places.map { "`\($0.file):\($0.line)`" }.joined(separator: ", ")
        var lines = ["- **\(move.name.escapedForMarkdown)** in \(places)"]
        lines.append("  - digest: `\(move.old)` → `\(move.new)`")
        if let change = move.change {
            lines.append("  - changes (\(change.platform)): \(change.words), \(change.sizes)")
            for package in change.packages { lines.append("    - \(package.words.escapedForMarkdown)") }
        }
        if let check = move.check { lines.append("  - `coracle check` of the new image: \(check)") }
        for remark in move.remarks { lines.append("  - \(remark.escapedForMarkdown)") }
        return lines
    }

    private var skippedText: [String] {
        guard !skipped.isEmpty else { return [] }
        return ["", "Not updated:", ""]
            + skipped.map { "- \($0.text.escapedForMarkdown) in `\($0.file):\($0.line)`: \($0.reason)" }
    }

    /// For a program.
    package var json: JSON {
        let fixed: JSON = [
            "dryRun": .bool(isDryRun),
            "changes": .array(
                moves.map { move in
                    var json = JSONObject()
                    json["image"] = .string(move.name)
                    json["oldDigest"] = .string(move.old.description)
                    json["newDigest"] = .string(move.new.description)
                    json["places"] = .array(
                        move.places.map { place in
                            [
                                "file": .string(place.file), "line": .int(Int64(place.line)),
                                "place": .string(place.place),
                            ]
                        }
                    )
                    json["change"] = move.change.map { .object($0.json) }
                    json["check"] = move.check.map { .string($0) }
                    json["notes"] = .array(move.remarks.map { .string($0) })
                    return .object(json)
                }
            ),
            "skipped": .array(
                skipped.map { skipped in
                    [
                        "file": .string(skipped.file), "line": .int(Int64(skipped.line)),
                        "image": .string(skipped.text), "because": .string(skipped.reason),
                    ]
                }
            ),
            "current": .int(Int64(current)),
            "unpinned": .int(Int64(unpinned)),
            "written": .array(written.map { .string($0) }),
        ]
        var json = fixed.objectValue ?? JSONObject()
        json["locks"] = locks?.json["suites"]
        return .object(json)
    }
}
