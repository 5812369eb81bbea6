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

    // MARK: Definitions that extend others

    /// The definition `mine`, beside others, in a directory.
    private static func mine(_ text: String, beside others: [String: String] = [:]) throws -> BaseDefinition {
        let folder = try TemporaryDirectory()
        try folder.directory("debian13")
        for (name, text) in others.merging(["mine": text], uniquingKeysWith: { $1 }) {
            try folder.file("debian13/\(name).yaml", text)
        }
        let catalogue = BaseCatalogue([try BaseShelf(readingFrom: FilePath(folder.path))])
        return try catalogue.entry(named: "debian13/mine").definition
    }

    @Test("a definition has what the one that it extends has, and its own goes before")
    func extends() throws {
        let parent = """
            for: the parent
            end-of-life: 2028-06-30
            user: root
            env: {A: "1", B: "2"}
            entrypoint: [/usr/bin/parent]
            files: {/etc/motd: parent, /etc/issue: parent}
            parts: {libc-bin: [/usr/bin/locale]}
            packages: [libc6, libc-bin, zlib1g]

            """
        let text = """
            for: mine
            extends: parent
            env: {B: "3"}
            links: {/etc/motd: issue}
            without: [zlib1g]
            packages: [libc6, libicu76]

            """
        let base = try Self.mine(text, beside: ["parent": parent])
        #expect(base.packages == ["libc6", "libc-bin", "libicu76"])
        #expect(base.purpose == "mine")
        #expect(base.endOfLife == "2028-06-30")
        #expect(base.isRootByDefault)
        #expect(base.env == ["A=1", "B=3"])
        #expect(base.entrypoint == ["/usr/bin/parent"])
        #expect(base.files.map(\.path.description) == ["/etc/issue", "/etc/motd"])
        #expect(base.parts.keys.sorted() == ["libc-bin"])
        #expect(base.followed.isEmpty && !base.mustBeWhole)
        // In a directory of one's own, coracle's are there, too, also that of the same name.
        let own = try Self.mine("for: mine\nextends: cc\npackages: [libicu76]\n")
        #expect(own.packages.suffix(2) == ["gcc-14-base", "libicu76"])
        let same = try Self.mine("for: x\nextends: cc\n", beside: ["cc": "for: x\nextends: cc\npackages: [libpq5]\n"])
        #expect(same.packages.suffix(2) == ["gcc-14-base", "libpq5"])
    }

    @Test("whose dependencies are taken, and what is left out, is inherited, and decides the digest")
    func dependencies() throws {
        let parent = "for: x\nend-of-life: 2030-06-30\nwith: dependencies\nwithout: [ab, cd]\npackages: [bash]\n"
        let base = try Self.mine("for: x\nextends: parent\npackages: [cd, dash]\n", beside: ["parent": parent])
        #expect(base.packages == ["bash", "cd", "dash"])
        #expect(base.followed == ["bash"])
        #expect(base.excluded == ["ab"])
        let plain = "for: x\nend-of-life: 2030-06-30\npackages: [bash]\n"
        let with = plain + "with: dependencies\n"
        let digests = try [plain, with, with + "without: [ab]\n"].map { try Self.mine($0).digest }
        #expect(Set(digests).count == 3)
        // Only what decides which packages there are.
        #expect(try Self.mine(plain + "documentation: none\nlacks: [libx.so.1]\n").digest == digests[0])
    }

    @Test(
        "what does not fit together is reported where it stands",
        arguments: [
            ("extends: nothing\n", "column 10: `extends`: there is no definition `nothing` of this release"),
            ("extends: ../cc\n", "column 10: `extends`: `../cc` is not the name of a base of this release"),
            ("with: recommends\n", "column 7: `with`: `recommends` is not `dependencies`"),
            ("documentation: all\n", "column 16: `documentation`: `all` is not `none`"),
            ("without: [libc6]\n", "column 11: `without[0]`: `libc6` is one of its own packages"),
            ("without: [zlib1g]\n", "column 11: `without[0]`: `zlib1g` is not one of the packages that it inherits"),
            ("parts: {bash: [/bin]}\n", "column 15: `parts.bash`: `bash` is not one of the packages"),
        ]
    )
    func unfit(line: String, reason: String) {
        do {
            _ = try Self.mine("for: x\nend-of-life: 2030-06-30\npackages: [libc6]\n" + line)
            Issue.record("it was read")
        } catch {
            #expect((error as? Diagnostic)?.reason == reason)
        }
    }

    @Test("a definition that extends itself, by itself or by others, is refused with the way")
    func circle() throws {
        let circle = ["a": "for: x\nextends: b\n", "b": "for: x\nextends: a\n"]
        for (text, others, way) in [
            ("for: x\nextends: mine\n", [:], "mine.yaml extends mine.yaml"),
            ("for: x\nextends: a\n", circle, "a.yaml extends b.yaml extends a.yaml"),
        ] {
            #expect {
                try Self.mine(text, beside: others)
            } throws: {
                guard let problem = $0 as? Diagnostic, problem.code == .baseExtendsItself else { return false }
                let names = (problem.reason ?? "").split(separator: " ").map { $0.split(separator: "/").last ?? "" }
                return names.joined(separator: " ").hasSuffix(way)
            }
        }
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
