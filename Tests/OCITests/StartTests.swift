import OCI
import TestSupport
import Testing

@Suite("What a container starts")
struct StartTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let what: String
        var entrypoint: [String]?
        var cmd: [String]?
        var words: [String] = []
        var program: String?
        var testDescription: String { what }
    }

    static let cases = [
        Case(what: "neither an entry point nor a command"),
        Case(what: "an entry point", entrypoint: ["/a", "-x"], words: ["/a", "-x"], program: "/a"),
        Case(what: "a command", cmd: ["/b"], words: ["/b"], program: "/b"),
        Case(
            what: "an entry point with a command as its arguments",
            entrypoint: ["/a"],
            cmd: ["b"],
            words: ["/a", "b"],
            program: "/a"
        ),
        Case(
            what: "an empty entry point with a command",
            entrypoint: [],
            cmd: ["/b", "c"],
            words: ["/b", "c"],
            program: "/b"
        ),
        Case(what: "an empty entry point without a command", entrypoint: [], cmd: []),
        Case(what: "an empty first word", entrypoint: [""], cmd: ["/b"], words: ["", "/b"]),
    ]

    @Test("the entry point and the command are one list of words, whose first names the program", arguments: cases)
    func words(_ test: Case) {
        let execution = ImageConfig.Execution(entrypoint: test.entrypoint, cmd: test.cmd)
        #expect(execution.words == test.words)
        #expect(execution.program == test.program)
    }

    /// What runc 1.1.5 does in each case was seen in containers of it.
    static let searches: [(environment: [String], directory: String?, name: String, candidates: [String])] = [
        (["PATH=/b:/a/"], nil, "x", ["/b/x", "/a//x"]),
        (["PATH="], nil, "x", []),
        (["PATH=:/bin"], "/work", "x", ["/bin/x"]),
        (["PATH=bin:/sbin:."], nil, "x", ["/sbin/x"]),
        (
            ["MYPATH=/b"], nil, "x",
            ["/usr/local/sbin/x", "/usr/local/bin/x", "/usr/sbin/x", "/usr/bin/x", "/sbin/x", "/bin/x"]
        ),
        (["PATH=/b"], "/srv", "/a/x", ["/a/x"]),
        (["PATH=/b"], "/srv", "a/x", ["/srv/a/x"]),
        (["PATH=/b"], "", "./x", ["//./x"]),
    ]

    @Test("a program is looked for where container engines look", arguments: searches)
    func candidates(environment: [String], directory: String?, name: String, candidates: [String]) {
        let execution = ImageConfig.Execution(env: environment, workingDir: directory)
        #expect(execution.candidates(for: name) == candidates)
    }

    @Test(
        "a variable is found by its whole name",
        arguments: [("HOME", "/home/a"), ("EMPTY", ""), ("HOM", nil), ("MORE", "a=b"), ("", nil)] as [(String, String?)]
    )
    func variable(name: String, value: String?) {
        let execution = ImageConfig.Execution(env: ["HOME=/home/a", "EMPTY=", "MORE=a=b"])
        #expect(execution.value(of: name) == value)
    }

    @Test(
        "the number of a user is one that container engines take",
        arguments: [
            ("0", 0), ("65532", 65532), ("007", 7), ("2147483647", 2_147_483_647), ("2147483648", nil),
            ("4294967294", nil), ("4294967295", nil), ("4294967296", nil), ("99999999999999999999", nil), ("", nil),
            ("-1", nil), ("+1", nil), ("0x10", nil), (" 1", nil), ("１", nil),
        ] as [(String, UInt32?)]
    )
    func number(text: String, number: UInt32?) {
        #expect(UserID.number(text) == number)
    }
}
