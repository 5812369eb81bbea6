import Diagnostics
import Testing
import YAML

@Suite("Texts of a YAML file with their places")
struct YAMLScalarTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let text: String
        /// For each value its path, its text, and the bytes that stand in the file for it.
        let values: [String]

        init(_ description: String, _ text: String, _ values: String...) {
            (testDescription, self.text, self.values) = (description, text, values)
        }
    }

    private static func shown(_ text: String) throws -> [String] {
        let bytes = Array(text.utf8)
        return try YAMLScalar.all(in: bytes, named: "x.yaml").map { scalar in
            ([scalar.path] + scalar.aliases).map { path in
                path.map { step in
                    switch step {
                    case .key(let key): ".\(key)"
                    case .element(let index): "[\(index)]"
                    case .other: ".?"
                    }
                }.joined()
            }.joined(separator: " ") + " = \(scalar.text) <\(String(decoding: bytes[scalar.bytes], as: UTF8.self))>"
        }
    }

    @Test(
        "every value has its path, and the bytes that stand for it",
        arguments: [
            Row("plain", "a: x # c\n", ".a = x <x>"),
            Row("quoted", "a: \"x y\"\nb: 'it''s'\n", ".a = x y <\"x y\">", ".b = it's <'it''s'>"),
            Row("lists", "a:\n- x\n- - y\n", ".a[0] = x <x>", ".a[1][0] = y <y>"),
            Row("flow", "{a: [x, {b: y}]}\n", ".a[0] = x <x>", ".a[1].b = y <y>"),
            Row("a text alone", "x\n", " = x <x>"),
            Row("CRLF", "a: x\r\nb: y\r\n", ".a = x <x>", ".b = y <y>"),
            Row("characters of several bytes", "ä: é\n🙂: [ß, x]\n", ".ä = é <é>", ".🙂[0] = ß <ß>", ".🙂[1] = x <x>"),
            Row("a byte order mark", "\u{FEFF}a: x\nb: y\n", ".a = x <x>", ".b = y <y>"),
            Row("documents", "a: x\n---\na: y\n...\n---\n- z\n", ".a = x <x>", ".a = y <y>", "[0] = z <z>"),
            Row("directives", "%YAML 1.1\n---\na: x\n", ".a = x <x>"),
            Row("anchors", "a: &n x\nb: *n\n", ".a .b = x <&n x>"),
            Row("an anchor of a mapping", "a: &n {i: x}\nb: *n\nc: y\n", ".a.i = x <x>", ".c = y <y>"),
            Row("merge keys", "a: &n {i: x}\nb:\n  <<: *n\n  j: y\n", ".a.i = x <x>", ".b.j = y <y>"),
            Row("tags", "a: !!str x\nb: !mine y\n", ".a = x <!!str x>", ".b = y <!mine y>"),
            Row(
                "keys that are not text",
                "? [a, b]\n: x\nc: y\n",
                ".?[0] = a <a>",
                ".?[1] = b <b>",
                ".? = x <x>",
                ".c = y <y>"
            ),
            Row("an alias as a key", "a: &n x\n*n : y\n", ".a = x <&n x>", ".? = y <y>"),
            Row("nothing", "a:\nb: ~\n", ".a =  <>", ".b = ~ <~>"),
            Row("over two lines", "a: x\n  y\nb: z\n", ".a = x y <x\n  y>", ".b = z <z>"),
            Row("block", "a: |\n  x\nb: z\n", ".a = x\n <|\n  x\n>", ".b = z <z>"),
            Row("a key twice", "a: x\na: y\n", ".a = x <x>", ".a = y <y>"),
            Row(
                "line separators of Unicode",
                "a: \"x\u{2028} y\"\nb: z\u{85}c: w\n",
                ".a = x\u{2028}y <\"x\u{2028} y\">",
                ".b = z <z>",
                ".c = w <w>"
            ),
        ]
    )
    func places(row: Row) throws { #expect(try Self.shown(row.text) == row.values) }

    @Test("an anchor is the last of its name, and ends with its document")
    func anchors() throws {
        #expect(try Self.shown("a: &n x\nb: &n y\nc: *n\n") == [".a = x <&n x>", ".b .c = y <&n y>"])
        #expect(throws: Diagnostic.self) { try Self.shown("a: &n x\n---\nb: *n\nc: [\n") }
    }

    @Test(
        "what is not YAML is refused with its line",
        arguments: [("a: [x\n", 2), ("a: x\n b: y\n", 2), ("a: \"x\n", 2), ("\ta: x\n", 1), ("a: 'x\n---\n", 2)]
    )
    func malformed(text: String, line: Int) throws {
        let problem = try #require(throws: Diagnostic.self) { try Self.shown(text) }
        #expect(problem.code.rawValue == "yaml.malformed")
        #expect(problem.subject == .file(path: "x.yaml", line: line), "\(problem)")
    }

    @Test("what is too deep or too large is refused")
    func limits() throws {
        let deep = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
        #expect(try #require(throws: Diagnostic.self) { try Self.shown(deep) }.code.rawValue == "yaml.unsupported")
        let large = [UInt8](repeating: UInt8(ascii: "#"), count: YAMLDocument.sizeLimit + 1)
        let problem = try #require(throws: Diagnostic.self) { try YAMLScalar.all(in: large, named: "x") }
        #expect(problem.code.rawValue == "yaml.too-large")
    }
}
