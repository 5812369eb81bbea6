import ArgumentParser
package import Diagnostics
import OCI
import Request

/// How a container of the image runs.
struct ConfigurationOptions: ParsableArguments {
    @Option(flag: "entrypoint") var entrypoint: [String] = []
    @Option(flag: "cmd") var cmd: [String] = []
    @Option(flag: "env") var env: [String] = []
    @Option(flag: "label") var label: [String] = []
    @Flag(flag: "no-vcs-labels") var noVCSLabels = false
    @Option(flag: "annotation") var annotation: [String] = []
    @Option(flag: "user") var user: String?
    @Option(flag: "workdir") var workdir: String?
    @Option(flag: "expose") var expose: [String] = []
    @Option(flag: "volume") var volume: [String] = []
    @Option(flag: "stop-signal") var stopSignal: String?
    @Option(flag: "healthcheck") var healthcheck: String?
}

extension BuildOptions {
    /// The options under "Configuration".
    static let configurationFlags: [BuildFlag] = [
        .all(
            "entrypoint",
            \.configuration.entrypoint,
            "The program that the container starts: a path, or a JSON array. Default: the program",
            value: "word",
            parsing: .unconditionalSingleValue
        ) { words, request throws(Diagnostic) in
            request.configuration.entrypoint = try Self.words(words, "--entrypoint")
        },
        .all(
            "cmd",
            \.configuration.cmd,
            "Default arguments: a word (repeatable), or a JSON array.",
            value: "word",
            parsing: .unconditionalSingleValue
        ) { words, request throws(Diagnostic) in
            request.configuration.command = try Self.words(words, "--cmd")
            if words == [""] {
                throw .optionMalformed(
                    .usageMalformed,
                    "--cmd",
                    "''",
                    because: "the program would get one empty argument",
                    example: "'[]'"
                )
            }
            try refuseSentence(words)
        },
        .each(
            "env",
            \.configuration.env,
            "An environment variable: NAME=VALUE. Repeatable.",
            value: "pair",
            spelled: .init(short: "e"),
            key: .pairs
        ) { text, request throws(Diagnostic) in
            let pair = try Pair(parsing: text, of: "--env")
            request.configuration.environment.append(EnvironmentVariable(name: pair.name, value: pair.value))
        },
        .each(
            "label",
            \.configuration.label,
            "A label: KEY=VALUE. Repeatable.",
            value: "pair",
            spelled: .init(short: "l", aliases: ["image-label"], inGroup: "labels"),
            key: .pairs
        ) { text, request throws(Diagnostic) in
            let pair = try Pair(parsing: text, of: "--label")
            request.configuration.labels[pair.name] = pair.value
        },
        .flag(
            "no-vcs-labels",
            \.configuration.noVCSLabels,
            "Leave out the labels revision, source, version and created, which come from the program or the CI system."
        ) { $0.vcs = nil },
        .each(
            "annotation",
            \.configuration.annotation,
            "An annotation of manifest and index: KEY=VALUE. Repeatable.",
            value: "pair",
            spelled: .init(short: "a", aliases: ["image-annotation"], inGroup: "annotations"),
            key: .pairs
        ) { text, request throws(Diagnostic) in
            let pair = try Pair(parsing: text, of: "--annotation")
            request.annotations[pair.name] = pair.value
        },
        .text(
            "user",
            \.configuration.user,
            "The user: UID[:GID], or `root`, `nobody`, `nonroot`. Default: 65532, or the base's",
            value: "user",
            spelled: .init(short: "u", aliases: ["image-user"])
        ) { user, request in request.configuration.user = user },
        .text(
            "workdir",
            \.configuration.workdir,
            "The working directory. Default: / or the application directory",
            value: "path",
            spelled: .init(short: "w")
        ) { path, request in request.configuration.workingDirectory = path },
        .all(
            "expose",
            \.configuration.expose,
            "A port, or a range: PORT[-PORT][/tcp|udp|sctp]. Repeatable.",
            value: "port",
            spelled: .init(inGroup: "ports")
        ) { ports, request in request.configuration.ports = ports },
        .all(
            "volume",
            \.configuration.volume,
            "A path for a volume. Repeatable.",
            value: "path",
            spelled: .init(inGroup: "volumes")
        ) { paths, request in request.configuration.volumes = paths },
        .text(
            "stop-signal",
            \.configuration.stopSignal,
            "The signal that stops the container. Default: SIGTERM, by the runtime",
            value: "signal"
        ) { signal, request in request.configuration.stopSignal = signal },
        .text(
            "healthcheck",
            \.configuration.healthcheck,
            "Whether the container works, for Docker and podman: a JSON array, or as in a Dockerfile. Default: the base's",
            value: "command"
        ) { text, request throws(Diagnostic) in request.configuration.healthcheck = try Healthcheck(parsing: text) },
    ]

    /// One value with a space is nearly always a line of words: `--cmd 'serve --addr :80'`.
    ///
    /// - Throws: `usage.malformed`.
    private static func refuseSentence(_ values: [String]) throws(Diagnostic) {
        guard values.count == 1, !values[0].hasPrefix("["), values[0].contains(" ") else { return }
        let words = values[0].split(separator: " ").map {
            String(decoding: JSON.string(String($0)).encoded(), as: UTF8.self)
        }.joined(separator: ", ")
        throw Diagnostic(
            .usageMalformed,
            "`--cmd \(values[0])` is one word with spaces in it",
            at: .option("--cmd"),
            because: "no shell splits it: the program would get it as one argument",
            hint: "give every word by itself, as in `--cmd '[\(words)]'`, or in an array if one word is meant"
        )
    }

    /// Words as they were given, or those of one JSON array, as in a Dockerfile.
    ///
    /// - Throws: `usage.malformed`.
    package static func words(_ values: [String], _ option: String) throws(Diagnostic) -> [String] {
        if values.count > 1, let array = values.first(where: { $0.hasPrefix("[\"") }) {
            throw .optionMalformed(
                .usageMalformed,
                option,
                array,
                because: "an array has all words, and \(values.count) values were given",
                example: #"'["/app/server", "-v"]'"#
            )
        }
        guard values.count == 1, values[0].hasPrefix("[") else { return values }
        guard
            case .array(let elements)? = try? JSON(parsing: Array(values[0].utf8), named: option),
            case let words = elements.compactMap(\.stringValue), words.count == elements.count
        else {
            throw .optionMalformed(
                .usageMalformed,
                option,
                values[0],
                because: "it begins with `[` and is not a JSON array of strings",
                example: #"'["/app/server", "-v"]'"#
            )
        }
        return words
    }
}

/// `NAME=VALUE`, as an option takes it.
private struct Pair {
    let name: String
    let value: String

    /// - Throws: `usage.malformed`.
    init(parsing text: String, of option: String) throws(Diagnostic) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw .optionMalformed(
                .usageMalformed,
                option,
                text,
                because: option == "--env"
                    ? "it is not NAME=VALUE; nothing is taken from this machine's environment" : "it is not NAME=VALUE",
                example: "NAME=VALUE"
            )
        }
        name = String(text[..<equals])
        value = String(text[text.index(after: equals)...])
    }
}
