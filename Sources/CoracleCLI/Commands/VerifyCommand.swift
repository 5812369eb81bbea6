import ArgumentParser
import ByteIO
import Diagnostics
import Images
import KeyCommands
import OCI
import Request
import SharedOptions
import SignaturePolicy
import SignedImages
import Signing
import Terminal

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify who signed an image, or what is stated about it.",
        usage: """
            coracle verify <image> --key <key> [<options>]
            coracle verify <image> --policy <file> [<options>]
            """,
        discussion: HelpExamples(
            "coracle verify ghcr.io/me/server:1.0 --key cosign.pub",
            "coracle verify oci:server.oci --key cosign.pub --recursive",
            "coracle verify ghcr.io/me/server:1.0 --key cosign.pub --type slsa",
            "coracle verify ghcr.io/me/server:1.0 --policy policy.yaml",
            note: """
                Without --type there has to be a signature: that the key has attested
                something about the image is not one. Both forms are read, bundles and tags.
                Standard output has a line for each signature that the key has made.

                A policy says which images need which keys and which attestations, in YAML
                or as podman's policy.json. An image that it refuses ends with status 9.
                """
        ).text
    )

    @Argument(help: ArgumentHelp("A reference, a layout or an archive.", valueName: "image"))
    var image: String

    @Option(help: ArgumentHelp("The public key: a file, or env://NAME.", valueName: "key"))
    var key: String?

    @Option(
        help: ArgumentHelp("What a file says of this image has to hold: YAML, or podman's JSON.", valueName: "file")
    )
    var policy: String?

    @Option(
        help: ArgumentHelp(
            "Verify an attestation of this type instead: spdx, cyclonedx, slsa, openvex, or a URI.",
            valueName: "type"
        )
    )
    var type: String?

    @Flag(help: "Each platform's image has to be signed itself, too.")
    var recursive = false

    @Option(help: ArgumentHelp("Write what was attested to this file.", valueName: "file"))
    var predicateOut: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let location = try ImageLocation(source: image)
        if let policy { return try await verify(location, by: policy) }
        guard let key else {
            throw Diagnostic(
                .usageMalformed,
                "`verify` needs a key or a policy",
                at: .option("--key"),
                hint: "give one with `--key FILE` or `--policy FILE`"
            )
        }
        var verification = Verification(
            [NamedKey(try KeySource(text: key).publicKey(), named: key)],
            isRecursive: recursive
        )
        if let type { verification.type = try PredicateType(option: type) }
        if predicateOut != nil, type == nil {
            throw Diagnostic(
                .usageConflict,
                "a signature states nothing that could be written",
                at: .option("--predicate-out"),
                hint: "say what to verify with `--type spdx`"
            )
        }
        let wanted = verification
        let verified = try await registry.withAccess(doing: "verifying") { try await wanted.run(location, $0) }
        if let predicateOut, let first = verified.first {
            try OutputFile.write(first.predicate.encoded(pretty: true), to: FilePath(predicateOut))
        }
        let name = location.nameWithoutDigest
        try Console.output(
            json ? ResultDocument(["verified": .array(verified.map(\.json))]) : nil,
            else: verified.map { $0.text(for: name) }
        )
    }

    private func verify(_ location: ImageLocation, by file: String) async throws {
        let others = [
            ("--key", key != nil), ("--type", type != nil), ("--recursive", recursive),
            ("--predicate-out", predicateOut != nil),
        ]
        if let (other, _) = others.first(where: \.1) {
            throw Diagnostic(
                .usageConflict,
                "`--policy` and `\(other)` contradict each other",
                at: .option(other),
                because: "the policy says what is verified",
                hint: "leave out one of the two"
            )
        }
        let directory = FilePath(file).directory
        let policy = try SignaturePolicy(
            parsing: try InputFile.read(file, limit: SignaturePolicy.largest),
            named: file
        ) { name throws(Diagnostic) in
            // As in an images file: a path is relative to the file that has it.
            let isPath = !name.contains("://") && !name.hasPrefix("/")
            return try KeySource(text: isPath && directory != "." ? directory.appending(name).display : name)
                .publicKey()
        }
        let answer = try await registry.withAccess(doing: "verifying") { try await policy.verify(location, $0) }
        let name = location.nameWithoutDigest
        let document: JSON = [
            "verified": .array(answer.verified.map(\.json)), "image": .string(answer.image.description),
            "entry": .string(answer.entry),
        ]
        let accepted = "\(name)@\(answer.image)  accepted without a signature  by \(file), `\(answer.entry)`"
        try Console.output(
            json ? ResultDocument(document) : nil,
            else: answer.verified.isEmpty ? [accepted] : answer.verified.map { $0.text(for: name) }
        )
    }
}

extension ImageLocation {
    /// As it can be written before `@` and a digest.
    fileprivate var nameWithoutDigest: String {
        if case .registry(let reference) = self { reference.repositoryName.description } else { description }
    }
}
