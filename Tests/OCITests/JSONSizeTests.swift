import Diagnostics
import OCI
import Testing

@Suite("Large JSON documents")
struct JSONSizeTests {
    @Test(
        "an object of a hundred thousand members is read, searched and refused in no quadratic time",
        .timeLimit(.minutes(1))
    )
    func members() throws {
        let members = (0..<100_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
        let json = try JSON(parsing: Array("{\(members)}".utf8), named: "x")
        #expect(json.objectValue?.members.count == 100_000)
        #expect(json["key99999"] == 99_999)
        let error = #expect(throws: Diagnostic.self) {
            try JSON(parsing: Array("{\(members),\"key7\":0}".utf8), named: "x")
        }
        #expect(error?.code.rawValue == "json.malformed")
    }

    @Test("megabytes of white space are nothing")
    func space() throws {
        let space = [UInt8](repeating: 0x20, count: 2 << 20)
        #expect(try JSON(parsing: space + [0x5B] + space + [0x5D] + space, named: "x") == .array([]))
    }
}
