import ByteIO
import Diagnostics
import OCI

/// What Tekton reads of a step: a file for each result, without a line feed at its end. Tekton Chains signs what
/// `IMAGE_DIGEST` and `IMAGE_URL` name, or each of `IMAGES`.
struct TektonResults {
    /// All results of a task have 4 KiB together, with what Tekton adds.
    private static let largest = 3500

    private let outcome: Handover.Outcome

    init(_ outcome: Handover.Outcome) { self.outcome = outcome }

    var results: [(name: String, value: String)] {
        guard outcome.images.count == 1, let image = outcome.images.first else {
            return outcome.images.isEmpty
                ? [] : [("IMAGES", outcome.images.map { $0.references[0] }.joined(separator: ","))]
        }
        return [("IMAGE_DIGEST", image.top.digest.description), ("IMAGE_URL", image.names.first ?? "")]
    }

    func write(into directory: FilePath) throws(Diagnostic) {
        for (name, value) in results {
            guard value.utf8.count <= Self.largest else {
                throw Diagnostic(
                    .handoverTooLarge,
                    "the result \(name) would be \(value.utf8.count) bytes",
                    at: .file(path: directory.appending(name).display),
                    because: "Tekton keeps 4 KiB of the results of a task",
                    hint: "build fewer images in one task, or read the file of `--reference-file` in a workspace"
                )
            }
            try [Array(value.utf8)].write(to: directory.appending(name))
        }
    }
}

extension Diagnostic.Code {
    static let handoverTooLarge = Self("handover.too-large", .localIO)
}
