package import ArgumentParser
import Diagnostics
import Images
import OCI
import SharedOptions
import Terminal

package struct DigestCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "digest",
        abstract: "Print an image's digest.",
        usage: "coracle digest <image> [<options>]",
        discussion: HelpExamples(
            "coracle digest debian:13-slim",
            "coracle digest debian:13-slim --platform linux/amd64",
            "coracle digest oci:server.oci --json",
            note: """
                Without --platform it is the digest of what the name points to, which may
                be an index of several images.
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
        let digest = try await registry.withAccess(doing: "asking the registry") {
            try await $0.digest(of: location, platform: platform)
        }
        let document = ResultDocument(["digest": .string(digest.description)])
        try Console.output(json ? document : nil, else: [digest.description])
    }
}

package struct TagsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tags",
        abstract: "List the tags of a repository.",
        usage: "coracle tags <repository> [<options>]",
        discussion: HelpExamples(
            "coracle tags debian",
            "coracle tags ghcr.io/me/server --json",
            "coracle tags localhost:5000/server --insecure-registry localhost:5000"
        ).text
    )

    @Argument(help: ArgumentHelp("A registry's repository.", valueName: "repository"))
    var repository: String

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    package func run() async throws {
        let reference = try ImageLocation.reference(parsing: repository)
        let tags = try await registry.withAccess(doing: "asking the registry") { try await $0.tags(in: reference) }
        let document = ResultDocument([
            "repository": .string(reference.repositoryName.description), "tags": .array(tags.map { .string($0) }),
        ])
        if json || !tags.isEmpty { try Console.output(json ? document : nil, else: tags) }
    }
}
