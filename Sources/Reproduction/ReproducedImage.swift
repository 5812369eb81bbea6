import Comparison
package import Diagnostics
package import OCI

/// An image, and the same made again.
package struct ReproducedImage: Sendable {
    private let original: MadeImages
    private let rebuilt: MadeImages
    private let task: Reproducer.Task
    private let draft: Reproducer.Draft
    private let version: String
    /// Why they differ; `nil` if they are the same.
    package let cause: Cause?
    /// What is not true in the provenance of an image that is the same.
    private let lie: Cause?
    /// All differences; `nil` if they are the same.
    private let difference: ImageDifference?

    init(
        _ original: MadeImages,
        _ rebuilt: MadeImages,
        _ task: Reproducer.Task,
        _ draft: Reproducer.Draft,
        version: String,
        cause: Cause?,
        lie: Cause? = nil,
        difference: ImageDifference? = nil
    ) {
        self.original = original
        self.rebuilt = rebuilt
        self.task = task
        self.draft = draft
        self.version = version
        self.cause = cause
        self.lie = lie
        self.difference = difference
    }

    package var isSame: Bool { cause == nil }

    /// What the image was made with, as a command line.
    package var command: String {
        (["coracle build"] + draft.paths.map(RecordedOption.quoted) + draft.options.map(\.display))
            .joined(separator: " ")
    }

    /// For a person, in lines.
    package var text: [String] {
        guard let cause else { return same }
        var lines = ["different: \(original.top) is the image, and \(rebuilt.top) was made again"]
        for image in original.images {
            guard let made = rebuilt.image(for: image.platform) else { continue }
            let isSame = made.digest == image.digest
            lines.append(
                "  \(image.platform)  \(isSame ? "the same: \(image.digest)" : "different: \(image.digest), \(made.digest)")"
            )
        }
        lines.append("first cause: \(cause.summary)\(cause.platform.map { " (\($0))" } ?? "")")
        if let reason = cause.reason { lines.append("  because: \(reason)") }
        lines.append("  hint: \(cause.hint)")
        lines.append("made again with: \(command)")
        if let difference { lines += ["all differences:"] + difference.text(atMost: 10).map { "  \($0)" } }
        return lines
    }

    private var same: [String] {
        var lines = ["the same: \(original.top)"]
        if original.index != nil { lines += original.images.map { "  \($0.platform)  the same: \($0.digest)" } }
        return lines + ["made again with: \(command)"]
    }

    /// What is worth a note.
    package var notes: [Diagnostic] {
        var notes = [Diagnostic]()
        guard let record = task.record else {
            if let cause, [.option, .version, .time].contains(cause.kind), task.given.isEmpty {
                notes.append(
                    Diagnostic(
                        .reproduceDerived,
                        "the options were read from the image itself",
                        at: .image(original.name),
                        because: "no provenance hangs on it, and none was given",
                        hint: "give it with `--provenance FILE`; `build --provenance` attaches it to what is pushed"
                    )
                )
            }
            return notes
        }
        if record.options == nil {
            notes.append(
                Diagnostic(
                    .reproduceDerived,
                    "the options were read from the image itself",
                    at: .image(original.name),
                    because: "its provenance was written by a coracle that did not record them"
                )
            )
        }
        if let lie {
            notes.append(
                Diagnostic(
                    .reproduceRecordFalse,
                    lie.summary,
                    at: .image(original.name),
                    because: lie.reason,
                    hint: lie.hint
                )
            )
        }
        if isSame, let recorded = record.coracleVersion, recorded != version {
            notes.append(
                Diagnostic(
                    .reproduceVersion,
                    "another coracle has made the same image",
                    at: .image(original.name),
                    because: "the provenance names \(recorded), and this is \(version)"
                )
            )
        }
        return notes
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["image"] = .string(original.name)
        json["digest"] = .string(original.top.description)
        json["rebuilt"] = .string(rebuilt.top.description)
        json["isSame"] = .bool(isSame)
        json["coracle"] = .string(version)
        json["recordedCoracle"] = task.record?.coracleVersion.map { .string($0) }
        json["hasProvenance"] = .bool(task.record != nil)
        json["command"] = .string(command)
        json["options"] = .array(
            draft.options.map { option in
                var json = JSONObject()
                json["name"] = .string(option.name)
                json["value"] = option.value.map { .string($0) }
                json["source"] = .string(option.source.rawValue)
                return .object(json)
            }
        )
        json["platforms"] = .array(
            original.images.map { image in
                let made = rebuilt.image(for: image.platform)
                var json = JSONObject()
                json["platform"] = .string(image.platform.description)
                json["digest"] = .string(image.digest.description)
                json["rebuilt"] = made.map { .string($0.digest.description) }
                json["isSame"] = .bool(made?.digest == image.digest)
                return .object(json)
            }
        )
        json["cause"] = cause?.json
        json["difference"] = difference.map { .string($0.sentence) }
        return .object(json)
    }
}

extension Diagnostic.Code {
    static let reproduceDerived = Self("reproduce.derived", .input)
    static let reproduceRecordFalse = Self("reproduce.record-false", .verification)
    static let reproduceVersion = Self("reproduce.version", .input)
}
