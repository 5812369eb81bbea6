import ArgumentParser

/// The whole program: every other command stands below it.
struct CoracleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coracle",
        abstract: "Builds minimal container images, without Docker.",
        discussion: """
            coracle build ./server                               into ./server.oci
            coracle build ./server -t ghcr.io/me/server --push   into a registry
            coracle build ./server --base cc                     on Debian's C++ library
            coracle build ./app --base debian:13-slim -o app.tar on a base
            coracle advise ./server                              which base it can stand on
            coracle plan ./server                                what build would write
            coracle check ghcr.io/me/server:1.0                  whether it can run
            coracle files server.oci                             what is in an image
            coracle push server.oci ghcr.io/me/server:1.0        into a registry
            coracle copy debian:13-slim oci:debian:13            from place to place

            Exit codes: 0 done, 1 a bug, 2 usage, 3 input, 4 verification,
            5 authentication, 6 network or registry, 7 not found, 8 this machine,
            9 a policy refused.
            """,
        version: "coracle \(coracleVersion)",
        subcommands: [
            BuildCommand.self, PlanCommand.self, AdviseCommand.self, CheckCommand.self, LintCommand.self,
            DoctorCommand.self, InspectCommand.self, FilesCommand.self,
            ValidateCommand.self,
            PushCommand.self, PullCommand.self, CopyCommand.self, DigestCommand.self, TagsCommand.self,
            LoginCommand.self, LogoutCommand.self, BaseCommand.self, CacheCommand.self,
        ]
    )
}
