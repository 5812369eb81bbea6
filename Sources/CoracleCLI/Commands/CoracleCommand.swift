import ArgumentParser
import BuildCommands
import DayTwoCommands
import EngineCommands
import KeyCommands
import KubernetesCommands
import Migration
import RegistryCommands
import SharedOptions

/// The whole program: every other command stands below it.
struct CoracleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coracle",
        abstract: "Builds minimal container images, without Docker.",
        usage: "coracle <command> [<arguments>] [<options>]",
        discussion: HelpExamples(
            "coracle build ./server                               into ./server.oci",
            "coracle build ./server -t ghcr.io/me/server --push   into a registry",
            "coracle build ./server --base cc                     on Debian's C++ library",
            "coracle advise ./server                              which base fits",
            "coracle check ghcr.io/me/server:1.0                  whether it can run",
            note: """
                Exit codes: 0 done, 1 a bug, 2 usage, 3 input, 4 verification,
                5 authentication, 6 network or registry, 7 not found, 8 this machine,
                9 a policy refused. `diff` exits with 1 if images differ.
                """
        ).text,
        version: "coracle \(coracleVersion)",
        groupedSubcommands: [
            CommandGroup(
                name: "Build",
                subcommands: [
                    BuildCommand.self, PlanCommand.self, ConfigCommand.self, AdviseCommand.self, InitCommand.self,
                ]
            ),
            CommandGroup(
                name: "Check",
                subcommands: [
                    CheckCommand.self, LintCommand.self, DoctorCommand.self, ValidateCommand.self,
                    ReproduceCommand.self,
                ]
            ),
            CommandGroup(
                name: "Look",
                subcommands: [
                    InspectCommand.self, FilesCommand.self, DiffCommand.self, SBOMCommand.self, DigestCommand.self,
                    TagsCommand.self, ReferrersCommand.self,
                ]
            ),
            CommandGroup(
                name: "Move",
                subcommands: [
                    PushCommand.self, PullCommand.self, CopyCommand.self, LoadCommand.self, IndexCommand.self,
                    AttachCommand.self,
                    LoginCommand.self, LogoutCommand.self,
                ]
            ),
            CommandGroup(
                name: "Sign",
                subcommands: [SignCommand.self, AttestCommand.self, VerifyCommand.self, KeyCommand.self]
            ),
            CommandGroup(
                name: "Day two",
                subcommands: [OutdatedCommand.self, UpdateCommand.self, RebaseCommand.self]
            ),
            CommandGroup(
                name: "Deploy",
                subcommands: [ResolveCommand.self, ApplyCommand.self, CreateCommand.self]
            ),
            CommandGroup(name: "Keep", subcommands: [BaseCommand.self, CacheCommand.self]),
        ]
    )
}
