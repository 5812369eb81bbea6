/// Which source a program was made from, as a CI system says it in its variables.
package struct SourceState: Hashable, Encodable, Sendable {
    /// The commit, such as git's 40 hexadecimal digits.
    package var revision: String?
    /// The address of the repository.
    package var source: String?
    /// The tag that is built; `nil` for a commit without one.
    package var version: String?

    /// Nothing is known.
    package init() {}

    /// What the variables of GitHub, GitLab, Bitbucket, CircleCI, Buildkite or Azure say.
    ///
    /// - Parameter variable: the value of a variable; `nil` if it is not set.
    package init(_ variable: (String) -> String?) {
        revision = [
            "GITHUB_SHA", "CI_COMMIT_SHA", "BITBUCKET_COMMIT", "CIRCLE_SHA1", "BUILDKITE_COMMIT", "BUILD_SOURCEVERSION",
        ]
        .lazy.compactMap(variable).first { Self.isRevision($0) }
        if let server = variable("GITHUB_SERVER_URL"), let repository = variable("GITHUB_REPOSITORY") {
            source = "\(server)/\(repository)"
        } else {
            source =
                [
                    "CI_PROJECT_URL", "BITBUCKET_GIT_HTTP_ORIGIN", "CIRCLE_REPOSITORY_URL", "BUILDKITE_REPO",
                    "BUILD_REPOSITORY_URI",
                ]
                .lazy.compactMap(variable).first
        }
        // An address may have a password in it.
        if let address = source, !address.hasPrefix("https://") || address.contains("@") { source = nil }
        let isTag = variable("GITHUB_REF_TYPE") == "tag"
        version =
            (isTag ? variable("GITHUB_REF_NAME") : nil) ?? variable("CI_COMMIT_TAG") ?? variable("BITBUCKET_TAG")
            ?? variable("CIRCLE_TAG") ?? variable("BUILDKITE_TAG")
        if revision == nil { (source, version) = (nil, nil) }
    }

    private static func isRevision(_ text: String) -> Bool {
        (7...64).contains(text.utf8.count) && text.allSatisfy { $0.isHexDigit }
    }
}
