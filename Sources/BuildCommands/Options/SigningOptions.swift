import ArgumentParser
import BuildAttachments
import Diagnostics
import Images
import KeyCommands
import OCI
import Reproduction
import Request
import SignedImages
import Terminal

/// Who signs what is built, and who has to have signed what it stands on.
struct SigningOptions: ParsableArguments {
    @Option(flag: "sign-key") var signKey: String?
    @Option(flag: "base-key") var baseKey: String?
    @Flag(flag: "provenance") var provenance = false
    @Option(flag: "provenance-output") var provenanceOutput: String?
}

extension BuildOptions {
    /// The options under "Signatures".
    static let signingFlags: [BuildFlag] = [
        .text(
            "sign-key",
            \.signing.signKey,
            "Sign what is pushed with this private key, each platform's image too: a file, or env://NAME.",
            value: "key",
            key: .key
        ),
        .text(
            "base-key",
            \.signing.baseKey,
            "Use the base only if it is signed with this key: a file, or env://NAME.",
            value: "key",
            key: .key
        ) { text, request in request.baseKey = text },
        .flag(
            "provenance",
            \.signing.provenance,
            "Attest what the image was put together from (SLSA provenance), signed by --sign-key."
        ),
        .text(
            "provenance-output",
            \.signing.provenanceOutput,
            "Write the same as a statement that is not signed.",
            value: "file",
            key: .path
        ),
    ]

    /// What is said about the images of `request`, as these options ask for; `nil` if nothing is.
    ///
    /// - Throws: `usage.conflict`, `key.…`, `sbom.added-malformed`, before anything is built.
    func statements(_ request: BuildRequest, _ access: ImageAccess) throws(Diagnostic) -> AttachedStatements? {
        var asked = StatementRequest()
        asked.sbom = output.sbom
        asked.sbomOutput = output.sbomOutput
        asked.sbomAdd = output.sbomAdd
        asked.signKey = signing.signKey
        asked.attestsProvenance = signing.provenance
        asked.provenanceOutput = signing.provenanceOutput
        if asked.attestsProvenance || asked.provenanceOutput != nil {
            asked.options = .array(recorded(request).map(\.json))
        }
        let place = StatementPlace(request)
        return try AttachedStatements(asked, place, in: ProcessEnvironment.current, access) { Console.note([$0]) }
    }
}

extension BuildRequest {
    /// Verifies the base's signature if one is asked for. From then on its name stands for the image that was verified.
    ///
    /// - Throws: `signature.…`, `key.…`, `usage.conflict`.
    func verifyBase(_ access: ImageAccess) async throws(Diagnostic) {
        guard let baseKey else { return }
        switch base {
        case nil, .catalogue?:
            throw Diagnostic(
                .usageConflict,
                "`--base-key` is about a base that others have made",
                at: .option("--base-key"),
                because: base == nil
                    ? "no base is named" : "a base of the catalogue is made here, of packages that its lock names",
                hint: "name one with `--base IMAGE`, or leave out `--base-key`"
            )
        case let base?:
            let verification = Verification([NamedKey(try KeySource(text: baseKey).publicKey(), named: baseKey)])
            guard let verified = try await verification.run(base, access).first else { return }
            access.pin(base, to: verified.image)
        }
    }
}
