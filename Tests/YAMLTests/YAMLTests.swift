import Diagnostics
import Testing
import YAML

@Suite("YAML documents")
struct YAMLTests {
    private func read(_ text: String) -> Result<YAMLValue, Diagnostic> {
        do throws(Diagnostic) {
            return .success(try YAMLDocument(parsing: Array(text.utf8), named: "x.yaml").root)
        } catch {
            return .failure(error)
        }
    }

    private func problem(_ text: String) -> Diagnostic? {
        if case .failure(let problem) = read(text) { problem } else { nil }
    }

    @Test("values come with the line and column they stand at, and scalars are text whatever they look like")
    func tree() throws {
        func at(_ line: Int, _ column: Int) -> YAMLValue.Mark { YAMLValue.Mark(line: line, column: column) }
        func text(_ value: String, _ line: Int, _ column: Int) -> YAMLValue {
            YAMLValue(.scalar(value), at: at(line, column))
        }
        let value = try read("a: 1.10\nb:\n  - yes\n  - 'null'\n  - ~\nc: {d: \"x\\ty\"}\n").get()
        let list = YAMLValue(
            .sequence([text("yes", 3, 5), text("null", 4, 5), YAMLValue(.null, at: at(5, 5))]),
            at: at(3, 3)
        )
        let inner = YAMLValue(.mapping([.init(key: "d", mark: at(6, 5), value: text("x\ty", 6, 8))]), at: at(6, 4))
        let expected = YAMLValue(
            .mapping([
                .init(key: "a", mark: at(1, 1), value: text("1.10", 1, 4)),
                .init(key: "b", mark: at(2, 1), value: list),
                .init(key: "c", mark: at(6, 1), value: inner),
            ]),
            at: at(1, 1)
        )
        #expect(value == expected)
    }

    @Test(
        "what readers do not agree on is refused where it stands",
        arguments: [
            ("a: &x 1\n", "x.yaml:1", "column 4: anchors are not read"),
            ("a: [*x]\n", "x.yaml:1", "column 5: aliases are not read"),
            ("a: !!str 1\n", "x.yaml:1", "column 4: tags are not read"),
            ("a: 1\n---\nb: 2\n", "x.yaml:2", "column 1: a second document begins here"),
            ("%YAML 1.1\n---\na: 1\n", "x.yaml:1", "column 1: directives are not read"),
            ("a: 1\n<<: {b: 2}\n", "x.yaml:2", "column 1: merge keys are not read"),
            ("? [a]\n: 1\n", "x.yaml:1", "column 3: a key is not text"),
            ("a: 1\nb: 2\na: 3\n", "x.yaml:3", "column 1: `a` stands twice, first on line 1"),
            (String(repeating: "[", count: 33), "x.yaml:1", "column 33: more than 32 values are in each other"),
            ("", "x.yaml:1", "column 1: the file is empty"),
            ("# nothing\n", "x.yaml:2", "column 1: the file is empty"),
        ]
    )
    func refused(text: String, place: String, reason: String) {
        let problem = problem(text)
        #expect(problem?.subject?.description == place)
        #expect(problem?.reason == reason)
    }

    @Test(
        "a text that is not YAML is reported with its line",
        arguments: [
            ("a: [1, 2\n", 2), ("a: 'x\n", 2), ("a: b: c\n", 1), ("\ta: 1\n", 1), ("a: 1\n  b: 2\n", 2),
        ]
    )
    func malformed(text: String, line: Int) {
        let problem = problem(text)
        #expect(problem?.code == .yamlMalformed)
        #expect(problem?.subject?.description == "x.yaml:\(line)")
    }

    @Test(
        "bytes that are not UTF-8, and UTF-16, are refused",
        arguments: [[0x61, 0xFF, 0xFE], [0xFF, 0xFE, 0x61, 0x00]]
    )
    func encoding(bytes: [UInt8]) {
        #expect(throws: Diagnostic.self) { try YAMLDocument(parsing: bytes, named: "x.yaml") }
    }

    @Test("a file over the limit is refused before it is read, one of many values is read")
    func size() throws {
        let limit = YAMLDocument.sizeLimit
        #expect(problem(String(repeating: "#", count: limit + 1))?.code == .yamlTooLarge)
        let list = try read(String(repeating: "- a\n", count: limit / 4)).get()
        guard case .sequence(let elements) = list.content else { throw Problem("it is not a list") }
        #expect(elements.count == limit / 4)
    }

    @Test("32 values in each other are read")
    func depth() throws {
        _ = try read(String(repeating: "[", count: 32) + String(repeating: "]", count: 32)).get()
    }

    @Test("a truncated or changed file is read or refused, and never anything else")
    func mutations() throws {
        let text = Array("a: {b: [x, 'y', \"z\\n\"]}\nc: |\n  text\n  more\nd:\n- e: 1\n  f: >-\n    g\n".utf8)
        var outcomes = 0
        for index in text.indices {
            for byte in [UInt8(0), 0x09, 0x22, 0x26, 0x2A, 0x3A, 0x5B, 0x7B, 0xC3, 0xFF] {
                var changed = text
                changed[index] = byte
                _ = try? YAMLDocument(parsing: changed, named: "x.yaml")
                outcomes += 1
            }
            _ = try? YAMLDocument(parsing: Array(text[..<index]), named: "x.yaml")
        }
        #expect(outcomes == text.count * 10)
    }

    struct Problem: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }
}

@Suite("YAML values on their way into typed ones")
struct YAMLReaderTests {
    private let document = "name: x\nlist: [a, {b: c}]\nfiles:\n  /etc/motd: hello\n"

    private func problem(_ body: (YAMLReader) throws(Diagnostic) -> Void) throws -> Diagnostic {
        let reader = YAMLReader(try YAMLDocument(parsing: Array(document.utf8), named: "x.yaml"))
        do throws(Diagnostic) {
            try body(reader)
        } catch {
            return error
        }
        throw YAMLTests.Problem("nothing was thrown")
    }

    @Test("a value of the wrong kind is reported with its place")
    func kinds() throws {
        var found = try problem { (reader) throws(Diagnostic) in _ = try reader.member("list").strings() }
        #expect(found.reason == "column 11: `list[1]`: expected text, found a mapping")
        #expect(found.subject?.description == "x.yaml:2")
        found = try problem { (reader) throws(Diagnostic) in _ = try reader.member("name").members() }
        #expect(found.reason == "column 7: `name`: expected a mapping, found text")
        found = try problem { (reader) throws(Diagnostic) in _ = try reader.member("nam") }
        #expect(found.reason == "column 1: `nam` is missing")
    }

    @Test("an unknown key is reported with the one that was meant")
    func unknown() throws {
        let found = try problem { (reader) throws(Diagnostic) in
            try reader.refuseOthers(than: ["name", "lists", "files"])
        }
        #expect(found.reason == "column 1: `list` is not known")
        #expect(found.hint == "did you mean `lists`?")
        #expect(found.subject?.description == "x.yaml:2")
    }
}
