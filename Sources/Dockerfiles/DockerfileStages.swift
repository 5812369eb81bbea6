package import Diagnostics
import OCI

/// The stages of a Dockerfile, with all their instructions.
///
/// The Dockerfile reference. What a builder would refuse is refused, with its line.
package struct DockerfileStages: Sendable {
    /// In the order of the file; never empty.
    package let stages: [DockerfileStage]
    /// Names of arguments before the first `FROM`, and where they stand.
    package let arguments: [String: Int]

    /// Reads the bytes of a Dockerfile.
    ///
    /// - Parameter name: what messages call the file.
    /// - Throws: `dockerfile.malformed`, once for each line that is not understood; `dockerfile.too-large`.
    package init(parsing bytes: [UInt8], named name: String) throws(DiagnosticList) {
        guard bytes.count <= Dockerfile.sizeLimit else {
            throw DiagnosticList(
                Diagnostic(
                    .dockerfileTooLarge,
                    "`\(name)` is too large",
                    at: .file(path: name),
                    because: "a Dockerfile has at most \(ByteCount(Int64(Dockerfile.sizeLimit)))"
                )
            )
        }
        var reader = StageReader(bytes, named: name)
        reader.read()
        if let list = DiagnosticList(reader.problems) { throw list }
        (stages, arguments) = (reader.stages, reader.arguments)
    }

    /// The steps of a stage behind those of the stages that it stands on, and what is below all of them.
    package func chain(of index: Int) -> (base: DockerfileText, line: Int, steps: [DockerfileStep]) {
        var (steps, place) = (stages[index].steps, index)
        while let parent = stages[place].parent {
            steps = stages[parent].steps + steps
            place = parent
        }
        return (stages[place].base, stages[place].line, steps)
    }

    /// The stage that `COPY --from=NAME` means, by its place among those before `limit`; `nil` for an image.
    package func index(of name: String, before limit: Int) -> Int? {
        if let number = Int(name), (0..<limit).contains(number) { return number }
        return stages[..<limit].lastIndex { $0.name?.lowercased() == name.lowercased() }
    }
}

