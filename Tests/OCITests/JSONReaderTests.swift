import Diagnostics
@testable import OCI
import Testing

@Suite("JSON reading")
struct JSONReaderTests {
    private static let reader = JSONReader(
        [
            "rootfs": ["diff_ids": ["a", "b", 3]], "text": "t", "number": .number("1e3"), "flag": true, "none": .null,
            "map": ["k": .null],
        ],
        named: "config.json"
    )

    @Test("a value of the wrong kind is named by its place in the document")
    func places() throws {
        func reason(_ body: (JSONReader) throws -> Void) throws -> String? {
            let problem = try problem { try body(Self.reader) }
            #expect(problem.code.rawValue == "json.unexpected")
            #expect(problem.code.category == .verification)
            #expect(problem.subject == .file(path: "config.json"))
            #expect(problem.summary == "`config.json` does not say what it should")
            return problem.reason
        }
        #expect(
            try reason { _ = try $0.member("rootfs").member("diff_ids").strings() }
                == "rootfs.diff_ids[2]: expected a string, found a number"
        )
        #expect(try reason { _ = try $0.string() } == "expected a string, found an object")
        #expect(try reason { _ = try $0.member("text").int() } == "text: expected a whole number, found a string")
        #expect(try reason { _ = try $0.member("number").int() } == "number: `1e3` is not a whole number of 64 bits")
        #expect(try reason { _ = try $0.member("text").array() } == "text: expected an array, found a string")
        #expect(try reason { _ = try $0.member("text").object() } == "text: expected an object, found a string")
        #expect(try reason { _ = try $0.member("text").bool() } == "text: expected true or false, found a string")
        #expect(try reason { _ = try $0.member("flag").string() } == "flag: expected a string, found true or false")
        #expect(try reason { _ = try $0.member("none").string() } == "none: expected a string, found null")
        #expect(try reason { _ = try $0.member("map").stringMap() } == "map.k: expected a string, found null")
        #expect(try reason { _ = try $0.member("absent") } == "`absent` is missing")
        #expect(try reason { _ = try $0.member("rootfs").member("type") } == "rootfs: `type` is missing")
        #expect(try reason { _ = try $0.member("text").mediaType() } == "text: `t` is not a media type")
    }

    @Test("null stands for nothing where something may be absent")
    func null() throws {
        #expect(try Self.reader.optional("none")?.string() == nil)
        #expect(try Self.reader.optional("absent")?.string() == nil)
        #expect(try Self.reader.member("none").strings() == [])
        #expect(try Self.reader.optional("text")?.string() == "t")
    }

    @Test("a malformed digest is named by its place")
    func digest() throws {
        let problem = try problem { _ = try Self.reader.member("text").digest() }
        #expect(problem.code.rawValue == "digest.malformed")
        #expect(problem.summary == "`t` is not a digest")
        #expect(problem.subject == .file(path: "config.json"))
        #expect(problem.reason == "it stands at text")
    }
}
