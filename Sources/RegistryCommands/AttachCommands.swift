package import ArgumentParser
import ByteIO
import Diagnostics
import Images
import OCI
import Request
import SharedOptions
import Terminal

package struct ReferrersCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "referrers",
        abstract: "List what hangs on an image: signatures, attestations, SBOMs.",
        usage: "coracle referrers <image> [<options>]",
        discussion: HelpExamples(
            "coracle referrers ghcr.io/me/server:1.0",
            "coracle referrers ghcr.io/me/server:1.0 --platform linux/arm64",
            "coracle referrers oci:server.oci --json",
            note: """
                The index and the images of all platforms are looked at: their referrers,
                cosign's tags .sig, .att and .sbom, and what hangs on all these. Types are
                those of the documents, whatever a registry's list says.
                """
        ).text
    )

    @Argument(help: ArgumentHelp("A reference, a layout or an archive.", valueName: "image"))
    var image: String

    @OptionGroup var platform: PlatformOption

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        let location = try ImageLocation(source: image)
        let platform = try platform.parsed()
        let tree = try await registry.withAccess(doing: "asking the registry") {
            try await $0.attached(to: location, platform: platform)
        }
        try Console.output(json ? ResultDocument(tree.json) : nil, else: tree.text)
    }
}

package struct AttachCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "attach",
        abstract: "Hang a document on an image, without changing the image.",
        usage: "coracle attach <image> <file> [<options>]",
        discussion: HelpExamples(
            "coracle attach ghcr.io/me/server:1.0 server.spdx.json",
            "coracle attach ghcr.io/me/server:1.0 report.txt --type text/plain",
            "coracle attach ghcr.io/me/server:1.0 --bundle server.sigstore.json",
            note: """
                The document becomes an OCI referrer of what the name points to, which may
                be an index; --platform chooses one of its images. The type of an SPDX or
                CycloneDX file is found out. A bundle's signature is not checked.
                """
        ).text
    )

    @Argument(help: ArgumentHelp("A reference or a layout.", valueName: "image"))
    var image: String

    @Argument(help: ArgumentHelp("The document.", valueName: "file"))
    var file: String?

    @Option(help: ArgumentHelp("A Sigstore bundle that was made elsewhere.", valueName: "file"))
    var bundle: String?

    @Option(help: ArgumentHelp("The document's media type, such as application/spdx+json.", valueName: "media-type"))
    var type: String?

    @Option(help: ArgumentHelp("The artifact's type, if it is not the media type.", valueName: "media-type"))
    var artifactType: String?

    @Option(help: ArgumentHelp("An annotation of the document's manifest. Repeatable.", valueName: "key=value"))
    var annotation: [String] = []

    @OptionGroup var platform: PlatformOption

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        let location = try ImageLocation(source: image)
        let platform = try platform.parsed()
        let document = try document()
        let (subject, attached) = try await registry.withAccess(doing: "attaching") { access in
            let subject = try await access.manifest(of: location, platform: platform)
            let attachment = try document(subject)
            return (subject, try await access.attach([PlacedAttachment(attachment, on: subject)], at: location))
        }
        guard let made = attached.first?.descriptor else { return }
        var result = JSONObject()
        result["subject"] = .string(subject.digest.description)
        result["digest"] = .string(made.digest.description)
        result["artifactType"] = made.artifactType.map { .string($0.rawValue) }
        var name = made.digest.description
        if case .registry(let reference) = location { name = "\(reference.repositoryName)@\(name)" }
        result["reference"] = .string(name)
        try Console.output(
            json ? ResultDocument(.object(result)) : nil,
            else: [name],
            after: "the document is attached"
        )
    }

    /// What is attached to a manifest. The file is read and checked before a registry is asked.
    private func document() throws -> @Sendable (Descriptor) throws -> Attachment {
        let annotations = try annotations()
        if let bundle {
            guard file == nil, type == nil, artifactType == nil, annotations.isEmpty else {
                throw Diagnostic(
                    .usageConflict,
                    "`--bundle` says all of a document",
                    at: .option("--bundle"),
                    hint: "leave out the other file, its types and annotations"
                )
            }
            let bytes = try Self.read(bundle)
            let content = try BundleFile(parsing: bytes, named: bundle)
            return { try content.attachment(bytes, on: $0, in: bundle) }
        }
        guard let file else {
            throw Diagnostic(
                .usageMalformed,
                "`attach` needs a document",
                hint: "name a file, or a bundle as with `--bundle FILE`"
            )
        }
        let bytes = try Self.read(file)
        let mediaType = try type.map { try Self.mediaType($0, "--type") } ?? Attachment.knownType(of: bytes)
        guard let mediaType else {
            throw Diagnostic(
                .usageMalformed,
                "`attach` needs the type of `\(file)`",
                at: .file(path: file),
                because: "it is neither an SPDX nor a CycloneDX document in JSON",
                hint: "give its media type, such as `--type text/plain`"
            )
        }
        let artifactType = try artifactType.map { try Self.mediaType($0, "--artifact-type") }
        return { _ in Attachment(bytes, as: mediaType, artifactType: artifactType, annotations: annotations) }
    }

    private static func read(_ file: String) throws(Diagnostic) -> [UInt8] {
        do throws(SystemError) {
            return try OpenFile.content(of: FilePath(file), limit: Attachment.largest)
        } catch {
            let reason = error.description(readingAtMost: Attachment.largest)
            throw Diagnostic(.attachUnreadable, "cannot read the document", at: .file(path: file), because: reason)
        }
    }

    private static func mediaType(_ text: String, _ option: String) throws(Diagnostic) -> MediaType {
        let type = MediaType(rawValue: text)
        guard type.isWellFormed, type.essence == type else {
            let reason = "it is not a type and a subtype with a slash between them"
            throw .optionMalformed(.usageMalformed, option, text, because: reason, example: "text/plain")
        }
        return type
    }

    private func annotations() throws(Diagnostic) -> [String: String] {
        var annotations = [String: String]()
        for text in annotation {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty, annotations.updateValue(parts[1], forKey: parts[0]) == nil else {
                let reason = parts.count == 2 && !parts[0].isEmpty ? "the key is there twice" : "it is not KEY=VALUE"
                throw .optionMalformed(.usageMalformed, "--annotation", text, because: reason, example: "by=me")
            }
        }
        return annotations
    }
}

extension Diagnostic.Code {
    fileprivate static let attachUnreadable = Self("attach.unreadable", .input)
}
