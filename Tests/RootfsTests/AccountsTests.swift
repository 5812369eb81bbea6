import Layers
import Testing

@testable import Rootfs

@Suite struct AccountsTests {
    @Test("passwd names `root`, `nobody` and `nonroot`, none of whom can log in")
    func passwd() {
        #expect(
            Accounts.passwd == """
                root:x:0:0:root:/root:/sbin/nologin
                nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
                nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin

                """
        )
    }

    @Test("group has a group for every user, tty and staff")
    func group() {
        #expect(
            Accounts.group == """
                root:x:0:
                nobody:x:65534:
                tty:x:5:
                staff:x:50:
                nonroot:x:65532:

                """
        )
    }

    @Test(
        "a user's name gives the numbers that an image's config needs",
        arguments: [("root", 0, 0), ("nobody", 65534, 65534), ("nonroot", 65532, 65532)] as [(String, UInt32, UInt32)]
    )
    func user(name: String, uid: UInt32, gid: UInt32) throws {
        let user = try #require(ParsedAccountFile(Array(Accounts.passwd.utf8)).account(named: name))
        #expect(user.number == uid)
        #expect(user.group == gid)
    }

    @Test("other names are neither users nor groups", arguments: ["", "Nonroot", "65532", "daemon"])
    func unknown(name: String) {
        #expect(ParsedAccountFile(Array(Accounts.passwd.utf8)).account(named: name) == nil)
        #expect(ParsedAccountFile(Array(Accounts.group.utf8)).account(named: name) == nil)
    }

    @Test(
        "a group's name gives its number",
        arguments: [("staff", 50), ("tty", 5), ("nonroot", 65532)] as [(String, UInt32)]
    )
    func group(name: String, gid: UInt32) {
        #expect(ParsedAccountFile(Array(Accounts.group.utf8)).account(named: name)?.number == gid)
    }
}
