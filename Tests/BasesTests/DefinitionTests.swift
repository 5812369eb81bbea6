import Bases
import ByteIO
import Diagnostics
import Layers
import OCI
import TestSupport
import Testing

@Suite("Definitions of bases")
struct DefinitionTests {
    private static let plain = "for: a test\nend-of-life: 2028-06-30\npackages: [libc6]\n"

    private static func parse(_ text: String, named name: String = "mine") -> Result<BaseDefinition, Diagnostic> {
        do throws(Diagnostic) {
            let suite = try DebianSuite(named: "debian12")
            return .success(try BaseDefinition(parsing: Array(text.utf8), named: name, of: suite, from: "mine.yaml"))
        } catch {
            return .failure(error)
        }
    }

    @Test("all keys are read")
    func all() throws {
        let text = """
            name: mine
            for: what I need
            packages:
              - libc6
              - libstdc++6
            user: root
            env:
              LANG: C.UTF-8
              N: 1
            entrypoint: [/usr/bin/it, --go]
            files:
              /etc/motd: |
                hello
            links:
              /usr/bin/python3: python3.11
            end-of-life: 2028-06-30
            size: 20 MB
            parts:
              libc6: [/usr/lib/x, /sbin/ldconfig]

            """
        let base = try Self.parse(text).get()
        #expect(base.fullName == "debian12/mine")
        #expect(base.purpose == "what I need")
        #expect(base.packages == ["libc6", "libstdc++6"])
        #expect(base.isRootByDefault)
        #expect(base.env == ["LANG=C.UTF-8", "N=1"])
        #expect(base.entrypoint == ["/usr/bin/it", "--go"])
        #expect(
            base.files == [
                .init(path: try EntryPath(absolute: "/etc/motd"), content: .text(Array("hello\n".utf8))),
                .init(path: try EntryPath(absolute: "/usr/bin/python3"), content: .symlink(target: "python3.11")),
            ]
        )
        #expect(base.endOfLife == "2028-06-30")
        #expect(base.size == "20 MB")
        #expect(base.parts.mapValues { $0.map(\.description) } == ["libc6": ["/sbin/ldconfig", "/usr/lib/x"]])
        #expect(base.libc == "glibc")
        #expect(!base.hasShell)
    }

    @Test(
        "problems are reported with line and column",
        arguments: [
            (plain + "pakcages: []\n", "mine.yaml:4", "column 1: `pakcages` is not known"),
            (plain + "user: alice\n", "mine.yaml:4", "column 7: `user`: `alice` is neither `root` nor `nonroot`"),
            (plain + "name: other\n", "mine.yaml:4", "column 7: `name`: by the file's name it is `mine`"),
            (plain + "env: [A]\n", "mine.yaml:4", "column 6: `env`: expected a mapping, found a list"),
            (plain + "env: {A=B: c}\n", "mine.yaml:4", "column 12: `env.A=B`: `A=B` is not a variable"),
            (plain + "entrypoint: /bin/x\n", "mine.yaml:4", "column 13: `entrypoint`: expected a list, found text"),
            (plain + "entrypoint: []\n", "mine.yaml:4", "column 13: `entrypoint`: it has no program"),
            (plain + "files: {etc/x: a}\n", "mine.yaml:4", "column 16: `files.etc/x`: it does not begin with `/`"),
            (plain + "files: {/a/../b: a}\n", "mine.yaml:4", "column 18: `files./a/../b`: it has the component `..`"),
            (
                plain + "files: {/a: a}\nlinks: {/a: b}\n", "mine.yaml:5",
                "column 13: `links./a`: there is something else at `/a`"
            ),
            (
                "for: a\nend-of-life: 2028-06-30\npackages: []\n", "mine.yaml:3",
                "column 11: `packages`: it has no package"
            ),
            (
                "for: a\nend-of-life: 2028-06-30\npackages: [a+, a+]\n", "mine.yaml:3",
                "column 16: `packages[1]`: `a+` stands twice"
            ),
            (
                "for: a\nend-of-life: 2028-06-30\npackages: [../x]\n", "mine.yaml:3",
                "column 12: `packages[0]`: `../x` is not a package name"
            ),
            (
                "for: a\nend-of-life: soon\npackages: [ab]\n", "mine.yaml:2",
                "column 14: `end-of-life`: `soon` is not a date such as `2028-06-30`"
            ),
            ("for: a\npackages: [ab]\n", "mine.yaml:1", "column 1: `end-of-life` is missing"),
        ]
    )
    func malformed(text: String, place: String, reason: String) {
        guard case .failure(let problem) = Self.parse(text) else {
            Issue.record("it was read")
            return
        }
        #expect(problem.subject?.description == place)
        #expect(problem.reason == reason)
        #expect(problem.code.category == .input)
    }

    @Test("its digest depends only on its packages and their order")
    func digest() throws {
        let base = try Self.parse(Self.plain).get()
        #expect(try Self.parse(Self.plain + "user: root\nsize: 3\n").get().digest == base.digest)
        let more = "for: a test\nend-of-life: 2028-06-30\npackages: [libc6, zlib1g]\n"
        let turned = "for: a test\nend-of-life: 2028-06-30\npackages: [zlib1g, libc6]\n"
        #expect(Set([base.digest, try Self.parse(more).get().digest, try Self.parse(turned).get().digest]).count == 3)
    }

    @Test(
        "the words behind the colon",
        arguments: [
            ("debug", BaseVariant(isDebug: true)), ("slim", BaseVariant(isSlim: true)),
            ("root", BaseVariant(isRoot: true)), ("nonroot", BaseVariant(isRoot: false)),
            ("debug-slim-nonroot", BaseVariant(isDebug: true, isSlim: true, isRoot: false)),
        ]
    )
    func variants(text: String, variant: BaseVariant) throws {
        #expect(try BaseVariant(parsing: text) == variant)
        #expect(variant.description == text)
    }

    @Test("words that say nothing are refused", arguments: ["", "latest", "debug-debug", "root-nonroot", "debug-"])
    func unknownVariants(text: String) {
        #expect(throws: Diagnostic.self) { try BaseVariant(parsing: text) }
    }
}
