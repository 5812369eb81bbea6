import ELF
import Findings
import Gate
import Layers
import OCI
import Testing

/// What hints say of other bases: only what the same checks find there.
@Suite("Bases on which nothing is missing")
struct BaseAdviceTests {
    private static let triplet = "/usr/lib/x86_64-linux-gnu"

    /// A base with Debian's loader, and libraries beside it.
    private static func base(
        _ name: String,
        size: Int64 = 1,
        glibc: [String] = ["GLIBC_2.2.5", "GLIBC_2.36"],
        _ libraries: [(String, FileFacts)] = [],
        entrypoint: [String] = []
    ) -> AlternativeBase {
        var files: [(path: EntryPath, kind: EntryKind, facts: FileFacts?)] = [
            link("/lib", "usr/lib"), link("/lib64", "usr/lib64"),
            link("/usr/lib64/ld-linux-x86-64.so.2", "../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"),
            file("\(triplet)/ld-linux-x86-64.so.2", .library("ld-linux-x86-64.so.2")),
            file("\(triplet)/libc.so.6", .library("libc.so.6", needed: ["ld-linux-x86-64.so.2"], defines: glibc)),
        ]
        for (path, facts) in libraries { files.append(file(path.contains("/") ? path : "\(triplet)/\(path)", facts)) }
        return AlternativeBase(name, size: size, entrypoint: entrypoint, files)
    }

    private static func file(_ path: String, _ facts: FileFacts) -> (
        path: EntryPath, kind: EntryKind, facts: FileFacts?
    ) {
        (EntryPath(normalizing: path), .file, facts)
    }

    private static func link(_ path: String, _ target: String) -> (path: EntryPath, kind: EntryKind, facts: FileFacts?)
    {
        (EntryPath(normalizing: path), .symlink(target: Array(target.utf8)), nil)
    }

    private static func hints(
        _ root: LibraryRoot,
        on bases: [AlternativeBase],
        base: String? = "debian12/base",
        starting program: String = "/app/server"
    ) throws -> [String] {
        let image = GatedImage(
            root: root,
            platform: Platform(os: "linux", architecture: "amd64"),
            execution: ImageConfig.Execution(entrypoint: [program]),
            base: base
        )
        let alternatives = AlternativeBases(for: "./server") { _ in bases }
        return try ImageGate.findings(in: image, weighing: alternatives).filter { $0.severity == .error }.compactMap(
            \.hint
        )
    }

    private static let cxx = ("libstdc++.so.6", FileFacts.library("libstdc++.so.6", needed: ["libc.so.6"]))

