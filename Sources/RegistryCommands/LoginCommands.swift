package import ArgumentParser
import Diagnostics
import Glibc
import Images
import OCI
import SharedOptions
import Terminal

package struct LoginCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Store a registry's password where docker and podman also find it.",
        usage: "coracle login <registry> --username <user> [<options>]",
        discussion: HelpExamples(
            "coracle login ghcr.io -u me",
            "coracle login ghcr.io -u me --password-stdin < token",
            "coracle login localhost:5000 -u me --insecure-registry localhost:5000",
            note: """
                The registry checks the password before it is stored: with the credential
                helper that docker's configuration names, else in ~/.docker/config.json, or
                where REGISTRY_AUTH_FILE says.
                """
        ).text
    )

    @Argument(help: "The registry's host, with its port: ghcr.io, registry.example:5000, docker.io.")
    var registry: String

    @Option(name: [.short, .long], help: ArgumentHelp("Your name there.", valueName: "user"))
    var username: String

    @Flag(help: "Read the password, or a token, from standard input instead of asking for it.")
    var passwordStdin = false

    /// Taken only to be refused.
    @Option(name: [.short, .long], help: .hidden)
    var password: String?

    @OptionGroup(title: "Registries") var options: RegistryOptions

    package init() {}

    package func run() async throws {
        guard password == nil else {
            throw Diagnostic(
                .usageMalformed,
                "a password is not taken from the command line",
                at: .option("--password"),
                because: "every user of this machine can read the arguments of a program",
                hint: "leave it out to be asked, or give it with `--password-stdin`"
            )
        }
        let registry = try RegistryOptions.registry(registry, "login")
        let password = try passwordStdin ? Password.fromStandardInput() : Password.asked(for: username, at: registry)
        let username = username
        let place = try await options.withAccess(doing: "asking the registry") {
            try await $0.login(registry: registry, username: username, password: password)
        }
        Console.log("logged in to \(registry) as \(username.escapedForTerminal): \(place.escapedForTerminal)")
    }
}

package struct LogoutCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "Forget a registry's password.",
        discussion: HelpExamples(
            "coracle logout ghcr.io",
            "coracle logout registry.example:5000",
            "coracle logout docker.io"
        ).text
    )

    @Argument(help: "The registry's host, with its port.")
    var registry: String

    package init() {}

    package func run() async throws {
        let registry = try RegistryOptions.registry(registry, "logout")
        let access = ImageAccess(RegistrySettings(environment: ProcessEnvironment.current))
        let place = try await access.logout(registry: registry)
        Console.log("logged out of \(registry): \(place.escapedForTerminal)")
    }
}
