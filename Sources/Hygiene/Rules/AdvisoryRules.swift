package import Findings

extension Rule {
    package static let advisoryFixed = Rule(
        "advisory.fixed",
        .error,
        "a package has a vulnerability that an update mends"
    )
    package static let advisoryOpen = Rule(
        "advisory.open",
        .note,
        "a package has a vulnerability that nothing mends yet"
    )
    package static let advisoryUnknown = Rule("advisory.unknown", .note, "what is vulnerable is not known")

    /// What `--advisories` looks for: nothing is known without a file of them.
    package static let advisories = [advisoryFixed, advisoryOpen, advisoryUnknown]
}
