import Diagnostics
import OCI
import Testing

@Suite("JSON parsing")
struct JSONParserTests {
    @Test(
        "values are read, and numbers keep their text",
        arguments: [
            ("null", .null), ("true", true), (" \t\r\n false \n", false), ("0", 0), ("-0", .number("-0")), ("12", 12),
            ("1e3", .number("1e3")), ("-1.50E-07", .number("-1.50E-07")), ("0.0", .number("0.0")),
            ("9223372036854775808", .number("9223372036854775808")), ("[]", []), ("[ ]", []), ("{}", [:]), ("{ }", [:]),
            ("[1,[2],{}]", [1, [2], [:]]), (#"{"b":1,"a":[null]}"#, ["b": 1, "a": [.null]]), (#"{"":0}"#, ["": 0]),
            (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{c}\n\r\t"), (#""\u0041\u00e9\uD83D\uDE00""#, "Aé😀"),
            (#""\u001f\u007F""#, "\u{1F}\u{7F}"), (#""\uFFFF\ud7ff\ue000""#, "\u{FFFF}\u{D7FF}\u{E000}"),
            ("\"é😀\u{7F}\"", "é😀\u{7F}"),
        ] as [(String, JSON)]
    )
    func reads(source: String, expected: JSON) throws {
        #expect(try JSON(parsing: Array(source.utf8), named: "x.json") == expected)
    }

    @Test(
        "what is not JSON is refused at its place",
        arguments: [
            ("", 1, 1, "the document ends too early"),
            (" \n ", 2, 2, "the document ends too early"),
            ("nul", 1, 1, "no value begins like this"),
            ("True", 1, 1, "no value begins like this"),
            ("NaN", 1, 1, "no value begins like this"),
            ("-Infinity", 1, 2, "a number lacks a digit"),
            ("'a'", 1, 1, "no value begins like this"),
            ("// a\n1", 1, 1, "no value begins like this"),
            ("\u{A0}1", 1, 1, "no value begins like this"),
            ("+1", 1, 1, "no value begins like this"),
            (".5", 1, 1, "no value begins like this"),
            ("-", 1, 2, "a number lacks a digit"),
            ("1.", 1, 3, "a number lacks a digit"),
            ("1.e1", 1, 3, "a number lacks a digit"),
            ("1e+", 1, 4, "a number lacks a digit"),
            ("01", 1, 2, "a number begins with a needless zero"),
            ("-00", 1, 3, "a number begins with a needless zero"),
            ("0x1", 1, 2, "there is text behind the value"),
            ("1 2", 1, 3, "there is text behind the value"),
            ("{}\n{}", 2, 1, "there is text behind the value"),
            ("truefalse", 1, 5, "there is text behind the value"),
            ("[1", 1, 3, "a comma or `]` is missing"),
            ("[1 2]", 1, 4, "a comma or `]` is missing"),
            ("[1}", 1, 3, "a comma or `]` is missing"),
            ("[1,]", 1, 4, "no value begins like this"),
            ("[,1]", 1, 2, "no value begins like this"),
            ("[", 1, 2, "the document ends too early"),
            ("{", 1, 2, "a key is missing"),
            ("{1:2}", 1, 2, "a key is missing"),
            (#"{"a":1,}"#, 1, 8, "a key is missing"),
            (#"{"a"}"#, 1, 5, "a colon is missing"),
            (#"{"a":}"#, 1, 6, "no value begins like this"),
            (#"{"a":1 "b":2}"#, 1, 8, "a comma or `}` is missing"),
            (#""a"#, 1, 3, "a string does not end"),
            (#""a\"#, 1, 4, "a string does not end"),
            (#""\x""#, 1, 4, "there is no such escape"),
            (#""\u00g0""#, 1, 6, "four hexadecimal digits are missing"),
            (#""\u00"#, 1, 6, "four hexadecimal digits are missing"),
            ("\"a\tb\"", 1, 3, "a control character is not escaped"),
            ("\"a\nb\"", 1, 3, "a control character is not escaped"),
            ("\"\\n\u{0}\"", 1, 4, "a control character is not escaped"),
            (#""\u0000""#, 1, 8, "a string contains NUL"),
            (#""\ud800""#, 1, 8, "half a surrogate pair"),
            (#""\udc00""#, 1, 8, "half a surrogate pair"),
            (#""\ud800\n""#, 1, 9, "half a surrogate pair"),
            (#""\ud800\ud800""#, 1, 14, "half a surrogate pair"),
            (#""\ud800x""#, 1, 8, "half a surrogate pair"),
            ("{\n  \"a\": 1,\n  \"a\": 2\n}", 3, 3, "the key `a` is there twice"),
            (#"{"a":1,"\u0061":2}"#, 1, 8, "the key `a` is there twice"),
            (
                "{\"\u{E9}\":1,\"e\u{301}\":2}", 1, 9,
                "the key `e\u{301}` is there twice, in two encodings of the same characters"
            ),
        ]
    )
    func refuses(source: String, line: Int, column: Int, reason: String) throws {
        try expect(Array(source.utf8), line, column, reason)
    }

    @Test(
        "what is not UTF-8 is refused at its place",
        arguments: [
            ([0xEF, 0xBB, 0xBF, 0x31], 1, 1, "it begins with a byte order mark"),
            ([0xFE, 0xFF, 0x00, 0x31], 1, 1, "it is not UTF-8 but looks like UTF-16"),
            ([0xFF, 0xFE, 0x31, 0x00], 1, 1, "it is not UTF-8 but looks like UTF-16"),
            ([0x31, 0x00], 1, 1, "it is not UTF-8 but looks like UTF-16"),
            ([0x00, 0x31], 1, 1, "it is not UTF-8 but looks like UTF-16"),
            ([0x22, 0x61, 0xFF, 0x22], 1, 3, "a string is not UTF-8"),
            ([0x22, 0x5C, 0x6E, 0xC0, 0x80, 0x22], 1, 4, "a string is not UTF-8"),
            ([0x22, 0xED, 0xA0, 0x80, 0x22], 1, 2, "a string is not UTF-8"),
            ([0x22, 0xC3, 0xA9, 0xE2, 0x82, 0x22], 1, 4, "a string is not UTF-8"),
            ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1, 2, "a string is not UTF-8"),
            ([0x31, 0xFF], 1, 2, "there is text behind the value"),
        ] as [([UInt8], Int, Int, String)]
    )
    func refusesBytes(bytes: [UInt8], line: Int, column: Int, reason: String) throws {
        try expect(bytes, line, column, reason)
    }

    private func expect(_ bytes: [UInt8], _ line: Int, _ column: Int, _ reason: String) throws {
        let problem = try problem { _ = try JSON(parsing: bytes, named: "x.json") }
        #expect(problem.code.rawValue == "json.malformed")
        #expect(problem.code.category == .verification)
        #expect(problem.subject == .file(path: "x.json", line: line))
        #expect(problem.reason == "line \(line), column \(column): \(reason)")
    }

    @Test("100 levels are read, 101 are not", arguments: [("[", "]"), (#"{"a":"#, "}")])
    func depth(open: String, close: String) throws {
        func nested(_ levels: Int) -> [UInt8] {
            let inside = open == "[" ? "" : "1"
            return Array(
                (String(repeating: open, count: levels) + inside + String(repeating: close, count: levels)).utf8
            )
        }
        _ = try JSON(parsing: nested(100), named: "x.json")
        let problem = try problem { _ = try JSON(parsing: nested(101), named: "x.json") }
        #expect(try #require(problem.reason).hasSuffix("more than 100 levels are nested"))
    }

    @Test("a hundred thousand open brackets are refused, not recursed into", arguments: ["[", #"{"a":"#])
    func bomb(open: String) throws {
        let problem = try problem {
            _ = try JSON(parsing: Array(String(repeating: open, count: 100_000).utf8), named: "x.json")
        }
        #expect(problem.code.rawValue == "json.malformed")
    }

    @Test("a key that is twice is found in objects of any size", arguments: [2, 3, 15, 16, 17, 18, 19, 1000])
    func duplicates(count: Int) throws {
        let keys = (1..<count).map { "\"Key\($0)\":\($0)" }
        _ = try JSON(parsing: Array("{\(keys.joined(separator: ","))}".utf8), named: "x.json")
        for place in Set([1, count / 2, count - 1]) where place > 0 {
            let source = "{\((keys + ["\"Key\(place)\":0"]).joined(separator: ","))}"
            let problem = try problem { _ = try JSON(parsing: Array(source.utf8), named: "x.json") }
            #expect(try #require(problem.reason).contains("the key `Key\(place)` is there twice"))
            // Labels and annotations may differ in case only; members that we know may not, which the readers see to.
            let other = source.replacing("\"Key\(place)\":0", with: "\"kEY\(place)\":0")
            #expect(try JSON(parsing: Array(other.utf8), named: "x.json").objectValue?.members.count == count)
        }
    }

    @Test("a parsed object finds each of its members", arguments: [1, 16, 17, 1000])
    func members(count: Int) throws {
        let source = "{\((0..<count).map { "\"k\($0)\":\($0)" }.joined(separator: ","))}"
        let object = try #require(try JSON(parsing: Array(source.utf8), named: "x.json").objectValue)
        #expect(object.keys == (0..<count).map { "k\($0)" })
        #expect((0..<count).allSatisfy { object["k\($0)"] == .int($0) })
        #expect(object["k\(count)"] == nil)
    }

    @Test("every way of cutting or changing a document ends in a value or in a place within it")
    func mutations() throws {
        let source = Array(#"{"a":[1,-2.5e+3,"x\u00e9\ud83d\ude00\n",true,null],"é":{"b":{}}} "#.utf8)
        var refused = 0
        for position in source.indices {
            for byte in Array("\u{0}\t\n \"\\{}[],:0-.eutn/\u{1F}\u{7F}".utf8) + [
                0x80, 0xBF, 0xC0, 0xC3, 0xE2, 0xED, 0xF0, 0xF5, 0xFF,
            ] {
                var changed = source
                changed[position] = byte
                for bytes in [changed, Array(changed[...position])] {
                    do throws(Diagnostic) {
                        let value = try JSON(parsing: bytes, named: "x.json")
                        #expect(try JSON(parsing: value.encoded(), named: "x.json") == value)
                    } catch {
                        refused += 1
                        #expect(error.code.rawValue == "json.malformed")
                        let lines: [Diagnostic.Subject] = (1...2).map { .file(path: "x.json", line: $0) }
                        #expect(lines.prefix(bytes.contains(0x0A) ? 2 : 1).contains { $0 == error.subject })
                    }
                }
            }
        }
        #expect(refused > source.count * 25)
    }

    @Test(
        "of a large document only the members that are wanted are kept",
        arguments: [
            #"{"a":{"x":[1,"\"]}"]},"b":[{}],"c":"d"}"#, #"{"b":[{}],"a":[],"c":"\\"}"#,
            #"{"c":null,"b":[{}],"d":{},"e":[[],{"f":-1.5e3}]}"#,
        ]
    )
    func kept(text: String) throws {
        let json = try JSON(parsing: Array(text.utf8), named: "list", keeping: ["b", "z"])
        #expect(json.objectValue?.keys == ["b"])
        #expect(json["b"] == [[:]])
    }

    @Test(
        "what is passed over has to end as it begins",
        arguments: [
            #"{"a":{"b":1,"c":2"#, #"{"a":"b"#, #"{"a":"b\"#, #"{"a":{"b" 1}}"#, #"{"a":[1 2]}"#, #"{"a":{1:2}}"#,
            #"{"a":nul}"#, #"{"a":1}}"#, #"{"a":1,"a":2}"#, "{\"a\":\"\n\"}",
            #"{"a":"# + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}",
        ]
    )
    func damagedElsewhere(text: String) {
        #expect(throws: Diagnostic.self) { try JSON(parsing: Array(text.utf8), named: "list", keeping: []) }
    }
}
