/// A text of a Dockerfile with the values of its variables.
package struct DockerfileText: Hashable, Sendable {
    /// As a builder reads it; as it is written if a variable of it is not known.
    package let value: String
    /// Why it is not known what a builder reads, as a clause; `nil` if it is known.
    package var obstacle: String?
    /// Whether it continues the search path of the stage, which is not known for sure.
    package var usesPath = false

    package init(_ value: String) { self.value = value }
}

/// What a container or a builder starts.
package enum DockerfileCommand: Hashable, Sendable {
    /// A JSON array.
    case words([String])
    /// A line for the stage's shell.
    case shell(String)
}

/// The text of a here-document.
package struct DockerfileDocument: Hashable, Sendable {
    /// The word that ends it.
    package let name: String
    package let lines: [String]
    /// The line of the file where it begins, counted from 1.
    package let line: Int
    /// All of it as a file has it that is copied: with its variables replaced, unless its word stands in quotes.
    package var content = DockerfileText("")
}

/// A `COPY` or an `ADD`.
package struct DockerfileCopy: Hashable, Sendable {
    package var sources: [DockerfileText] = []
    package var destination: DockerfileText
    /// Sources that stand in the Dockerfile itself.
    package var documents: [DockerfileDocument] = []
    /// The stage or the image that the sources are of; `nil` for the build context.
    package var from: DockerfileText?
    package var owner: DockerfileText?
    package var mode: DockerfileText?
    /// Whether it is an `ADD`, which unpacks archives and downloads.
    package var isAdd = false
    /// What a download has to be: `sha256:…`.
    package var checksum: DockerfileText?
    /// Patterns of what is left out, and further flags by name that change which files there are.
    package var exclusions: [String] = []
}

/// A `HEALTHCHECK`.
package struct DockerfileHealthcheck: Hashable, Sendable {
    /// `nil` for `NONE`.
    package var command: DockerfileCommand?
    /// `interval` and others, as they are written.
    package var settings: [String: String] = [:]
}

/// An instruction of a stage.
package struct DockerfileStep: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case copy(DockerfileCopy)
        case run(DockerfileCommand, documents: [DockerfileDocument])
        case environment([DockerfilePair])
        /// With the defaults; without those that `ENV` has set.
        case argument([DockerfilePair])
        case labels([DockerfilePair])
        case user(DockerfileText)
        case directory(DockerfileText)
        case ports([DockerfileText])
        case volumes([DockerfileText])
        case stopSignal(DockerfileText)
        case entrypoint(DockerfileCommand)
        case command(DockerfileCommand)
        case shell([String])
        case healthcheck(DockerfileHealthcheck)
        case trigger(String)
        case maintainer(String)
    }

    /// In capital letters.
    package let name: String
    /// Its first line, counted from 1.
    package let line: Int
    /// Everything behind the name and the flags, on one line.
    package let text: String
    package let content: Content
}

/// A name and a value.
package struct DockerfilePair: Hashable, Sendable {
    package let name: String
    /// `nil` if there is none.
    package let value: DockerfileText?

    package init(name: String, value: DockerfileText?) {
        (self.name, self.value) = (name, value)
    }
}

/// What stands from one `FROM` to the next.
package struct DockerfileStage: Sendable {
    /// The image that it stands on, `scratch`, or the name of an earlier stage.
    package let base: DockerfileText
    /// The earlier stage that it stands on, by its place in the file; `nil` for an image.
    package let parent: Int?
    /// `nil` if it has none.
    package let name: String?
    /// Where its `FROM` stands, counted from 1.
    package let line: Int
    package var steps: [DockerfileStep] = []
}
