import Diagnostics
import Testing

@testable import OCI

@Suite("JSON")
struct JSONTests {
    private func parse(_ text: String) throws(Diagnostic) -> JSON { try JSON(parsing: Array(text.utf8), named: "x.json") }

    @Test(
        "what is written is what was read",
        arguments: [
            "null", "true", "false", "0", "-0", "1e3", "-1.50E+7", "9223372036854775808", "0.1000000000000000055511151231257827",
            #""""#, #""a""#, #""é\"\\""#, #""\u0001\n\t\r\b\f""#, "[]", "{}", "[1,[2,[3]]]", #"{"b":1,"a":{"B":[]}}"#, #"{"":{}}"#,
            #""😀/<>&""#, #"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"k":11,"l":12,"m":13,"n":14,"o":15,"p":16,"q":17,"r":18}"#,
        ]
    )
    func roundTrip(text: String) throws {
        #expect(String(decoding: try parse(text).encoded(), as: UTF8.self) == text)
        #expect(String(decoding: try parse(" \t\r\n\(text)\n").encoded(), as: UTF8.self) == text)
    }

    @Test(
        "an escape is read as the character it stands for",
        arguments: [
            (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\ud83d\ude00""#, "😀"), (#""\/\"\\""#, #"/"\"#), (#""\ud7ff\ue000""#, "\u{D7FF}\u{E000}"),
            (#""\udbff\udfff""#, "\u{10FFFF}"),
        ]
    )
    func escapes(text: String, value: String) throws {
        #expect(try parse(text) == .string(value))
    }

    @Test(
        "what two readers could read differently, or what is not JSON, is refused at its line and column",
        arguments: [
            ("", 1, 1), (" ", 1, 2), ("NaN", 1, 1), ("Infinity", 1, 1), ("-", 1, 2), ("-Infinity", 1, 2), ("+1", 1, 1), (".5", 1, 1),
            ("1.", 1, 3), ("1.e3", 1, 3), ("1e", 1, 3), ("1e+", 1, 4), ("01", 1, 2), ("-01", 1, 3), ("0x10", 1, 2), ("1 2", 1, 3),
            ("{}{}", 1, 3), ("{}x", 1, 3), ("{} // c", 1, 4), ("tru", 1, 1), ("nul", 1, 1), ("True", 1, 1), ("'a'", 1, 1),
            ("[1,]", 1, 4), ("[,1]", 1, 2), ("[1 2]", 1, 4), ("[", 1, 2), ("[1", 1, 3), ("{", 1, 2), (#"{"a"}"#, 1, 5), (#"{"a":}"#, 1, 6),
            (#"{"a":1,}"#, 1, 8), ("{a:1}", 1, 2), ("{1:1}", 1, 2), ("{\n  \"a\": 1,\n  \"a\": 2\n}", 3, 3), (#"{"a":1,"A":2}"#, 1, 8),
            (#"{"k":1,"K":2}"#, 1, 8), (#"{"s":1,"ſ":2}"#, 1, 8), (#""\ud800""#, 1, 8), (#""\udc00""#, 1, 8), (#""\ud800\ud800""#, 1, 14),
            (#""\ud800x""#, 1, 8), (#""\u0000""#, 1, 8), (#""\u00""#, 1, 6), (#""\x""#, 1, 4), ("\"a", 1, 3), ("\"\\", 1, 3), ("\"a\nb\"", 1, 3),
            ("\"\u{1}\"", 1, 2), ("\u{FEFF}{}", 1, 1), ("\u{A0}1", 1, 1), ("[1,\n 2,\n x]", 3, 2),
        ]
    )
    func refused(text: String, line: Int, column: Int) throws {
        let error = #expect(throws: Diagnostic.self) { try parse(text) }
        #expect(error?.code == .jsonMalformed)
        #expect(error?.subject == .file(path: "x.json", line: line))
        #expect(error?.reason?.hasPrefix("line \(line), column \(column): ") == true, "\(error?.reason ?? "")")
    }

    @Test(
        "bytes that are not UTF-8 are refused",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22],
            [0x22, 0xE2, 0x82, 0x22], [0xEF, 0xBB, 0xBF, 0x7B, 0x7D], [0xFE, 0xFF, 0, 0x7B, 0, 0x7D], [0xFF, 0xFE, 0x7B, 0, 0x7D, 0],
            [0x7B, 0, 0x7D, 0], [0, 0x7B, 0, 0x7D], [0xFF, 0xFE, 0, 0, 0x7B, 0, 0, 0],
        ] as [[UInt8]]
    )
    func notUTF8(bytes: [UInt8]) throws {
        let error = #expect(throws: Diagnostic.self) { try JSON(parsing: bytes, named: "x.json") }
        #expect(error?.code == .jsonMalformed)
    }

    @Test("depth is limited, and a hundred thousand levels are no crash", arguments: ["[", #"{"a":"#])
    func depth(open: String) throws {
        let close = open == "[" ? "]" : "}"
        func nested(_ levels: Int) -> String {
            String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
        }
        #expect(throws: Never.self) { try parse(nested(100)) }
        for levels in [101, 100_000] {
            let error = #expect(throws: Diagnostic.self) { try parse(nested(levels)) }
            #expect(error?.code == .jsonMalformed)
        }
        #expect(throws: Diagnostic.self) { try parse(String(repeating: open, count: 100_000)) }
    }

    @Test("large documents take no quadratic time")
    func large() throws {
        let keys = (0..<100_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
        let json = try parse("{\(keys)}")
        #expect(json.objectValue?.members.count == 100_000)
        #expect(json["key99999"] == .int(99_999))
        let space = String(repeating: " \n", count: 2 << 20)
        #expect(try parse(space + "[]" + space) == .array([]))
        let twice = #expect(throws: Diagnostic.self) { try parse("{\(keys),\"KEY7\":0}") }
        #expect(twice?.code == .jsonMalformed)
    }

    @Test("keys are sorted by their bytes, whatever order they were in")
    func sorted() throws {
        let json = try parse(#"{"b":1,"a":{"z":1,"é":2,"Z":3,"10":4,"9":5},"B":0}"#)
        #expect(
            String(decoding: json.encoded(sortedKeys: true), as: UTF8.self)
                == #"{"B":0,"a":{"10":4,"9":5,"Z":3,"z":1,"é":2},"b":1}"#
        )
    }

    @Test("the indented form has two spaces a level and ends in a line feed")
    func pretty() throws {
        let json = try parse(#"{"a":[1,{}],"b":{"c":"d"},"e":[]}"#)
        let expected = """
            {
              "a": [
                1,
                {}
              ],
              "b": {
                "c": "d"
              },
              "e": []
            }

            """
        #expect(String(decoding: json.encoded(pretty: true), as: UTF8.self) == expected)
    }

    @Test(
        "a number is a size only if it is whole and has 64 bits",
        arguments: [("0", 0), ("-0", 0), ("9223372036854775807", .max), ("-9223372036854775808", .min)] as [(String, Int64)]
    )
    func whole(text: String, value: Int64) throws {
        #expect(try JSONReader(parse(text), named: "x").int() == value)
    }

    @Test("other numbers are refused as sizes", arguments: ["1e3", "1.0", "9223372036854775808", "\"1\"", "null", "true"])
    func notWhole(text: String) throws {
        let value = try parse(text)
        let error = #expect(throws: Diagnostic.self) { try JSONReader(value, named: "x").int() }
        #expect(error?.code == .jsonUnexpected)
    }

    @Test("members are set, replaced and removed in place")
    func members() {
        var object = JSONObject()
        for index in 0..<40 { object["k\(index)"] = .int(index) }
        object["k3"] = "three"
        object["k20"] = nil
        object["k0"] = nil
        #expect(object.keys == (1..<40).filter { $0 != 20 }.map { "k\($0)" })
        #expect(object["k3"] == "three")
        #expect(object["k39"] == 39)
        #expect(object["k20"] == nil)
        object["k20"] = "back"
        #expect(object.keys.last == "k20")
    }

    @Test("a document with flipped bytes is read or refused, and never crashes")
    func mutations() throws {
        let seed = Array(
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"digest":"sha256:\u00e9","size":-1.5e3},"a":[null,true,{}]}"#.utf8
        )
        var generator = Pseudorandom(seed: 8259)
        var read = 0
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
            }
            if Bool.random(using: &generator) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
            guard let value = try? JSON(parsing: bytes, named: "x") else { continue }
            read += 1
            #expect(try JSON(parsing: value.encoded(), named: "y") == value)
        }
        #expect(read > 100)
    }
}
