import Layers
import Testing

@testable import Rootfs

@Suite("Accounts of a base")
struct AddedAccountTests {
    private static let nonroot = "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n"

    @Test(
        "a user is added at the end, unless its number is taken",
        arguments: [
            ("", nonroot),
            ("root:x:0:0::/root:/bin/sh\n", "root:x:0:0::/root:/bin/sh\n" + nonroot),
            ("root:x:0:0::/root:/bin/sh", "root:x:0:0::/root:/bin/sh\n" + nonroot),
            ("root:x:0:0::/:/bin/sh\r\n", "root:x:0:0::/:/bin/sh\r\n" + nonroot),
            ("app:x:65532:7::/srv:/bin/sh\n", nil),
            ("# app:x:65532:7\n", "# app:x:65532:7\n" + nonroot),
            ("no account\n\n", "no account\n\n" + nonroot),
            (
                "nonroot:x:1000:1000::/:/bin/sh\n",
                "nonroot:x:1000:1000::/:/bin/sh\n"
                    + "nonroot65532:x:65532:65532:nonroot65532:/home/nonroot65532:/sbin/nologin\n"
            ),
            ("nonroot:x:1:1::/:\nnonroot65532:x:2:2::/:\n", nil),
        ] as [(String, String?)]
    )
    func users(file: String, expected: String?) {
        let added = ParsedAccountFile(Array(file.utf8)).adding(Accounts.nonroot)
        #expect(added.map { String(decoding: $0.bytes, as: UTF8.self) } == expected)
    }

    @Test(
        "a group is added in the same way",
        arguments: [
            ("root:x:0:", "root:x:0:\nnonroot:x:65532:\n"), ("app:x:65532:\n", nil),
            ("nonroot:x:5:\n", "nonroot:x:5:\nnonroot65532:x:65532:\n"),
        ] as [(String, String?)]
    )
    func groups(file: String, expected: String?) {
        let added = ParsedAccountFile(Array(file.utf8)).adding(Accounts.Group(name: "nonroot", gid: 65532))
        #expect(added.map { String(decoding: $0, as: UTF8.self) } == expected)
    }
}
