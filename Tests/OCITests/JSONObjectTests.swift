import OCI
import Testing

@Suite("JSONObject")
struct JSONObjectTests {
    @Test("members keep their order; setting replaces, appends or removes", arguments: [3, 16, 17, 40])
    func editing(count: Int) {
        var object = JSONObject()
        for number in 0..<count { object["k\(number)"] = .int(number) }
        object["k1"] = "new"
        object["k0"] = nil
        object["absent"] = nil
        object["last"] = true
        #expect(object.keys == (1..<count).map { "k\($0)" } + ["last"])
        #expect(object["k0"] == nil)
        #expect(object["k1"] == "new")
        #expect(object["k\(count - 1)"] == .int(count - 1))
        #expect(object["last"] == true)

        for number in 1..<count { object["k\(number)"] = nil }
        #expect(object.members.map(\.key) == ["last"])
        object["last"] = nil
        #expect(object == JSONObject())
        #expect(object.isEmpty)
    }

    @Test("how an object came to be does not count, its order does")
    func equality() {
        var left = JSONObject()
        for number in 0..<20 { left["k\(number)"] = .int(number) }
        for number in 2..<20 { left["k\(number)"] = nil }
        var right = JSONObject()
        right["k0"] = 0
        right["k1"] = 1
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)

        var reversed = JSONObject()
        reversed["k1"] = 1
        reversed["k0"] = 0
        #expect(left != reversed)
    }

    @Test("a value is read as its own type, or is absent")
    func accessors() throws {
        let value = try JSON(
            parsing: Array(#"{"s":"x","i":-7,"big":9223372036854775808,"e":1e3,"b":false,"a":[1],"n":null}"#.utf8),
            named: "x"
        )
        #expect(value["s"]?.stringValue == "x")
        #expect(value["i"]?.intValue == -7)
        #expect(value["big"]?.intValue == nil)
        #expect(value["e"]?.intValue == nil)
        #expect(value["b"]?.boolValue == false)
        #expect(value["a"]?.arrayValue == [1])
        #expect(value["n"] == .null)
        #expect(value["absent"] == nil)
        #expect(value["s"]?["x"] == nil)
        #expect(value["i"]?.stringValue == nil)
        #expect(value["s"]?.intValue == nil)
        #expect(value.arrayValue == nil)
        #expect(value.objectValue?.keys == ["s", "i", "big", "e", "b", "a", "n"])
    }
}
