/// A vulnerability of a source package in one release of Debian.
package struct Advisory: Hashable, Sendable {
    /// What is known of a version that mends it.
    package enum Remedy: Hashable, Sendable {
        /// This version of the release mends it; `nil` if its number is not recorded.
        case released(String?)
        /// Nothing in the release mends it; in a later one this version does, or none.
        case unreleased(String?)
        /// Debian has not decided whether the release has it.
        case undetermined
    }

    /// Such as `CVE-2025-0001`.
    package let id: String
    package let remedy: Remedy
    /// From this version on it is mended; `nil` if every version has it.
    package let end: String?
    /// Whether it does no harm, by Debian's judgement.
    package let isUnimportant: Bool
    /// The one binary package that has it; `nil` for all of the source package.
    package let package: String?
    /// Versions that do not have it although they are earlier than the one that mends it.
    package let unaffected: [String]

    package init(
        _ id: String,
        _ remedy: Remedy,
        before end: String?,
        isUnimportant: Bool = false,
        package: String? = nil,
        unaffected: [String] = []
    ) {
        self.id = id
        self.remedy = remedy
        self.end = end
        self.isUnimportant = isUnimportant
        self.package = package
        self.unaffected = unaffected
    }
}
