import ByteIO
import Dockerfiles
import TestSupport
import Testing

@Suite("The images of a Dockerfile")
struct DockerfileTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let text: String
        /// Line, image and, behind an arrow, what keeps it from being known.
        let bases: [String]

        init(_ description: String, _ text: String, _ bases: String...) {
            (testDescription, self.text, self.bases) = (description, text, bases)
        }
    }

    private static let rows = [
        Row("one", "FROM debian:13\n", "1 debian:13"),
        Row("small letters", "from debian:13 as Build\nFROM build\n", "1 debian:13"),
        Row("stages", "FROM a AS x\nFROM x AS y\nFROM b\nFROM Y\n", "1 a", "3 b"),
        Row("a stage that is named later", "FROM x\nFROM a AS x\n", "1 x", "2 a"),
        Row("nothing", "FROM scratch\nCOPY a /\n"),
        Row("a platform", "FROM --platform=linux/arm64 debian\n", "1 debian"),
        Row("a platform with a variable", "FROM --platform=$BUILDPLATFORM debian\n", "1 debian"),
        Row("comments and empty lines", "# x\n\n  # y\nFROM a\n", "4 a"),
        Row("words behind the image", "FROM a # b\n", "1 a"),
        Row("blanks", "\t FROM \t a \t AS \t b \nFROM b\n", "1 a"),
        Row("CRLF", "FROM a\r\nRUN x\r\nFROM b\r\n", "1 a", "3 b"),
        Row("no line end", "FROM a", "1 a"),
        Row("a byte order mark", "\u{FEFF}FROM a\n", "1 a"),
        Row("over several lines", "FROM \\\n  a \\\n  AS b\nFROM b\n", "2 a"),
        Row("over several lines with comments", "RUN a \\\n# FROM x\n\n  b\nFROM c\n", "5 c"),
        Row("FROM within another instruction", "FROM a\nRUN x \\\nFROM b\n", "1 a"),
        Row("another escape", "# escape=`\nFROM a\nRUN x `\n FROM y\nRUN \\\nFROM b\n", "2 a", "6 b"),
        Row("an escape that comes too late", "FROM a\n# escape=`\nRUN x `\nFROM b\n", "1 a", "4 b"),
        Row("an escape behind a comment", "# x\n# escape=`\nRUN `\nFROM b\n", "4 b"),
        Row("a syntax and an escape", "# syntax=docker/dockerfile:1\n#escape=`\nRUN `\nFROM x\nFROM b\n", "5 b"),
        Row("a here-document", "FROM a\nRUN <<EOF\nFROM x\nEOF\nFROM b\n", "1 a", "5 b"),
        Row("two here-documents", "COPY <<A <<\"B\" /x/\nFROM x\nA\nFROM y\nB\nFROM b\n", "6 b"),
        Row("an indented here-document", "RUN <<-EOF\n\tFROM x\n\tEOF\nFROM b\n", "4 b"),
        Row("no here-document in quotes", "RUN echo \"<<EOF\"\nFROM b\nEOF\n", "2 b"),
        Row("a here-string", "RUN cat <<<EOF\nFROM b\nEOF\n", "2 b"),
        Row("a here-document without an end", "RUN <<EOF\nFROM b\n", "2 b"),
        Row("no here-document in FROM's comment", "# <<EOF\nFROM b\n", "2 b"),
        Row("an argument", "ARG V=13\nFROM debian:$V\n", "2 debian:13"),
        Row("an argument in braces", "ARG V=13\nFROM debian:${V}-slim\n", "2 debian:13-slim"),
        Row("an argument of an argument", "ARG A=x\nARG B=$A:1\nFROM $B\n", "3 x:1"),
        Row("several arguments", "ARG A=x B='y z' C\nFROM $A\n", "2 x"),
        Row("an argument in quotes", "ARG A=\"x:1\"\nFROM ${A}\n", "2 x:1"),
        Row("the last one counts", "ARG A=x\nARG A=y\nFROM $A\n", "3 y"),
        Row(
            "no default",
            "ARG A\nFROM $A\nFROM b\n",
            "2 $A → `ARG A` has no default",
            "3 b"
        ),
        Row("no argument", "FROM $A\n", "1 $A → there is no `ARG A` with a default before the first `FROM`"),
        Row(
            "an argument of a stage",
            "FROM a\nARG B=b\nFROM $B\n",
            "1 a",
            "3 $B → there is no `ARG B` with a default before the first `FROM`"
        ),
        Row("a default where it is used", "ARG A\nFROM ${A:-x}\nFROM ${A-y}\nFROM ${B:-z:1}\n", "2 x", "3 y", "4 z:1"),
        Row("a default that is not used", "ARG A=a\nFROM ${A:-x}\n", "2 a"),
        Row("a text if there is a value", "ARG A=1\nFROM x${A:+:slim}\nFROM y${B:+:slim}\n", "2 x:slim", "3 y"),
        Row("defaults in each other", "ARG B=b\nFROM ${A:-${B:-c}}\n", "2 b"),
        Row(
            "an argument that goes round",
            "ARG A=$A\nFROM $A\n",
            "2 $A → there is no `ARG A` with a default before the first `FROM`"
        ),
        Row("a builder's own", "FROM x:$TARGETARCH\n", "1 x:$TARGETARCH → `TARGETARCH` differs for each platform"),
        Row(
            "an operator of a shell",
            "ARG A=x\nFROM ${A%%y}\n",
            "2 ${A%%y} → `${A…}` has an operator that is not read here"
        ),
        Row("an end that is missing", "ARG A=x\nFROM ${A\n", "2 ${A → a `${` does not end"),
        Row("empty", "ARG A=\nFROM $A\nFROM\n", "2  → it is empty once its variables are replaced"),
        Row("quotes", "FROM \"a\"\nFROM 'b'\n", "1 a", "2 b"),
        Row(
            "files of another image",
            "FROM a\nCOPY --from=b:1 /x /y\nCOPY --chown=1 --from=c/d:2 x y\n",
            "1 a",
            "2 b:1",
            "3 c/d:2"
        ),
        Row(
            "files of a stage",
            "FROM a AS x\nFROM b\nCOPY --from=x a b\nCOPY --from=0 a b\nCOPY --from=X a b\n",
            "1 a",
            "2 b"
        ),
        Row(
            "what may be a context of the build",
            "FROM a\nCOPY --from=context a b\nRUN --mount=from=context x\n",
            "1 a"
        ),
        Row("a file that is called like an option", "FROM a\nCOPY x --from=b:1 y\nRUN x --mount=from=b:1\n", "1 a"),
        Row("another option", "FROM a\nCOPY --fromage=b:1 x y\nADD --from=b:1 x y\nRUN --network=from=b:1 x\n", "1 a"),
        Row(
            "files of another image in quotes, over two lines",
            "FROM a\nCOPY \\\n --from=\"b:1\" /x /y\n",
            "1 a",
            "3 b:1"
        ),
        Row(
            "mounts",
            "FROM a\nRUN --mount=type=cache,target=/c --mount=type=bind,from=b:1,target=/b --mount=from=c@d,target=/c make\n",
            "1 a",
            "2 b:1",
            "2 c@d"
        ),
        Row(
            "a mount with a field in quotes",
            "FROM a\nRUN --mount=type=bind,\"from=b:1\",target=/b x\n",
            "1 a",
            "2 b:1"
        ),
        Row(
            "a variable where builders have none",
            "ARG V=1\nFROM a\nCOPY --from=b:$V x y\n",
            "2 a",
            "3 b:$V → builders replace no variables here"
        ),
        Row(
            "a here-document below a mount",
            "FROM a\nRUN --mount=from=b:1 <<E\nCOPY --from=c:1 x y\nE\nFROM d\n",
            "1 a",
            "2 b:1",
            "5 d"
        ),
        Row("no Dockerfile", "\u{0}\u{1}\n\n{}\n"),
    ]

    @Test("each image is known with its line, or why it is not", arguments: rows)
    func bases(row: Row) {
        let bases = Dockerfile(parsing: Array(row.text.utf8)).images.map { base in
            "\(base.line) \(base.text)" + (base.obstacle.map { " → \($0)" } ?? "")
        }
        #expect(bases == row.bases)
    }

    @Test("an image that is not UTF-8 is not looked up")
    func encoding() {
        let base = Dockerfile(parsing: Array("FROM a".utf8) + [0xFF, 0x0A]).images.first
        #expect(base?.obstacle == "it is not UTF-8")
    }

    @Test("values cannot grow without end")
    func growth() {
        var text = "ARG A0=xxxxxxxxxx\n"
        for index in 1...30 { text += "ARG A\(index)=" + String(repeating: "${A\(index - 1)}", count: 10) + "\n" }
        let base = Dockerfile(parsing: Array((text + "FROM $A30\n").utf8)).images.first
        #expect(base?.obstacle == "it is too long once its variables are replaced")
        let nested = "FROM " + String(repeating: "${A:-", count: 50) + "x" + String(repeating: "}", count: 50) + "\n"
        #expect(Dockerfile(parsing: Array(nested.utf8)).images.first?.obstacle == "its variables are nested too deep")
    }
}
