package import Findings

extension Rule {
    static let sizeOverBudget = Rule("size.over-budget", .error, "the image is larger than it may be")

    /// Whether the image is as small as it has to be.
    package static let size = [sizeOverBudget]
}