/// Goes on after a problem.
private struct StageReader {
    private static let names = [
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
        "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    ]
    /// More problems are not reported: a file of another kind has one in each line.
    private static let mostProblems = 10
    /// A stage can stand on all that are before it.
    private static let mostStages = 500

    private var reading: DockerfileReading
    private let name: String
    private(set) var stages: [DockerfileStage] = []
    private(set) var arguments: [String: Int] = [:]
    private(set) var problems: [Diagnostic] = []
    /// The variables before the first stage, and at the end of each.
    private var globals: [String: DockerfileReading.Value] = [:]
    private var environments: [[String: DockerfileReading.Value]] = []
    /// Names that `ENV` has set, which `ARG` does not set again.
    private var fixed: Set<String> = []
    private var line = 0
    /// Whether the rest of the file is inside a here-document.
    private var isAtEnd = false

    init(_ bytes: [UInt8], named name: String) {
        reading = DockerfileReading(bytes)
        self.name = name
        if String(validating: bytes, as: UTF8.self) == nil { problem("it is not UTF-8", hint: nil) }
    }

    private mutating func problem(_ reason: String, hint: String? = nil) {
        guard problems.count < Self.mostProblems else { return }
        problems.append(
            Diagnostic(
                .dockerfileMalformed,
                "`\(name)` is not a Dockerfile that can be read",
                at: .file(path: name, line: line == 0 ? nil : line),
                because: reason,
                hint: hint
            )
        )
    }

    mutating func read() {
        guard problems.isEmpty else { return }
        reading.readDirectives()
        while !isAtEnd, problems.count < Self.mostProblems, let (bytes, first) = reading.nextInstruction() {
            line = first.number
            var rest = bytes[...]
            guard let word = reading.nextWord(&rest) else { continue }
            let name = DockerfileReading.text(word).uppercased()
            guard Self.names.contains(name) else {
                let near = Spelling.closest(to: name, among: Self.names)
                problem(
                    "`\(DockerfileReading.text(word).excerpt)` is not an instruction",
                    hint: near.map { "did you mean `\($0)`?" }
                )
                continue
            }
            if name == "FROM" {
                open(rest)
            } else if name == "ARG", stages.isEmpty {
                for word in reading.words(of: rest) {
                    arguments[DockerfileReading.text(word.prefix { $0.byte != UInt8(ascii: "=") })] = line
                    reading.declare(word)
                }
            } else if stages.isEmpty {
                problem("`\(name)` stands before the first `FROM`", hint: "begin with `FROM scratch`, or a base")
            } else if let step = step(name, &rest) {
                stages[stages.count - 1].steps.append(step)
            }
        }
        close()
        if stages.isEmpty, problems.isEmpty {
            line = 0
            problem("it has no `FROM`", hint: "begin with `FROM scratch`, or a base")
        }
    }

    // MARK: Stages

    private mutating func close() {
        guard !stages.isEmpty else {
            globals = reading.variables
            return
        }
        environments.append(reading.variables.filter { fixed.contains($0.key) })
    }

    private mutating func open(_ rest: ArraySlice<PlacedByte>) {
        var rest = rest
        close()
        _ = flags(&rest)
        reading.variables = globals
        reading.isInStage = false
        guard let image = reading.nextWord(&rest) else { return problem("`FROM` names no image") }
        var base = text(image)
        if base.value.isEmpty { base.obstacle = "it is empty once its variables are replaced" }
        var stage: String?
        if let keyword = reading.nextWord(&rest), DockerfileReading.text(keyword).uppercased() == "AS" {
            stage = reading.nextWord(&rest).map { DockerfileReading.text($0) }
        }
        let parent = stages.lastIndex { $0.name?.lowercased() == base.value.lowercased() }
        guard stages.count < Self.mostStages else { return problem("it has more than \(Self.mostStages) stages") }
        reading.variables = parent.map { environments[$0] } ?? [:]
        fixed = Set(reading.variables.keys)
        if reading.variables["PATH"] == nil {
            let usual = ImageConfig.Execution.defaultSearchPath.utf8.map { PlacedByte(byte: $0, place: nil) }
            reading.variables["PATH"] = .known(usual)
            fixed.insert("PATH")
        }
        reading.isInStage = true
        stages.append(DockerfileStage(base: base, parent: parent, name: stage, line: line))
    }

    // MARK: Steps

    private mutating func step(_ name: String, _ rest: inout ArraySlice<PlacedByte>) -> DockerfileStep? {
        let options = ["ADD", "COPY", "RUN", "HEALTHCHECK"].contains(name) ? flags(&rest) : []
        rest = rest.drop { DockerfileReading.isBlank($0.byte) }
        while let last = rest.last, DockerfileReading.isBlank(last.byte) { rest.removeLast() }
        let line = line
        guard !rest.isEmpty else {
            problem("`\(name)` says nothing")
            return nil
        }
        guard let content = content(name, options, rest) else { return nil }
        return DockerfileStep(
            name: name,
            line: line,
            text: DockerfileReading.text(rest),
            content: content
        )
    }

    private mutating func content(
        _ name: String,
        _ options: [(name: String, value: ArraySlice<PlacedByte>)],
        _ rest: ArraySlice<PlacedByte>
    ) -> DockerfileStep.Content? {
        switch name {
        case "ADD", "COPY": return copy(name == "ADD", options, rest)
        case "RUN":
            guard let documents = documents(reading.words(of: rest)) else { return nil }
            return .run(command(rest), documents: documents)
        case "ENV", "LABEL":
            guard let pairs = pairs(rest) else {
                problem("`\(name)` has a name without a value", hint: "write `\(name) NAME=VALUE`")
                return nil
            }
            if name == "LABEL" { return .labels(pairs) }
            for pair in pairs { set(pair) }
            return .environment(pairs)
        case "ARG": return argument(rest)
        case "USER": return .user(text(rest))
        case "WORKDIR": return .directory(text(rest))
        case "EXPOSE": return .ports(reading.words(of: rest).map { text($0[...]) })
        case "VOLUME":
            if let words = array(rest) { return .volumes(words.map { text($0) }) }
            return .volumes(reading.words(of: rest).map { text($0[...]) })
        case "STOPSIGNAL": return .stopSignal(text(rest))
        case "ENTRYPOINT": return .entrypoint(command(rest))
        case "CMD": return .command(command(rest))
        case "SHELL":
            if let words = array(rest), !words.isEmpty { return .shell(words) }
            problem("`SHELL` is not a JSON array", hint: #"write `SHELL ["/bin/sh", "-c"]`"#)
            return nil
        case "HEALTHCHECK": return healthcheck(options, rest)
        case "ONBUILD":
            guard documents(reading.words(of: rest)) != nil else { return nil }
            return .trigger(DockerfileReading.text(rest))
        default: return .maintainer(DockerfileReading.text(rest))
        }
    }

    private mutating func set(_ pair: DockerfilePair) {
        fixed.insert(pair.name)
        let value = pair.value ?? DockerfileText("")
        reading.variables[pair.name] =
            value.obstacle.map { .unknown($0) }
            ?? .known(value.value.utf8.map { PlacedByte(byte: $0, place: nil) })
    }

    private mutating func argument(_ rest: ArraySlice<PlacedByte>) -> DockerfileStep.Content {
        var pairs = [DockerfilePair]()
        for word in reading.words(of: rest) {
            let name = DockerfileReading.text(word.prefix { $0.byte != UInt8(ascii: "=") })
            var value: DockerfileText?
            if let equals = word.firstIndex(where: { $0.byte == UInt8(ascii: "=") }) {
                value = text(word[(equals + 1)...])
            }
            guard !fixed.contains(name) else { continue }
            if value == nil, let global = globals[name] {
                reading.variables[name] = global
                if case .known(let bytes) = global { value = DockerfileText(DockerfileReading.text(bytes)) }
            } else {
                reading.declare(word)
            }
            pairs.append(DockerfilePair(name: name, value: value))
        }
        return .argument(pairs)
    }

    private mutating func copy(
        _ isAdd: Bool,
        _ options: [(name: String, value: ArraySlice<PlacedByte>)],
        _ rest: ArraySlice<PlacedByte>
    ) -> DockerfileStep.Content? {
        let words = reading.words(of: rest)
        guard let documents = documents(words, areFiles: true) else { return nil }
        var texts: [DockerfileText]
        if let array = array(rest) {
            texts = array.map { text($0) }
        } else {
            texts = words.filter { DockerfileReading.document($0.map(\.byte)) == nil }.map { text($0[...]) }
        }
        guard let last = texts.popLast(), !texts.isEmpty || !documents.isEmpty else {
            problem(
                "`\(isAdd ? "ADD" : "COPY")` has no source, or no destination",
                hint: "write `COPY SOURCE DESTINATION`"
            )
            return nil
        }
        var copy = DockerfileCopy(destination: last)
        (copy.sources, copy.documents, copy.isAdd) = (texts, documents, isAdd)
        for (name, value) in options {
            switch name {
            case "from": copy.from = text(value)
            case "chown": copy.owner = text(value)
            case "chmod": copy.mode = text(value)
            case "checksum": copy.checksum = text(value)
            // How layers are put together.
            case "link", "keep-git-dir": continue
            case "exclude", "parents", "unpack": copy.exclusions.append("--\(name)=\(DockerfileReading.text(value))")
            default: problem("`COPY` and `ADD` have no option `--\(name.excerpt)`")
            }
        }
        return .copy(copy)
    }

    private mutating func healthcheck(
        _ options: [(name: String, value: ArraySlice<PlacedByte>)],
        _ rest: ArraySlice<PlacedByte>
    ) -> DockerfileStep.Content? {
        var check = DockerfileHealthcheck()
        for (name, value) in options { check.settings[name] = DockerfileReading.text(value) }
        var rest = rest
        guard let kind = reading.nextWord(&rest) else { return nil }
        rest = rest.drop { DockerfileReading.isBlank($0.byte) }
        switch (DockerfileReading.text(kind).uppercased(), rest.isEmpty) {
        case ("NONE", true): break
        case ("CMD", false): check.command = command(rest)
        default:
            problem("`HEALTHCHECK` is neither `NONE` nor `CMD` with a command")
            return nil
        }
        return .healthcheck(check)
    }

    // MARK: Parts

    /// `--NAME=VALUE` before the rest.
    private mutating func flags(
        _ rest: inout ArraySlice<PlacedByte>
    ) -> [(name: String, value: ArraySlice<PlacedByte>)] {
        var flags: [(name: String, value: ArraySlice<PlacedByte>)] = []
        var ahead = rest
        while let word = reading.nextWord(&ahead), word.starts(with: "--".utf8, by: { $0.byte == $1 }) {
            rest = ahead
            let equals = word.firstIndex { $0.byte == UInt8(ascii: "=") } ?? word.endIndex
            let name = DockerfileReading.text(word[..<equals].dropFirst(2))
            if !name.isEmpty { flags.append((name, word[equals...].dropFirst())) }
        }
        return flags
    }

    /// `NAME=VALUE` several times, or the old form with one name and the rest of the line.
    private func pairs(_ rest: ArraySlice<PlacedByte>) -> [DockerfilePair]? {
        let words = reading.words(of: rest)
        guard let first = words.first else { return nil }
        guard first.contains(where: { $0.byte == UInt8(ascii: "=") }) else {
            var value = rest
            _ = reading.nextWord(&value)
            value = value.drop { DockerfileReading.isBlank($0.byte) }
            guard !value.isEmpty else { return nil }
            return [DockerfilePair(name: text(first[...]).value, value: text(value))]
        }
        var pairs = [DockerfilePair]()
        for word in words {
            guard let equals = word.firstIndex(where: { $0.byte == UInt8(ascii: "=") }), equals > 0 else { return nil }
            pairs.append(DockerfilePair(name: text(word[..<equals]).value, value: text(word[(equals + 1)...])))
        }
        return pairs
    }

    /// Those that begin with these words; `nil` for one without an end, which is a problem.
    private mutating func documents(_ words: [[PlacedByte]], areFiles: Bool = false) -> [DockerfileDocument]? {
        var documents = [DockerfileDocument]()
        for word in words {
            guard let (name, dropsTabs) = DockerfileReading.document(word.map(\.byte)) else { continue }
            guard let lines = reading.takeDocument(name, dropsTabs) else {
                problem("the here-document `\(String(decoding: name, as: UTF8.self).excerpt)` does not end")
                isAtEnd = true
                return nil
            }
            let texts = lines.map { line in
                let bytes = reading.bytes[line.range]
                return String(decoding: dropsTabs ? bytes.drop { $0 == UInt8(ascii: "\t") } : bytes, as: UTF8.self)
            }
            var document = DockerfileDocument(
                name: String(decoding: name, as: UTF8.self),
                lines: texts,
                line: lines.first?.number ?? line
            )
            if areFiles {
                let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
                document.content = content(texts, isLiteral: word.contains { quotes.contains($0.byte) })
            }
            documents.append(document)
        }
        return documents
    }

    /// What a builder writes for the lines of a here-document.
    private func content(_ lines: [String], isLiteral: Bool) -> DockerfileText {
        let written = lines.map { "\($0)\n" }.joined()
        if isLiteral { return DockerfileText(written) }
        let bytes = written.utf8.map { PlacedByte(byte: $0, place: nil) }
        switch reading.expand(document: bytes[...]) {
        case .known(let value): return DockerfileText(DockerfileReading.text(value))
        case .unknown(let reason):
            var text = DockerfileText(written)
            text.obstacle = reason
            return text
        }
    }

    private func command(_ rest: ArraySlice<PlacedByte>) -> DockerfileCommand {
        array(rest).map { .words($0) } ?? .shell(DockerfileReading.text(rest))
    }

    /// The words of a JSON array; `nil` for anything else, which is a line for a shell.
    private func array(_ rest: ArraySlice<PlacedByte>) -> [String]? {
        guard rest.first?.byte == UInt8(ascii: "["),
            case .array(let elements)? = try? JSON(parsing: rest.map(\.byte), named: name)
        else { return nil }
        let words = elements.compactMap(\.stringValue)
        return words.count == elements.count ? words : nil
    }

    private func text(_ value: String) -> DockerfileText {
        text(value.utf8.map { PlacedByte(byte: $0, place: nil) }[...])
    }

    /// With its variables replaced.
    private func text(_ bytes: ArraySlice<PlacedByte>) -> DockerfileText {
        var text: DockerfileText
        switch reading.expand(bytes) {
        case .known(let value): text = DockerfileText(DockerfileReading.text(value))
        case .unknown(let reason):
            text = DockerfileText(DockerfileReading.text(bytes))
            text.obstacle = reason
        }
        let written = DockerfileReading.text(bytes)
        text.usesPath = written.contains("$PATH") || written.contains("${PATH}")
        return text
    }
}

extension Diagnostic.Code {
    static let dockerfileMalformed = Self("dockerfile.malformed", .input)
    static let dockerfileTooLarge = Self("dockerfile.too-large", .input)
}
