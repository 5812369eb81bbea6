import TestSupport
import Testing

/// Documentation/errors.md lists what the sources declare. Its sentences are written by hand; codes and exit statuses are not.
///
/// With CORACLE_GOLDEN=update in the environment the page is written again, with an empty sentence for a new code.
@Suite("The page of errors lists every code with its exit status")
struct GoldenErrorListTests {
    private static let file = "\(Example.repository)/Documentation/errors.md"

    /// One declaration in the sources.
    struct Declaration: Hashable {
        let code: String
        /// A category of diagnostics, or a severity of rules.
        let kind: String
        /// What a rule says is wrong; empty for other codes.
        var title = ""
    }

    /// The categories in the order of their exit statuses, which begin with 1.
    static let categories: [(name: String, heading: String)] = [
        ("bug", "A bug in coracle: please report it"),
        ("usage", "The command line, or the syntax of a reference"),
        ("input", "An input: a directory, a program, a certificate or configuration file"),
        ("verification", "Content that does not verify, or that is not supported"),
        ("authentication", "Authentication at a registry"),
        ("network", "A network or a registry, after all retries"),
        ("notFound", "Something that does not exist"),
        ("localIO", "This machine: a full disk, a missing permission or directory"),
    ]

    @Test("the page is what the sources give")
    func page() throws {
        let (codes, rules) = try Self.declarations()
        try #require(codes.count > 150 && rules.count > 40, "the declarations look different now")
        let shown = String(decoding: try readFile(Self.file), as: UTF8.self)
        let page = Self.page(codes, rules, try Self.sentences(in: shown))
        if Environment.current["CORACLE_GOLDEN"] == "update" {
            try writeFile(Self.file, page)
        } else {
            #expect(shown == page, "`make golden` writes Documentation/errors.md again")
        }
    }

    @Test("every code has one whole sentence")
    func everySentence() throws {
        let (codes, _) = try Self.declarations()
        let sentences = try Self.sentences(in: String(decoding: try readFile(Self.file), as: UTF8.self))
        for declaration in codes {
            let sentence = sentences[declaration.code, default: ""]
            #expect(sentence.count > 12 && sentence.hasSuffix("."), "\(declaration.code): \(sentence)")
        }
    }

    @Test("no code is declared twice")
    func unique() throws {
        let (codes, rules) = try Self.declarations()
        let names = (codes + rules).map(\.code)
        #expect(Set(names).count == names.count)
    }

    private static func declarations() throws -> (codes: [Declaration], rules: [Declaration]) {
        let names = Set(categories.map(\.name) + ["policy"])
        var (codes, rules) = ([Declaration](), [Declaration]())
        let files = try Command("find", ["\(Example.repository)/Sources", "-name", "*.swift"]).output()
        for file in files.split(separator: "\n") {
            let text = String(decoding: try readFile(String(file)), as: UTF8.self)
            for found in text.matches(of: #/= *[A-Za-z.]+\(\s*"([a-z0-9]+\.[a-z0-9-]+)",\s*\.([A-Za-z]+)\s*\)/#)
            where names.contains(String(found.2)) {
                codes.append(Declaration(code: String(found.1), kind: String(found.2)))
            }
            for found in text.matches(
                of: #/= *[A-Za-z.]+\(\s*"([a-z0-9]+\.[a-z0-9-]+)",\s*\.(note|warning|error),\s*"((?:[^"\\]|\\.)*)"/#
            ) {
                rules.append(Declaration(code: String(found.1), kind: String(found.2), title: String(found.3)))
            }
        }
        return (codes.sorted { $0.code < $1.code }, rules.sorted { $0.code < $1.code })
    }

    /// The last column of the rows that begin with a code.
    private static func sentences(in page: String) throws -> [String: String] {
        var sentences = [String: String]()
        for row in page.matches(of: #/(?m)^\| `([a-z0-9.-]+)` \| (?:error \| )?(.*) \|$/#) {
            sentences[String(row.1)] = String(row.2)
        }
        return sentences
    }

    private static func page(_ codes: [Declaration], _ rules: [Declaration], _ sentences: [String: String]) -> String {
        var text = """
            # Errors

            coracle prints a problem as `error[CODE]: SUMMARY`, with lines `at:`, `because:` and `hint:` below. Codes are stable, for scripts. The exit
            status says who has to act:

            | status | meaning |
            |---:|---|
            | 0 | Done. |

            """
        for (place, category) in categories.enumerated() { text += "| \(place + 1) | \(category.heading). |\n" }
        text += """
            | 9 | A check or a policy refused. |
            | 1, of `diff` | Images are different, and nothing else is wrong. |
            | 130, 143 | Interrupted (SIGINT, SIGTERM). |

            If there are several problems, the status is that of the first. What the list marks as a note is printed as `note: SUMMARY` and does not
            change the status; `--json` has its code.

            This page is generated from the sources: `make golden` rewrites all of it but the sentences.

            """
        for (place, category) in categories.enumerated() {
            text += "\n## \(place + 1): \(category.heading)\n\n| code | meaning |\n|---|---|\n"
            for declaration in codes where declaration.kind == category.name {
                text += "| `\(declaration.code)` | \(sentences[declaration.code, default: ""]) |\n"
            }
        }
        text += """

            ## 9: A check or a policy refused

            The rules of [`check`, `build` and `lint`](checks.md). An error refuses the image; [Rules](rules.md) explains each.

            | rule | severity | what is wrong |
            |---|---|---|

            """
        for code in codes where code.kind == "policy" {
            text += "| `\(code.code)` | error | \(sentences[code.code, default: ""]) |\n"
        }
        for rule in rules {
            let anchor = rule.code.filter { $0 != "." }
            text += "| [`\(rule.code)`](rules.md#\(anchor)) | \(rule.kind) | \(rule.title) |\n"
        }
        return text
    }
}
