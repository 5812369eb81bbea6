import Diagnostics
import Testing

@Suite("Secrets in messages")
struct SecretsTests {
    @Test(
        "everything before the `@` of an address or a reference is struck out",
        arguments: [
            ("`https://me:pass@h.test/a` is not an address", "`https://***@h.test/a` is not an address"),
            ("http://token@h.test:80/", "http://***@h.test:80/"), ("https://me:a@b@h.test/", "https://***@h.test/"),
            ("https://me:pa/ss@h.test/a", "https://***@h.test/a"), ("ssh://me:x@h", "ssh://***@h"),
            ("`me:pass@h.test/app:1` is not a reference", "`***@h.test/app:1` is not a reference"),
            ("me:pa/ss@h.test/app", "***@h.test/app"),
            ("--insecure-registry=me:p@h:5000", "--insecure-registry=***@h:5000"),
            ("me:pa@ss@h.test/app", "***@h.test/app"), ("me:pass@h.test/app@sha256:abc", "***@h.test/app@sha256:abc"),
            ("\"me:pass@h.test\" <me:pass@h.test>", "\"***@h.test\" <***@h.test>"),
        ]
    )
    func userInformation(text: String, expected: String) {
        #expect(Secrets.struck(text) == expected)
    }

    @Test(
        "what has no user's part stays as it is",
        arguments: [
            "app:1.0@sha256:abc", "localhost:5000/app@sha256:abc", "h.test/me/app:1@sha256:abc", "localhost:5000/a@b",
            "Team <team@example.org>", "https://h.test/a@b", "https://h.test:443/a?b=c@d", "getty@.service",
            "node_modules/@scope/a", "a: b@c", "h.test/a:1@b", "me:pass@", "REF@sha256:…", "10:30 @ home",
        ]
    )
    func others(text: String) {
        #expect(Secrets.struck(text) == text)
    }

    @Test("a secret is struck out in every form in which it can be repeated")
    func forms() {
        let secret = "p4ss word/ü+1"
        Secrets.add(secret, of: "me")
        for (text, expected) in [
            ("it says p4ss word/ü+1!", "it says ***!"), ("p4ss%20word%2F%C3%BC%2B1", "***"),
            ("p4ss%20word%2f%c3%bc%2b1", "***"), ("p4ss+word%2F%C3%BC%2B1&x", "***&x"),
            // me:p4ss word/ü+1
            ("Basic bWU6cDRzcyB3b3JkL8O8KzE=", "Basic ***="), ("cDRzcyB3b3JkL8O8KzE", "***"),
        ] {
            #expect(Secrets.struck(text) == expected)
        }
    }

    @Test(
        "a password that is an ordinary word is struck out of what others wrote, and of fields, not of own sentences",
        arguments: [
            (
                "the ordinary build of `app:ordinary`", "the ordinary build of `app:ordinary`",
                "the *** build of `app:***`"
            ),
            ("password=ordinary&a=b", "password=***&a=b", "password=***&a=b"),
            ("extraordinary, ordinaryly", "extraordinary, ordinaryly", "extraordinary, ordinaryly"),
            ("ordinary", "ordinary", "***"), ("Ordinary", "Ordinary", "Ordinary"),
            ("https://me:ordinary@h.test/", "https://***@h.test/", "https://***@h.test/"),
            // me:ordinary
            ("Basic bWU6b3JkaW5hcnk=", "Basic ***=", "Basic ***="),
        ]
    )
    func ordinaryWord(text: String, own: String, remote: String) {
        Secrets.add("ordinary", of: "me")
        #expect(Secrets.struck(text) == own)
        #expect(Secrets.struck(text, from: .remote) == remote)
    }

    @Test(
        "a password with other signs in it, or a long one, is struck out everywhere",
        arguments: ["ordin4ry", "verylongpassword"]
    )
    func otherWord(secret: String) {
        Secrets.add(secret)
        #expect(Secrets.struck("a\(secret)b") == "a***b")
    }

    @Test("a secret that is shorter than a word is not looked for")
    func short() {
        Secrets.add("app")
        #expect(Secrets.struck("an app") == "an app")
    }

    @Test("no member of a diagnostic has a secret, however it got there")
    func diagnostic() {
        Secrets.add("hunter2-of-tests")
        var problem = Diagnostic(
            Diagnostic.Code("test.x", .usage),
            "a hunter2-of-tests",
            at: .option("hunter2-of-tests"),
            because: "b hunter2-of-tests",
            hint: "c hunter2-of-tests"
        )
        #expect(problem.summary == "a ***" && problem.subject == .option("***"))
        #expect(problem.reason == "b ***" && problem.hint == "c ***")
        problem.summary = "hunter2-of-tests"
        problem.reason = "hunter2-of-tests"
        problem.hint = "hunter2-of-tests"
        problem.subject = .image("hunter2-of-tests")
        #expect(problem.summary == "***" && problem.subject == .image("***"))
        #expect(problem.reason == "***" && problem.hint == "***")
    }
}
