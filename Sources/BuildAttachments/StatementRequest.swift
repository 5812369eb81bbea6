import Diagnostics
import KeyCommands
package import OCI
import SBOM
import SharedOptions
import Signing

/// What `build` is asked to say about images, in the words of its options.
package struct StatementRequest: Sendable {
    /// A format, or `none`; `nil` if nothing was said.
    package var sbom: String?
    /// A file for the list of what is in the image.
    package var sbomOutput: String?
    /// Files that are listed, too.
    package var sbomAdd: [String] = []
    /// A file, or `env://NAME`.
    package var signKey: String?
    /// Whether what the image was put together from is attested.
    package var attestsProvenance = false
    /// A file for the same, not signed.
    package var provenanceOutput: String?
    /// The options that decide the image, for the same; `nil` if they are not to be said.
    package var options: JSON?

    /// Nothing was said.
    package init() {}

    /// What becomes of the list of what is in an image.
    struct List {
        let format: SBOMFormat
        /// Whether it is attached to the image.
        let isAttached: Bool
        /// Whether the user asked for that: what is done by itself may fail.
        let isAsked: Bool
    }

    /// What is pushed gets a list by itself; `nil` if there is to be none.
    ///
    /// - Throws: `usage.malformed`, `usage.conflict`.
    func list(_ place: StatementPlace) throws(Diagnostic) -> List? {
        let file = sbomOutput.map { _ in "--sbom-output" }
        let unused = file ?? sbomAdd.first.map { _ in "--sbom-add" }
        switch sbom {
        case "none"?:
            guard let unused else { return nil }
            throw Diagnostic(
                .usageConflict,
                "`--sbom none` leaves nothing for `\(unused)`",
                at: .option(unused),
                hint: "leave out one of the two"
            )
        case let text?:
            let format = try SBOMOptions.format(text, "--sbom")
            let isAttached = place.isPushed || place.isLayout
            guard isAttached || file != nil else {
                throw Diagnostic(
                    .usageConflict,
                    "`--sbom` has nothing that it could attach to",
                    at: .option("--sbom"),
                    because: "documents hang on images in registries and layouts, and this one becomes an archive",
                    hint: "write the document beside it with `--sbom-output FILE`"
                )
            }
            return List(format: format, isAttached: isAttached, isAsked: true)
        case nil:
            let isAttached = place.isPushed && !place.isInDockerFormat
            guard isAttached || file != nil else {
                guard let unused else { return nil }
                throw Diagnostic(
                    .usageConflict,
                    "`\(unused)` means nothing without a list of what is in the image",
                    at: .option(unused),
                    hint: "add `--sbom-output FILE`"
                )
            }
            return List(format: .spdx, isAttached: isAttached, isAsked: false)
        }
    }

    /// The key that signs; `nil` if nothing is signed.
    ///
    /// - Throws: `usage.conflict`, `key.…`.
    func key(_ place: StatementPlace) throws(Diagnostic) -> PrivateKey? {
        guard let signKey else {
            guard attestsProvenance else { return nil }
            throw Diagnostic(
                .usageConflict,
                "`--provenance` needs a key that signs it",
                at: .option("--provenance"),
                hint: "add `--sign-key FILE`"
            )
        }
        guard place.isPushed else {
            throw Diagnostic(
                .usageConflict,
                "`--sign-key` signs what is pushed",
                at: .option("--sign-key"),
                because: "`--push` is not given",
                hint: "add `--push`"
            )
        }
        return try KeySource(text: signKey).privateKey()
    }
}
