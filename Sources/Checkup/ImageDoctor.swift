package import Diagnostics
import Findings
import Gate
package import Images
package import OCI

/// Finds what is wrong with an image from a container's error message.
package struct ImageDoctor: Sendable {
    private let access: ImageAccess

    /// - Parameter access: the way to images.
    package init(_ access: ImageAccess) { self.access = access }

    /// - Parameter text: what was seen when a container was started.
    /// - Throws: `doctor.unknown`, with what is known, before anything is read; what keeps the image from being read.
    package func diagnose(
        _ location: ImageLocation,
        for platforms: [Platform],
        says text: String
    ) async throws(Diagnostic) -> DoctorReport {
        guard let symptom = Symptom.find(in: text) else { throw Self.unknown(text) }
        var images = [DoctorReport.Image]()
        for candidate in try await FinishedImage.candidates(at: location, for: platforms, access) {
            let image = try await candidate.open()
            let findings = try ImageGate.findings(in: image.gated)
            images.append(
                DoctorReport.Image(
                    name: image.name,
                    platform: image.gated.platform,
                    diagnosis: try Diagnosis(symptom, text, image.gated, findings)
                )
            )
        }
        return DoctorReport(images: images)
    }

    private static func unknown(_ text: String) -> Diagnostic {
        Diagnostic(
            .doctorUnknown,
            "`\(text)` is not an error message that coracle knows",
            at: .option("--says"),
            because: "known messages: " + Symptom.all.map { "`\($0.message)`" }.joined(separator: "; "),
            hint: "give the line as the container's log has it; `coracle check` looks for everything"
        )
    }
}

/// What a message comes from.
package struct DoctorReport: Sendable {
    struct Image: Sendable {
        let name: String
        let platform: Platform
        let diagnosis: Diagnosis
    }

    let images: [Image]

    /// For a person, in lines.
    package var text: [String] {
        images.flatMap { image in
            let diagnosis = image.diagnosis
            return ["\(image.name) \(image.platform)", "  because: \(diagnosis.symptom.reason)"]
                + diagnosis.reasons.map { "  here: \($0)" } + diagnosis.hints.map { "  hint: \($0)" }
        }
    }

    /// For a program.
    package var json: JSON {
        [
            "images": .array(
                images.map { image in
                    let diagnosis = image.diagnosis
                    return [
                        "name": .string(image.name),
                        "platform": .string(image.platform.description),
                        "symptom": .string(diagnosis.symptom.message),
                        "cause": .string(diagnosis.symptom.reason),
                        "evidence": .array(diagnosis.reasons.map { .string($0) }),
                        "cures": .array(diagnosis.hints.map { .string($0) }),
                    ]
                }
            )
        ]
    }
}

extension Diagnostic.Code {
    static let doctorUnknown = Self("doctor.unknown", .notFound)
}
