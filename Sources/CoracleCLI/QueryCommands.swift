import ArgumentParser
import Diagnostics
import Images
import OCI

struct DigestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "digest",
        abstract: "Print an image's digest.",
        usage: "coracle digest <image> [<options>]",
        discussion: """
            coracle digest debian:13-slim --platform linux/amd64

            Without --platform it is the digest of what the name points to, which may
            be an index of several images.
            """
    )

    @Argument(help: ArgumentHelp("A reference, a layout or an archive.", valueName: "image"))
    var image: String

    @Option(help: ArgumentHelp("The digest of the image for one platform.", valueName: "platform"))
    var platform: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let location = try ImageLocation(source: image)
        let platform = try platform.map { text throws(Diagnostic) in try Platform(parsing: text) }
        let digest = try await registry.withAccess { try await $0.digest(of: location, platform: platform) }
        try Console.output(
            json ? ResultDocument(["digest": .string(digest.description)]) : nil,
            else: [digest.description]
        )
    }
}

struct TagsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tags",
        abstract: "List the tags of a repository.",
        usage: "coracle tags <repository> [<options>]",
        discussion: "coracle tags ghcr.io/me/server"
    )

    @Argument(help: ArgumentHelp("A registry's repository.", valueName: "repository"))
    var repository: String

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup var registry: RegistryOptions

    func run() async throws {
        let reference = try ImageLocation.reference(parsing: repository)
        let tags = try await registry.withAccess { try await $0.tags(in: reference) }
        let document: JSON = [
            "repository": .string(reference.repositoryName.description), "tags": .array(tags.map { .string($0) }),
        ]
        if json || !tags.isEmpty { try Console.output(json ? ResultDocument(document) : nil, else: tags) }
    }
}
