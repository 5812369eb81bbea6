import Diagnostics
import ByteIO
@testable import Plan
import Request
import Testing

@Suite("--add SRC:DST[:MODE[:UID:GID]]")
struct AdditionTests {
    @Test(
        "an addition is read",
        arguments: [
            ("a:/b", Addition(source: "a", destination: "/b")),
            ("./dir/:/etc/dir", Addition(source: "./dir/", destination: "/etc/dir")),
            ("a:/b:0640", Addition(source: "a", destination: "/b", mode: 0o640)),
            ("a:/b:640:1:2", Addition(source: "a", destination: "/b", mode: 0o640, uid: 1, gid: 2)),
            ("a:/b:7777:0:4294967294", Addition(source: "a", destination: "/b", mode: 0o7777, uid: 0, gid: .max - 1)),
            ("a:/b:0", Addition(source: "a", destination: "/b", mode: 0)),
            (#"C\:\\x:/b"#, Addition(source: #"C:\\x"#, destination: "/b")),
            (#"a\:b:/c\:d"#, Addition(source: "a:b", destination: "/c:d")),
            (#"a\b:/c"#, Addition(source: #"a\b"#, destination: "/c")),
            ("a b:/é", Addition(source: "a b", destination: "/é")),
        ]
    )
    func accepted(text: String, addition: Addition) throws {
        #expect(try Addition(parsing: text) == addition)
    }

    @Test(
        "a value that is not an addition is refused, with an example",
        arguments: [
            "", "a", ":", "a:", ":/b", "a:b", "a:./b", #"a\:/b"#, "a:/b:", "a:/b:0800", "a:/b:rw", "a:/b:-1",
            "a:/b:10000", "a:/b:0o644",
            "a:/b:644:1", "a:/b:644:1:", "a:/b:644:root:root", "a:/b:644:-1:0", "a:/b:644:4294967295:0",
            "a:/b:644:0:4294967296",
            "a:/b:644:1:2:3", "a:/b:644:1:2:",
        ]
    )
    func refused(text: String) throws {
        let error = #expect(throws: Diagnostic.self) { try Addition(parsing: text) }
        #expect(error?.code.rawValue == "add.malformed")
        #expect(error?.code.category == .usage)
        #expect(error?.subject == .option("--add"))
        #expect(error?.hint?.contains("SRC:DST") == true)
    }
}