    @Test("a base is named for all findings together: the one that has the library lacks the version")
    func together() throws {
        var root = LibraryRoot.debian()
        root.file(
            "/app/server",
            .program(["libstdc++.so.6", "libc.so.6"], versions: [VersionNeed("libc.so.6", "GLIBC_2.38")])
        )
        let new = ["GLIBC_2.2.5", "GLIBC_2.38"]
        let bases = [
            Self.base("debian13/base", size: 1, glibc: new), Self.base("debian13/cc", size: 3, glibc: new, [Self.cxx]),
            Self.base("debian12/cc", size: 2, [Self.cxx]),
        ]
        let hints = try Self.hints(root, on: bases)
        #expect(hints.count == 2)
        #expect(hints.allSatisfy { $0.hasPrefix("works with `--base debian13/cc`, or ") }, "\(hints)")
        // Without the one that has both, what is missing on the next is said, and no base is said to work.
        let rest = try Self.hints(root, on: bases.filter { $0.name != "debian13/cc" })
        #expect(
            rest.contains {
                $0.hasPrefix("choose `debian12/cc`, which has it; what is left there: `/app/server` needs GLIBC_2.38")
            },
            "\(rest)"
        )
        #expect(!rest.contains { $0.contains("works with") }, "\(rest)")
    }

    @Test("the same kind of base in another release goes before a smaller one")
    func sameKind() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(versions: [VersionNeed("libc.so.6", "GLIBC_2.38")]))
        let bases = ["debian13/base-nossl", "debian13/base", "debian13/cc"].map {
            Self.base($0, size: Int64($0.utf8.count), glibc: ["GLIBC_2.38"])
        }
        #expect(try Self.hints(root, on: bases) == ["works with `--base debian13/base`, or link statically"])
    }

    @Test("beside a large base that happens to have a library, the small one that lacks only it is named")
    func large() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(["libpcre2-8.so.0", "libc.so.6"]))
        let library = ("libpcre2-8.so.0", FileFacts.library("libpcre2-8.so.0", needed: ["libc.so.6"]))
        let java = Self.base("debian12/java-headless", size: 82_000_000, [library])
        let small = Self.base("debian12/base-nossl", size: 3_300_000)
        let works = "works with `--base debian12/java-headless`"
        let hint = try #require(try Self.hints(root, on: [java, small]).first)
        #expect(
            hint.hasPrefix(
                works + " (82.0 MB); the smaller `debian12/base-nossl` (3.3 MB) lacks only `libpcre2-8.so.0`: "
                    + "Debian's package `libpcre2-8-0` has it, for a base of your own, or "
            ),
            "\(hint)"
        )
        // The image's own base is the first of those that lack as much.
        let own = Self.base("debian12/base", size: 5_300_000)
        #expect(try Self.hints(root, on: [java, small, own]).first?.contains("the smaller `debian12/base` (") == true)
        let middling = Self.base("debian12/nodejs", size: 30_000_000)
        #expect(try Self.hints(root, on: [java, middling]).first?.hasPrefix(works + ", or ") == true)
    }

    @Test("a base that has a library of the name and cannot load it is not named")
    func unusable() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(["libx.so.1", "libc.so.6"]))
        let broken = ("libx.so.1", FileFacts.library("libx.so.1", needed: ["libgone.so.1"]))
        let hints = try Self.hints(root, on: [Self.base("debian12/x", [broken])])
        #expect(!hints.contains { $0.contains("works with") }, "\(hints)")
    }

    @Test("a library that no base has is named with Debian's package, and with the command that weighs all bases")
    func package() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(["libGL.so.1", "libc.so.6"]))
        #expect(
            try Self.hints(root, on: [Self.base("debian12/cc", [Self.cxx])]) == [
                "no base of the catalogue has it: Debian's package `libgl1` has it, for a base of your own, or add the file with "
                    + "`--add`, or link statically; `coracle advise ./server` weighs all bases"
            ]
        )
    }

    @Test(
        "packages have the names of the image's own release",
        arguments: [("debian12/base", ""), ("debian13/base", "t64")]
    )
    func release(base: String, end: String) throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(["libcurl.so.4", "libc.so.6"]))
        let bases = ["debian13/base", "debian12/base"].map { Self.base($0) }
        let hints = try Self.hints(root, on: bases, base: base)
        #expect(hints.first?.contains("Debian's package `libcurl4\(end)` has it") == true, "\(hints)")
    }

    @Test("a module for another Python goes on the base that has that Python, by the name that it has there")
    func python() throws {
        var root = LibraryRoot.debian()
        root.file("/usr/bin/python3.11", .program())
        root.file("/app/main.py", content: Array("import fast\n".utf8))
        root.file("/app/fast.cpython-313-x86_64-linux-gnu.so", .library("fast"))
        let python = Self.base(
            "debian13/python3",
            [("/usr/bin/python3.13", .program())],
            entrypoint: ["/usr/bin/python3.13"]
        )
        let image = GatedImage(
            root: root,
            platform: Platform(os: "linux", architecture: "amd64"),
            execution: ImageConfig.Execution(entrypoint: ["/usr/bin/python3.11", "/app/main.py"]),
            base: "debian12/python3"
        )
        let findings = try ImageGate.findings(in: image, weighing: AlternativeBases(for: nil) { _ in [python] })
        let finding = try #require(findings.first { $0.rule.code == "run.python-tag" })
        #expect(finding.hint?.hasSuffix("or choose `debian13/python3`, where nothing is missing") == true, "\(finding)")
    }

    @Test("a hint for a program without a base names the smallest that has its loader and its libraries")
    func scratch() throws {
        var root = LibraryRoot()
        root.file("/app/server", .program())
        let bases = [Self.base("debian13/cc", size: 3, [Self.cxx]), Self.base("debian13/base", size: 2)]
        let hints = try Self.hints(root, on: bases, base: nil)
        #expect(
            hints.first?.hasPrefix("works with `--base debian13/base`, or link it statically: ") == true,
            "\(hints)"
        )
    }

    @Test("a base with the loader is nearer than one without, whatever else is missing")
    func loader() throws {
        var root = LibraryRoot()
        root.file("/app/server", .program(["libgone.so.1", "libc.so.6"]))
        let bases = [
            AlternativeBase("debian13/static", size: 1, entrypoint: [], []), Self.base("debian13/base", size: 2),
        ]
        let hints = try Self.hints(root, on: bases, base: nil)
        let start = "choose `debian13/base`, which has it; what is left there: `libgone.so.1` is missing, or "
        #expect(hints.first?.hasPrefix(start) == true, "\(hints)")
    }

    @Test("without an error no base is asked")
    func nothingMissing() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program())
        let image = GatedImage(
            root: root,
            platform: Platform(os: "linux", architecture: "amd64"),
            execution: ImageConfig.Execution(entrypoint: ["/app/server"]),
            base: "debian12/base"
        )
        let bases = AlternativeBases(for: nil) { _ in
            Issue.record("the bases were loaded")
            return []
        }
        #expect(try ImageGate.findings(in: image, weighing: bases).filter { $0.severity == .error }.isEmpty)
    }
}
