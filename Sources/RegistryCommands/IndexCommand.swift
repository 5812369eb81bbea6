package import ArgumentParser
import ByteIO
import Diagnostics
import Images
import KeyCommands
import OCI
import SharedOptions
import SignedImages
import Terminal

/// `coracle index`.
package struct IndexCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Join finished images of several platforms into one index.",
        usage: """
            coracle index <image> ... --tag <ref> --push [<options>]
            coracle index <image> ... --output <path> [<options>]
            """,
        discussion: HelpExamples(
            "coracle index ghcr.io/me/a:amd64 ghcr.io/me/a:arm64 -t ghcr.io/me/a:1 --push",
            "coracle index amd64.oci arm64.oci -t ghcr.io/me/server:1.0 --push",
            "coracle index amd64.oci arm64.tar -o server.oci",
            note: """
                The images stay as they are, byte for byte. Within one registry no layer is
                sent or fetched; from elsewhere comes what is missing. An index brings all
                its images, and what buildx says about them. What all images are annotated
                with, the index is, too. Standard output is one line REF@sha256:… for each
                name.
                """
        ).text
    )

    @Argument(help: ArgumentHelp("References, layouts or archives of images or indexes.", valueName: "image"))
    var images: [String]

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("A name for the index. Repeatable.", valueName: "ref")
    )
    var tag: [String] = []

    @Flag(help: "Push the index, and what of the images is missing, to the registries of its names.")
    var push = false

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Write the index here: a directory, or a file that ends in `.tar`.", valueName: "path")
    )
    var output: String?

    @Option(help: ArgumentHelp("Annotate the index: KEY=VALUE. Repeatable.", valueName: "pair"))
    var annotation: [String] = []

    @Option(
        help: ArgumentHelp(
            "Sign what is pushed with this private key, each platform's image too: a file, or env://NAME.",
            valueName: "key"
        )
    )
    var signKey: String?

    @OptionGroup var parallel: ParallelOptions

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        let join = try parsed()
        // Before anything is pushed.
        let key = try signer()
        let (result, records) = try await registry.withAccess(
            doing: "joining images",
            parallel: try parallel.parallel()
        ) { access in
            let result = try await join.run(access)
            return (result, try await Self.sign(result.report.digest, join.names, by: key, access))
        }
        for case .written(let name) in records.map(\.place) { Console.log("signed at \(name)".escapedForTerminal) }
        try Console.output(
            json ? ResultDocument(Self.document(result)) : nil,
            else: result.report.references,
            after: "the index is made"
        )
    }

    private func signer() throws(Diagnostic) -> Signer? {
        guard let signKey else { return nil }
        guard push else {
            throw Diagnostic(
                .usageConflict,
                "`--sign-key` signs what is pushed",
                at: .option("--sign-key"),
                because: "`--push` is not given",
                hint: "add `--push`"
            )
        }
        return .key(try KeySource(text: signKey).privateKey())
    }

    /// Signs the index and each of its images, in each of their repositories.
    private static func sign(
        _ digest: Digest,
        _ names: [Reference],
        by signer: Signer?,
        _ access: ImageAccess
    ) async throws(Diagnostic) -> [SignedRecord] {
        guard let signer else { return [] }
        var repositories = [RepositoryName]()
        for name in names where !repositories.contains(name.repositoryName) { repositories.append(name.repositoryName) }
        var records = [SignedRecord]()
        for repository in repositories {
            let reference = try Reference(parsing: "\(repository)@\(digest)")
            records += try await ImageSigner(access, reference).sign(by: signer, isRecursive: true)
        }
        return records
    }

    private func parsed() throws(Diagnostic) -> ImageJoin {
        guard push || output != nil else {
            throw Diagnostic(
                .usageMalformed,
                "`index` needs a place for the index",
                hint: "add `--push` and a name, `-t REF`, or write it into a layout with `--output`"
            )
        }
        if push, tag.isEmpty {
            throw Diagnostic(
                .usageMalformed,
                "`--push` needs a name",
                at: .option("--push"),
                hint: "add `-t REF`"
            )
        }
        var (sources, names, annotations) = ([ImageLocation](), [Reference](), [String: String]())
        for text in images { sources.append(try ImageLocation(source: text)) }
        for text in tag { names.append(try ImageLocation.reference(parsing: text)) }
        for text in annotation {
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw Diagnostic(
                    .usageMalformed,
                    "`--annotation \(text)` is not understood",
                    at: .option("--annotation"),
                    because: "it is not KEY=VALUE",
                    hint: "write it like `--annotation org.opencontainers.image.version=1.0`"
                )
            }
            annotations[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        let place = try output.map { text throws(Diagnostic) in
            ImageCopy.Destination(try ImageLocation(path: text))
        }
        return ImageJoin(sources, called: names, to: place, isPushed: push, annotations)
    }

    private static func document(_ result: ImageJoin.Result) -> JSON {
        guard case .object(var json) = result.report.json else { return result.report.json }
        json["images"] = .array(
            result.parts.map { part in
                [
                    "digest": .string(part.digest.description), "platform": .string(part.platform.description),
                    "source": .string(part.source),
                ]
            }
        )
        return .object(json)
    }
}
