import ByteIO
import Diagnostics
import Plan

/// What a project states about how its source is built, beside what coracle states itself.
///
/// `{version}`, `{commit}` and `{date}` in any of the texts are what git says about the checkout: the last tag (with the
/// distance from it), the commit, and when it was committed, in UTC.
package struct SourceSettings: Hashable, Sendable {
    /// The words for one toolchain.
    package struct Words: Hashable, Sendable {
        /// Arguments of the command that builds, one each.
        package var flags: [String]
        /// Go's linker: `-X main.version={version}`. They come after coracle's own.
        package var ldflags: [String]
        /// Go's build tags, or Cargo's features.
        package var tags: [String]
        /// Variables of the toolchain's environment. What a platform decides is stronger.
        package var environment: [String: String]

        package init(
            flags: [String] = [],
            ldflags: [String] = [],
            tags: [String] = [],
            environment: [String: String] = [:]
        ) {
            self.flags = flags
            self.ldflags = ldflags
            self.tags = tags
            self.environment = environment
        }

        fileprivate var texts: [String] { flags + ldflags + tags + environment.values }
    }

    /// By toolchain; what is absent states nothing.
    package var words: [Ecosystem: Words] = [:]
    /// The program that is built, where source has several; `nil` if none was chosen.
    package var program: String?

    /// States nothing.
    package init() {}
}

extension SourceProject {
    private static let placeholders = ["{version}", "{commit}", "{date}"]

    /// What is stated for this project, with what git says in the place of the placeholders.
    ///
    /// - Throws: `source.no-commit`; `source.no-toolchain` without git.
    func words(in workshop: Workshop) async throws(Diagnostic) -> SourceSettings.Words {
        let words = workshop.settings.words[ecosystem] ?? SourceSettings.Words()
        var values: [String: String] = [:]
        for name in Self.placeholders where words.texts.contains(where: { $0.contains(name) }) {
            values[name] = try await gitValue(name, workshop)
        }
        guard !values.isEmpty else { return words }
        func filled(_ text: String) -> String {
            values.reduce(text) { $0.replacing($1.key, with: $1.value) }
        }
        return SourceSettings.Words(
            flags: words.flags.map(filled),
            ldflags: words.ldflags.map(filled),
            tags: words.tags.map(filled),
            environment: words.environment.mapValues(filled)
        )
    }

    private func gitValue(_ name: String, _ workshop: Workshop) async throws(Diagnostic) -> String {
        let git = try BuildTool("git", for: "`\(name)` is asked for", in: workshop)
        let environment = ToolEnvironment(workshop.environment, with: [], temporary: workshop.temporary.display)
        let arguments =
            switch name {
            case "{version}": ["describe", "--tags", "--always", "--dirty"]
            case "{commit}": ["rev-parse", "HEAD"]
            default: ["log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"]
            }
        let outcome = await git.run(arguments, in: directory, environment, isAnswer: true)
        let value = String(decoding: outcome.output, as: UTF8.self).filter { !$0.isNewline }
        guard outcome.hasSucceeded, !value.isEmpty else {
            throw Diagnostic(
                .sourceNoCommit,
                "`\(name)` is not known",
                because: outcome.lastLines.last ?? outcome.reason,
                hint: "build in a checkout with a commit, or leave `\(name)` out"
            )
        }
        return value
    }
}

extension Diagnostic.Code {
    static let sourceNoCommit = Self("source.no-commit", .input)
}
