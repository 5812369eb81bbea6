package import Diagnostics
import Doctor
import Findings
import Gate
package import Images
package import OCI
import Stack

/// Finds what is wrong with an image from a container's error message.
package struct ImageDoctor: Sendable {
    private let access: ImageAccess

    /// - Parameter access: the way to images.
    package init(_ access: ImageAccess) { self.access = access }

    /// - Parameter text: what was seen when a container was started: a message, or a log of many lines.
    /// - Throws: `doctor.unknown`, with what is known, before anything is read; what keeps the image from being read.
    package func diagnose(
        _ location: ImageLocation,
        for platforms: [Platform],
        says text: String
    ) async throws(Diagnostic) -> DoctorReport {
        let sightings = Symptom.sightings(in: text)
        guard !sightings.isEmpty else { throw Self.unknown(text) }
        var images = [DoctorReport.Image]()
        for candidate in try await FinishedImage.candidates(at: location, for: platforms, access) {
            let image = try await candidate.open()
            let findings = try ImageGate.findings(in: image.gated, weighing: KnownBases.alternatives(for: nil, access))
            for sighting in sightings {
                images.append(
                    DoctorReport.Image(
                        name: image.name,
                        platform: image.gated.platform,
                        line: sighting.line == text ? nil : sighting.line,
                        diagnosis: try Diagnosis(sighting.symptom, sighting.line, image.gated, findings)
                    )
                )
            }
        }
        return DoctorReport(images: images)
    }

    private static func unknown(_ text: String) -> Diagnostic {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let shown = line.count > 80 ? "\(line.prefix(80))…" : line
        let more = line.utf8.count < text.utf8.count ? " and what follows" : ""
        let known: [Symptom.Kind] = [.execFormat, .sharedObject, .unknownAuthority]
        let examples = Symptom.all.filter { known.contains($0.kind) }.map { "`\($0.message)`" }
        return Diagnostic(
            .doctorUnknown,
            "`\(shown)`\(more) is not an error message that coracle knows",
            at: .option("--says"),
            because: "it knows \(Symptom.all.count) kinds, such as \(examples.joined(separator: ", "))",
            hint:
                "give the line as the container's log has it, or all of the log with `--log FILE`; `coracle check` looks for "
                + "everything"
        )
    }
}

/// What a message comes from.
package struct DoctorReport: Sendable {
    struct Image: Sendable {
        let name: String
        let platform: Platform
        /// The line that is explained, if the text had several.
        let line: String?
        let diagnosis: Diagnosis
    }

    let images: [Image]

    /// For a person, in lines.
    package var text: [String] {
        images.flatMap { image in
            let diagnosis = image.diagnosis
            return ["\(image.name) \(image.platform)"] + (image.line.map { ["  line: \($0)"] } ?? [])
                + ["  because: \(diagnosis.symptom.reason)"]
                + diagnosis.reasons.map { "  here: \($0)" } + diagnosis.hints.map { "  hint: \($0)" }
        }
    }

    /// For a program.
    package var json: JSON {
        [
            "images": .array(
                images.map { image in
                    let diagnosis = image.diagnosis
                    var json = JSONObject()
                    json["name"] = .string(image.name)
                    json["platform"] = .string(image.platform.description)
                    json["line"] = image.line.map(JSON.string)
                    json["symptom"] = .string(diagnosis.symptom.message)
                    json["cause"] = .string(diagnosis.symptom.reason)
                    json["evidence"] = .array(diagnosis.reasons.map(JSON.string))
                    json["cures"] = .array(diagnosis.hints.map(JSON.string))
                    return .object(json)
                }
            )
        ]
    }
}

extension Diagnostic.Code {
    static let doctorUnknown = Self("doctor.unknown", .notFound)
}
