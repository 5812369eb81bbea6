import Diagnostics
import Dockerfiles
import Migration
import Testing

@Suite("The instructions of a Dockerfile")
struct DockerfileStagesTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let text: String
        /// Each step of the last stage.
        let steps: [String]

        init(_ description: String, _ text: String, _ steps: String...) {
            (testDescription, self.text, self.steps) = (description, text, steps)
        }
    }

    private static let rows = [
        Row("a copy", "COPY a b /c/", "2 copy a,b → /c/"),
        Row("a copy as an array", #"COPY ["a b", "c d/"]"#, "2 copy a b → c d/"),
        Row(
            "the flags of a copy",
            "COPY --link --from=x --chown=a:b --chmod=0640 c /d",
            "2 copy c → /d from x owner a:b mode 0640"
        ),
        Row("quotes", #"COPY "a b" 'c'/d"#, "2 copy a b → c/d"),
        Row("an escaped blank", #"COPY a\ b c"#, "2 copy a b → c"),
        Row("an add", "ADD https://x/y /z", "2 add https://x/y → /z"),
        Row(
            "here-documents",
            "COPY <<A <<-\"B\" /x/\n1 $X\nA\n\t2\n\tB\nUSER u",
            "2 copy  → /x/ <<A[1 $X] <<B[2]",
            "7 user u"
        ),
        Row("a run", "RUN a && \\\n  b", "2 run a &&   b"),
        Row("a run with comments in it", "RUN a \\\n# c\n\n  && b", "2 run a   && b"),
        Row("a run as an array", #"RUN ["a", "b c"]"#, #"2 run [a|b c]"#),
        Row("what is not quite an array", "RUN ['a']", "2 run ['a']"),
        Row("a run with a here-document", "RUN <<E\na\nb\nE", "2 run <<E <<E[a|b]"),
        Row("a run with mounts", "RUN --mount=type=cache,target=/x --network=none a", "2 run a"),
        Row("variables", "ENV A=1 B='x y' C=\"z\"", "2 env A=1 B=x y C=z"),
        Row("the old form", "ENV A x  y", "2 env A=x  y"),
        Row("of a line the values before it count", "ENV A=1\nENV A=2 B=$A", "2 env A=1", "3 env A=2 B=1"),
        Row("quotes that keep a dollar", "ENV A=1 B='$A' C=\\$A", "2 env A=1 B=$A C=$A"),
        Row("a value over two lines", "ENV A=\"x \\\n  y\"", "2 env A=x   y"),
        Row(
            "the search path",
            "ENV PATH=/x:$PATH",
            "2 env PATH=/x:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        ),
        Row("an unknown variable", "ENV A=$X", "2 env A=?`X` is not set in this stage"),
        Row("an argument", "ARG A=1\nUSER $A", "2 arg A=1", "3 user 1"),
        Row("an argument without a default", "ARG A\nUSER $A", "2 arg A", "3 user ?`ARG A` has no default"),
        Row("a default where it is used", "ARG A\nUSER ${A:-7}", "2 arg A", "3 user 7"),
        Row(
            "the environment is stronger than arguments",
            "ENV A=1\nARG A=2\nUSER $A",
            "2 env A=1",
            "3 arg ",
            "4 user 1"
        ),
        Row(
            "a builder's own",
            "ARG TARGETARCH\nUSER $TARGETARCH",
            "2 arg TARGETARCH",
            "3 user ?`TARGETARCH` differs for each platform"
        ),
        Row("labels", #"LABEL a=b "c.d"="e f""#, "2 label a=b c.d=e f"),
        Row("ports", "EXPOSE 80 443/udp", "2 expose 80 443/udp"),
        Row("volumes", "VOLUME /a /b\nVOLUME [\"/c d\"]", "2 volume /a /b", "3 volume /c d"),
        Row("where and as whom", "WORKDIR /a\nUSER b:c\nSTOPSIGNAL 9", "2 workdir /a", "3 user b:c", "4 stop 9"),
        Row("what starts", "ENTRYPOINT [\"/a\"]\nCMD b $C", "2 entrypoint [/a]", "3 cmd b $C"),
        Row("an empty array", "CMD []", "2 cmd []"),
        Row("a shell", #"SHELL ["a", "-c"]"#, "2 shell a -c"),
        Row("a trigger", "ONBUILD COPY . /x", "2 onbuild COPY . /x"),
        Row("a maintainer", "MAINTAINER a b", "2 maintainer a b"),
        Row(
            "a health check",
            "HEALTHCHECK --retries=2 --interval=1s CMD [\"a\"]",
            "2 health interval=1s retries=2 [a]"
        ),
        Row("a health check for a shell", "HEALTHCHECK CMD a || b", "2 health a || b"),
        Row("no health check", "HEALTHCHECK NONE", "2 health none"),
        Row("small letters and blanks", "  user\t b  ", "2 user b"),
    ]

    @Test(
        "a here-document that is copied has its variables replaced, unless its word stands in quotes",
        arguments: [
            ("E", "a $A ${A} ${B:-x}", "a 1 1 x\n"), ("\"E\"", "a $A \\$A", "a $A \\$A\n"), ("'E'", "$A", "$A\n"),
            ("E", "\"q\" 'q' $(date) 5$ $", "\"q\" 'q' $(date) 5$ $\n"), ("E", "\\$A \\\\ \\n", "$A \\ n\n"),
            ("E", "$1 $@ $? $$", "   \n"), ("E", "$UNSET", "?`UNSET` is not set in this stage"),
            ("-E", "\t\ta\n\tb", "a\nb\n"), ("E", "", "\n"),
        ]
    )
    func documents(word: String, text: String, content: String) throws {
        let file = "FROM scratch\nENV A=1\nCOPY <<\(word) /x\n\(text)\nE\n"
        let stages = try DockerfileStages(parsing: Array(file.utf8), named: "Dockerfile")
        guard case .copy(let copy)? = stages.stages[0].steps.last?.content else {
            Issue.record("it is not a copy")
            return
        }
        #expect(copy.documents.map { Self.text($0.content) } == [content])
    }

    private static func text(_ text: DockerfileText) -> String { text.obstacle.map { "?\($0)" } ?? text.value }

    private static func text(_ command: DockerfileCommand) -> String {
        switch command {
        case .words(let words): "[\(words.joined(separator: "|"))]"
        case .shell(let line): line
        }
    }

    private static func text(_ documents: [DockerfileDocument]) -> String {
        documents.map { " <<\($0.name)[\($0.lines.joined(separator: "|"))]" }.joined()
    }

    private static func text(_ pairs: [DockerfilePair]) -> String {
        pairs.map { pair in pair.name + (pair.value.map { "=\(text($0))" } ?? "") }.joined(separator: " ")
    }

    private static func text(_ step: DockerfileStep) -> String {
        switch step.content {
        case .copy(let copy):
            (copy.isAdd ? "add " : "copy ") + copy.sources.map { text($0) }.joined(separator: ",") + " → "
                + text(copy.destination) + (copy.from.map { " from \(text($0))" } ?? "")
                + (copy.owner.map { " owner \(text($0))" } ?? "") + (copy.mode.map { " mode \(text($0))" } ?? "")
                + text(copy.documents)
        case .run(let command, let documents): "run \(text(command))\(text(documents))"
        case .environment(let pairs): "env \(text(pairs))"
        case .argument(let pairs): "arg \(text(pairs))"
        case .labels(let pairs): "label \(text(pairs))"
        case .user(let value): "user \(text(value))"
        case .directory(let value): "workdir \(text(value))"
        case .ports(let values): "expose " + values.map { text($0) }.joined(separator: " ")
        case .volumes(let values): "volume " + values.map { text($0) }.joined(separator: " ")
        case .stopSignal(let value): "stop \(text(value))"
        case .entrypoint(let command): "entrypoint \(text(command))"
        case .command(let command): "cmd \(text(command))"
        case .shell(let words): "shell " + words.joined(separator: " ")
        case .healthcheck(let check):
            "health " + check.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value) " }.joined()
                + (check.command.map { text($0) } ?? "none")
        case .trigger(let value): "onbuild \(value)"
        case .maintainer(let value): "maintainer \(value)"
        }
    }

    @Test("each instruction is read as a builder reads it", arguments: rows)
    func steps(row: Row) throws {
        let stages = try DockerfileStages(parsing: Array("FROM a\n\(row.text)\n".utf8), named: "Dockerfile")
        let steps = try #require(stages.stages.last).steps.map { "\($0.line) \(Self.text($0))" }
        #expect(steps == row.steps)
    }

    @Test("a stage has the environment of the stage that it stands on, and not its arguments")
    func inheritance() throws {
        let text = "ARG G=g\nFROM a AS x\nENV E=1\nARG A=2\nFROM X\nARG G\nUSER $E$G\nUSER $A\nFROM b\nUSER $E\n"
        let stages = try DockerfileStages(parsing: Array(text.utf8), named: "Dockerfile")
        #expect(stages.stages.map(\.parent) == [nil, 0, nil])
        #expect(
            stages.chain(of: 1).steps.map { Self.text($0) } == [
                "env E=1", "arg A=2", "arg G=g", "user 1g", "user ?`A` is not set in this stage",
            ]
        )
        #expect(stages.stages[2].steps.map { Self.text($0) } == ["user ?`E` is not set in this stage"])
        #expect(stages.index(of: "x", before: 2) == 0 && stages.index(of: "1", before: 2) == 1)
        #expect(stages.index(of: "2", before: 2) == nil && stages.index(of: "busybox", before: 2) == nil)
    }

    @Test(
        "what a builder refuses is refused with its line",
        arguments: [
            ("FROM a\nCOPPY a b\n", 2, "`COPPY` is not an instruction"),
            ("RUN a\nFROM a\n", 1, "`RUN` stands before the first `FROM`"),
            ("FROM\n", 1, "`FROM` names no image"),
            ("# only this\n", nil, "it has no `FROM`"),
            ("", nil, "it has no `FROM`"),
            ("FROM a\nCOPY a\n", 2, "`COPY` has no source, or no destination"),
            ("FROM a\nENV A\n", 2, "`ENV` has a name without a value"),
            ("FROM a\nRUN\n", 2, "`RUN` says nothing"),
            ("FROM a\nSHELL sh -c\n", 2, "`SHELL` is not a JSON array"),
            ("FROM a\nHEALTHCHECK a\n", 2, "`HEALTHCHECK` is neither `NONE` nor `CMD` with a command"),
            ("FROM a\nRUN <<E\na\n", 2, "the here-document `E` does not end"),
            ("FROM a\nCOPY --form=x a b\n", 2, "`COPY` and `ADD` have no option `--form`"),
            ("FROM a\nUSER \u{FF}\n", nil, "it is not UTF-8"),
        ] as [(String, Int?, String)]
    )
    func refused(text: String, line: Int?, reason: String) {
        // One byte that no UTF-8 has stands for a letter.
        let bytes = text.contains("\u{FF}") ? Array(text.utf8).filter { $0 != 0xC3 } : Array(text.utf8)
        do throws(DiagnosticList) {
            _ = try DockerfileStages(parsing: bytes, named: "Dockerfile")
            Issue.record("it was read")
        } catch {
            #expect(error.items.count == 1)
            #expect(error.items[0].code.rawValue == "dockerfile.malformed")
            #expect(error.items[0].subject == .file(path: "Dockerfile", line: line))
            #expect(error.items[0].reason == reason)
        }
    }

    @Test("a file of another kind is refused with ten problems at most")
    func other() {
        let text = String(repeating: "int main(void) { return 0; }\n", count: 1000)
        do throws(DiagnosticList) {
            _ = try DockerfileStages(parsing: Array(text.utf8), named: "main.c")
            Issue.record("it was read")
        } catch {
            #expect(error.items.count == 10)
        }
    }

    @Test("10,000 lines are read, and what would take a square of their number is not slow")
    func long() throws {
        let texts = [
            "FROM a\n" + String(repeating: "RUN echo one && echo two\n", count: 10_000),
            "FROM a\n" + (0..<10_000).map { "ENV A\($0)=\($0)\n" }.joined(),
            "FROM a\n" + (0..<10_000).map { "RUN <<E\($0)\nx\nE\($0)\n" }.joined(),
            "FROM a\nRUN " + String(repeating: "--mount=type=bind,target=/x ", count: 10_000) + "x\n",
            "FROM a\n" + (0..<5_000).map { "COPY f\($0) /f\($0)\nRUN chmod 0600 /f\($0)\n" }.joined(),
            "FROM a\nRUN x" + String(repeating: " \\\n && y", count: 10_000) + "\n",
            (0..<400).map { "FROM \($0 == 0 ? "a" : "s\($0 - 1)") AS s\($0)\nUSER u\n" }.joined(),
        ]
        for text in texts {
            let clock = ContinuousClock()
            let start = clock.now
            let stages = try DockerfileStages(parsing: Array(text.utf8), named: "Dockerfile")
            #expect(!stages.chain(of: stages.stages.count - 1).steps.isEmpty)
            _ =
                DockerfileTranslation.draft(of: stages, named: "Dockerfile", project: "x", ProjectFiles { _ in nil })
                .text
            #expect(clock.now - start < .seconds(20), "\(text.prefix(40))")
        }
    }

    @Test("a file with thousands of stages is refused")
    func stages() {
        let text = String(repeating: "FROM a\n", count: 501)
        #expect(throws: DiagnosticList.self) { try DockerfileStages(parsing: Array(text.utf8), named: "Dockerfile") }
    }

    @Test("a file that is too large is refused before it is read")
    func large() {
        #expect(throws: DiagnosticList.self) {
            try DockerfileStages(parsing: Array(repeating: 0x20, count: (4 << 20) + 1), named: "Dockerfile")
        }
    }
}
