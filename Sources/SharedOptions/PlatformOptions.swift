package import ArgumentParser
package import Diagnostics
package import OCI

/// The platforms that a command is about.
package struct PlatformOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only the image for this platform, such as linux/arm64. Repeatable.", valueName: "platform")
    )
    package var platform: [String] = []

    /// Empty for all.
    ///
    /// - Throws: `platform.malformed`.
    package func platforms() throws(Diagnostic) -> [Platform] { try Self.platforms(platform) }

    /// Platforms, each an option's value, or several with commas between them.
    ///
    /// - Throws: `platform.malformed`.
    package static func platforms(_ texts: [String]) throws(Diagnostic) -> [Platform] {
        var platforms = [Platform]()
        for text in texts.flatMap({ $0.split(separator: ",") }) {
            platforms.append(try Platform(parsing: String(text)))
        }
        return platforms
    }

    /// As ArgumentParser asks for.
    package init() {}
}

/// The one platform that a command is about.
package struct PlatformOption: ParsableArguments {
    @Option(help: ArgumentHelp("Only the image for this platform, such as linux/arm64.", valueName: "platform"))
    package var platform: String?

    /// `nil` for all.
    ///
    /// - Throws: `platform.malformed`.
    package func parsed() throws(Diagnostic) -> Platform? {
        try platform.map { text throws(Diagnostic) in try Platform(parsing: text) }
    }

    /// As ArgumentParser asks for.
    package init() {}
}
