package import Findings

extension Rule {
    static let lintBaseFloating = Rule("lint.base-floating", .warning, "the base's tag moves")
    static let lintBaseUnpinned = Rule("lint.base-unpinned", .warning, "the base is recorded without a digest")
    static let lintBaseOld = Rule("lint.base-old", .error, "the base is older than it may be")
    package static let lintBaseEndOfLife = Rule(
        "lint.base-end-of-life",
        .error,
        "the base gets no security updates any more"
    )
    static let lintBaseEndsSoon = Rule("lint.base-ends-soon", .warning, "the support of the base ends soon")
    static let lintBaseLongTerm = Rule("lint.base-long-term", .note, "the base has only long-term support")
    static let lintWaste = Rule("lint.waste", .error, "more of the image is wasted than may be")
    static let lintLatestOnly = Rule("lint.latest-only", .warning, "the image's only tag is `latest`")
    static let lintShell = Rule("lint.shell", .warning, "the image has a shell")
    static let lintPackageManager = Rule("lint.package-manager", .warning, "the image has a package manager")
    static let lintLabelMissing = Rule("lint.label-missing", .warning, "the image does not say what it is")
    package static let lintArbitraryUser = Rule("lint.arbitrary-user", .warning, "not every user can run the image")

    /// Conventions that a team may want its images to follow: `coracle lint` checks them, and no build is refused for them.
    package static let lint = [
        lintBaseFloating, lintBaseUnpinned, lintBaseOld, lintBaseEndOfLife, lintBaseEndsSoon,
        lintBaseLongTerm, lintLatestOnly, lintShell, lintPackageManager, lintLabelMissing, lintArbitraryUser,
        lintWaste,
    ]
}
