package import ArgumentParser
package import ByteIO

/// Who may sign the indexes of packages.
package struct KeyringOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Trust the keys in this file instead of Debian's, or of a definition's if it ends in `.pub`. Repeatable.",
            valueName: "file"
        )
    )
    package var keyring: [String] = []

    /// None for those of the system.
    package var files: [FilePath] { keyring.map { FilePath($0) } }

    /// As ArgumentParser asks for.
    package init() {}
}
