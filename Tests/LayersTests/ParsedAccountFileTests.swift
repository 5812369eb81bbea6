import Layers
import Testing

@Suite("Account files")
struct ParsedAccountFileTests {
    @Test("lines that are not accounts are counted, except comments and those of NSS")
    func malformed() {
        let file = ParsedAccountFile(
            Array("a:x:1\n+::::::\n# c\nb:x:one:1\n\nc\r\nd:x:4294967296:0\n-e:x:2:\ne:x:4294967295:\n".utf8)
        )
        #expect(file.malformedLines == [4, 6, 7, 9])
        #expect(file.hasCarriageReturns)
        #expect(file.account(named: "a")?.number == 1)
        #expect(file.account(named: "b") == nil)
    }

    @Test("a user has a number, a group and a home directory")
    func user() throws {
        let file = ParsedAccountFile(Array("app:x:1000:50:An App:/home/app:/bin/sh\r\nlow:x:2\nodd:x:3:one\n".utf8))
        let user = try #require(file.account(numbered: 1000))
        #expect(user.name == Array("app".utf8))
        #expect(user.group == 50)
        #expect(user.home == "/home/app")
        #expect(file.account(named: "low")?.group == nil)
        #expect(file.account(named: "low")?.home == "")
        #expect(file.account(named: "odd")?.group == nil)
    }

    @Test("a name is compared by its bytes, and the first line of a name counts")
    func names() {
        let file = ParsedAccountFile(Array("e\u{301}:x:1:\na:x:2:\na:x:3:\n".utf8))
        #expect(file.account(named: "\u{E9}") == nil)
        #expect(file.account(named: "e\u{301}")?.number == 1)
        #expect(file.account(named: "a")?.number == 2)
        #expect(file.account(numbered: 4) == nil)
    }

    @Test(
        "a group has the members that it names, each whole",
        arguments: [("app", true), ("other", true), ("ap", false), ("", false)]
    )
    func members(user: String, isMember: Bool) {
        let file = ParsedAccountFile(Array("staff:x:50:app,other\n".utf8))
        #expect(file.account(named: "staff")?.hasMember(Array(user.utf8)) == isMember)
    }
}
