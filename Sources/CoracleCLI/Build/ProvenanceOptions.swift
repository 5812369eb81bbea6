import ArgumentParser
import Build
import ByteIO
import Diagnostics
import Images
import KeyCommands
import OCI
import Plan
import SharedOptions
import SignedImages
import Signing
import Terminal

/// Whether it is stated what an image was put together from.
struct ProvenanceOptions: ParsableArguments {
    @Flag(help: "Attest what the image was put together from (SLSA provenance), signed by --sign-key.")
    var provenance = false

    @Option(help: ArgumentHelp("Write the same as a statement that is not signed.", valueName: "file"))
    var provenanceOutput: String?

    /// Whether it is stated at all: then an earlier build is not taken as it is.
    var isWanted: Bool { provenance || provenanceOutput != nil }

    /// - Throws: `usage.conflict`, before anything is built.
    func check(_ options: BuildOptions, isOfMany: Bool) throws(Diagnostic) {
        guard isWanted else { return }
        if isOfMany {
            throw Diagnostic(
                .usageConflict,
                "provenance is stated of one image",
                at: .option(provenance ? "--provenance" : "--provenance-output"),
                because: "a file lists many",
                hint: "build the image by itself"
            )
        }
        guard provenance, options.signing.signKey == nil else { return }
        throw Diagnostic(
            .usageConflict,
            "`--provenance` needs a key that signs it",
            at: .option("--provenance"),
            hint: "add `--sign-key FILE`"
        )
    }

    /// States what `report` was made of: as an attestation of what was pushed, and as a file.
    func state(_ report: BuildReport, _ options: BuildOptions, _ access: ImageAccess) async throws(Diagnostic) {
        guard isWanted else { return }
        let builder = BuildProvenance.Builder(id: Self.builder(ProcessEnvironment.current), version: coracleVersion)
        let stated = try BuildProvenance(of: report, by: builder, access)
        if let path = provenanceOutput {
            let statement = Statement(about: stated.subject, .provenance, stated.predicate)
            try OutputFile.write(statement.bytes + [UInt8(ascii: "\n")], to: FilePath(path))
        }
        guard provenance, let key = options.signing.signKey else { return }
        let signer = try KeySource(text: key).privateKey()
        var attested = Set<RepositoryName>()
        for name in report.plan.names where attested.insert(name.repositoryName).inserted {
            let reference = try Reference(parsing: "\(name.repositoryName)@\(stated.subject)")
            let records = try await ImageSigner(access, reference).attest(
                .provenance,
                stated.predicate,
                by: signer,
                isRecursive: true
            )
            for case .written(let place) in records.map(\.place) { Console.log("attested: provenance at \(place)") }
        }
    }

    /// What the environment says of the machine; it proves nothing: the key stands for it.
    private static func builder(_ environment: [String: String]) -> String {
        if environment["GITHUB_ACTIONS"] == "true" {
            let isHosted = environment["RUNNER_ENVIRONMENT"] == "github-hosted"
            return "https://github.com/actions/runner/\(isHosted ? "github-hosted" : "self-hosted")"
        }
        if environment["GITLAB_CI"] == "true", let project = environment["CI_PROJECT_URL"],
            let runner = environment["CI_RUNNER_ID"]
        {
            return "\(project)/-/runners/\(runner)"
        }
        return "https://coracle.dev/builder/unknown"
    }
}
