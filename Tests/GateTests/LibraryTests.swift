import ELF
import Findings
import Gate
import Layers
import Testing

@Suite("Where the loader finds libraries")
struct LibraryTests {
    /// A program in `/app/bin`, and a library that it needs in one place.
    private func root(_ program: FileFacts, library: String) -> LibraryRoot {
        var root = LibraryRoot.debian()
        root.file("/app/bin/server", program)
        root.file(library, .library("libx.so.1"))
        return root
    }

    @Test(
        "a library is found where ld.so looks for it",
        arguments: [
            ("/usr/lib/x86_64-linux-gnu/libx.so.1", nil, nil), ("/usr/lib/libx.so.1", nil, nil),
            ("/app/lib/libx.so.1", "$ORIGIN/../lib", nil), ("/app/lib/libx.so.1", nil, "$ORIGIN/../lib"),
            ("/app/lib/libx.so.1", "/nowhere:${ORIGIN}/../lib", nil), ("/app/lib/libx.so.1", nil, "/app/lib"),
            ("/app/lib/x86_64-linux-gnu/libx.so.1", nil, "/app/$LIB"),
        ] as [(String, String?, String?)]
    )
    func found(library: String, rpath: String?, runpath: String?) throws {
        let program = FileFacts.program(["libx.so.1", "libc.so.6"], rpath: rpath, runpath: runpath)
        #expect(try root(program, library: library).found(starting: "/app/bin/server") == [])
    }

    @Test("what the image starts cannot do with a library that is where the loader does not look")
    func unreachable() throws {
        let root = root(.program(["libx.so.1"]), library: "/app/lib/libx.so.1")
        let findings = try root.findings(starting: "/app/bin/server")
        #expect(findings.map(\.rule.code) == ["run.library-unreachable"])
        #expect(findings.first?.hint?.contains("LD_LIBRARY_PATH=/app/lib") == true)
        #expect(try root.found(starting: "/app/bin/server", environment: ["LD_LIBRARY_PATH=/x:/app/lib"]) == [])
    }

    @Test("a library that another file has loaded before is a note: libjvm.so is java's")
    func preloaded() throws {
        var root = LibraryRoot.debian()
        root.file("/app/bin/java", .program())
        root.file("/app/lib/libjava.so", .library("libjava.so", needed: ["libjvm.so"]))
        root.file("/app/lib/server/libjvm.so", .library("libjvm.so"))
        #expect(try root.found(starting: "/app/bin/java") == ["run.library-elsewhere /app/lib/libjava.so"])
    }

    @Test("a RUNPATH is a file's own, and an RPATH that of all it loads", arguments: [true, false])
    func inherited(isRunpath: Bool) throws {
        let place = "$ORIGIN/../lib"
        var root = root(
            .program(["liby.so.1"], rpath: isRunpath ? nil : place, runpath: isRunpath ? place : nil),
            library: "/app/lib/libx.so.1"
        )
        root.file("/app/lib/liby.so.1", .library("liby.so.1", needed: ["libx.so.1"]))
        let found = try root.found(starting: "/app/bin/server")
        #expect(found == (isRunpath ? ["run.library-unreachable /app/lib/liby.so.1"] : []))
    }

    @Test("a library for another processor is passed over, as the loader does")
    func otherMachine() throws {
        var root = LibraryRoot.debian()
        root.file("/app/bin/server", .program(["libx.so.1"], runpath: "/opt/arm"))
        root.file("/opt/arm/libx.so.1", .library("libx.so.1", machine: .aarch64, architecture: "arm64"))
        let finding = try #require(try root.findings(starting: "/app/bin/server").first)
        #expect(finding.rule.code == "run.library-missing")
        #expect(finding.reason?.hasPrefix("`/opt/arm/libx.so.1` is for linux/arm64") == true)
        root.file("/usr/lib/libx.so.1", .library("libx.so.1"))
        #expect(try root.found(starting: "/app/bin/server") == [])
    }

    @Test("a missing library of a library is reported with the program that loads it")
    func transitive() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(["libglib.so.0"]))
        root.file("/usr/lib/libglib.so.0", .library("libglib.so.0", needed: ["libatomic.so.1"]))
        let finding = try #require(try root.findings().first)
        #expect(finding.rule.code == "run.library-missing")
        #expect(finding.path?.description == "/usr/lib/libglib.so.0")
        #expect(finding.reason?.hasSuffix("it is loaded for `/app/server`") == true)
    }

    @Test("a file of the base that nothing starts is a note")
    func baseIncomplete() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program())
        root.file("/usr/lib/libglib.so.0", .library("libglib.so.0", needed: ["libatomic.so.1"]))
        #expect(try root.found() == ["run.base-incomplete /usr/lib/libglib.so.0"])
    }

    @Test("libraries that need each other, and themselves, are each loaded once")
    func cycle() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(["liba.so"]))
        root.file("/usr/lib/liba.so", .library("liba.so", needed: ["libb.so", "liba.so"]))
        root.file("/usr/lib/libb.so", .library("libb.so", needed: ["liba.so"]))
        #expect(try root.found() == [])
    }

    @Test("the loader's cache counts, and what it says of files that are gone does not")
    func loaderCache() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(["libx.so.1"]))
        root.file("/opt/x/libx.so.1", .library("libx.so.1"))
        #expect(try root.found() == ["run.library-unreachable /app/server"])
        root.file(
            "/etc/ld.so.cache",
            content: Self.cache([("libx.so.1", "/gone/libx.so.1"), ("libx.so.1", "/opt/x/libx.so.1")])
        )
        #expect(try root.found() == [])
    }

    @Test("a library for some processors only is not relied upon, be it listed or not")
    func someProcessors() throws {
        let place = "/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libx.so.1"
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(["libx.so.1"]))
        root.file(place, .library("libx.so.1"))
        root.file("/etc/ld.so.cache", content: Self.cache([("libx.so.1", place)], processors: 1))
        let finding = try #require(try root.findings().first)
        #expect(finding.rule.code == "run.library-unreachable")
        #expect(finding.summary == "`/app/server` needs `libx.so.1`, which the image has for some processors only")
        root.file("/usr/lib/x86_64-linux-gnu/libx.so.1", .library("libx.so.1"))
        #expect(try root.found() == [])
    }

    /// As ldconfig writes it; for some `processors` only, or for all.
    private static func cache(_ libraries: [(String, String)], processors: Int = 0) -> [UInt8] {
        var (entries, strings) = ([UInt8](), [UInt8]())
        func put(_ number: Int, _ size: Int) { entries += (0..<size).map { UInt8(number >> ($0 * 8) & 0xFF) } }
        let start = 48 + 24 * libraries.count
        for (name, path) in libraries {
            put(0x0303, 4)
            put(start + strings.count, 4)
            strings += name.utf8 + [0]
            put(start + strings.count, 4)
            strings += path.utf8 + [0]
            put(0, 4)
            put(processors, 8)
        }
        var header = Array("glibc-ld.so.cache1.1".utf8)
        for number in [libraries.count, strings.count] { header += (0..<4).map { UInt8(number >> ($0 * 8) & 0xFF) } }
        header += [UInt8](repeating: 0, count: 20)
        return header + entries + strings
    }

    @Test("one missing library is one error, however many files need it")
    func grouped() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(["liba.so", "libb.so", "libz.so.1"], runpath: "/app"))
        for name in ["liba.so", "libb.so"] { root.file("/app/\(name)", .library(name, needed: ["libz.so.1"])) }
        let findings = try root.findings()
        #expect(findings.map(\.rule.code) == ["run.library-missing"])
        #expect(findings.first?.subject == "libz.so.1")
        #expect(findings.first?.places.count == 3)
        #expect(findings.first?.summary.contains("and 2 other files need `libz.so.1`") == true)
    }

    @Test("what nothing loads at the start is a warning: an optional plug-in, a helper that another program may start")
    func carried() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program())
        root.file("/app/plugin.so", .library("plugin.so", needed: ["libtbb.so.12"]))
        root.file("/app/helper", .program(["libpq.so.5"]))
        let findings = try root.findings()
        #expect(
            findings.map { "\($0.severity) \($0.subject ?? "")" } == ["warning libpq.so.5", "warning libtbb.so.12"]
        )
        #expect(
            findings.allSatisfy { $0.reason?.contains("nothing that the image starts is known to load it") == true }
        )
    }

    @Test("programs that a shell script may start are as if they started")
    func behindShell() throws {
        var root = LibraryRoot.debian()
        root.file("/bin/sh", .made(.staticExecutable))
        root.file(
            "/app/start.sh",
            .script(Shebang(interpreter: "/bin/sh", argument: nil, endsInCarriageReturn: false, isTooLong: false))
        )
        root.file("/app/server", .program(["libpq.so.5"]))
        #expect(try root.findings(starting: "/app/start.sh").map(\.severity) == [.error])
    }

    @Test("a plug-in's library that the program has loaded by its SONAME is there")
    func loadedBefore() throws {
        var root = LibraryRoot.debian()
        root.file("/app/bin/server", .program(["libx.so.1"], runpath: "/app/private"))
        root.file("/app/private/libx.so.1", .library("libx.so.1"))
        root.file("/app/plugins/p.so", .library("p.so", needed: ["libx.so.1"]))
        #expect(try root.found(starting: "/app/bin/server") == [])
    }

    @Test("libraries that the container runtime mounts are a note", arguments: ["libcuda.so.1", "libnvidia-ml.so.1"])
    func mounted(library: String) throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program([library]))
        let findings = try root.findings()
        #expect(findings.map { "\($0.rule.code) \($0.severity)" } == ["run.library-mounted note"])
    }

    @Test("the loader fails at a file that has a library's name and is not a library")
    func unusable() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(["libx.so.1"], runpath: "/app/a:/app/b"))
        root.file("/app/b/libx.so.1", .library("libx.so.1"))
        #expect(try root.found() == [])
        root.file("/app/a/libx.so.1", content: Array("version https://git-lfs.github.com/spec/v1\n".utf8))
        let finding = try #require(try root.findings().first)
        #expect(finding.rule.code == "run.library-unusable")
        #expect(finding.reason?.hasPrefix("`/app/a/libx.so.1` is a pointer of git-lfs") == true)
        #expect(finding.hint?.contains("git lfs pull") == true)
    }

    @Test("a dangling symlink is named")
    func dangling() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(["libx.so.1"]))
        root.link("/usr/lib/x86_64-linux-gnu/libx.so.1", "libx.so.1.2.3")
        let finding = try #require(try root.findings().first)
        #expect(finding.rule.code == "run.library-missing")
        #expect(finding.reason?.contains("is a symlink to `libx.so.1.2.3`, which is not there") == true)
    }

    @Test(
        "a C library of another release than the loader is a mistake, and one of the same is not",
        arguments: [true, false]
    )
    func mixedLibc(isSame: Bool) throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(runpath: "/app/lib"))
        root.file(
            "/app/lib/libc.so.6",
            .library("libc.so.6", defines: ["GLIBC_2.2.5", "GLIBC_2.34", isSame ? "GLIBC_2.36" : "GLIBC_2.38"])
        )
        #expect(try root.found() == (isSame ? [] : ["run.libc-mismatch /app/server"]))
    }

    @Test("musl asks for no versions, takes glibc's names for itself, and stops at another machine's file")
    func muslRules() throws {
        let loader = "/lib/ld-musl-x86_64.so.1"
        var root = LibraryRoot()
        root.file(loader, .library("libc.musl-x86_64.so.1", defines: ["X_1"]))
        root.file(
            "/app/server",
            .program(
                ["libc.so.6", "libpthread.so.0", "libx.so.1"],
                loader: loader,
                rpath: "/app/a:/app/b",
                versions: [VersionNeed("libc.so.6", "GLIBC_2.38")]
            )
        )
        root.file("/app/b/libx.so.1", .library("libx.so.1"))
        #expect(try root.found() == [])
        root.file("/app/a/libx.so.1", .library("libx.so.1", machine: .aarch64, architecture: "arm64"))
        #expect(try root.found().first == "run.library-unusable /app/server")
    }

    @Test("musl's loader is the C library under each of its names")
    func musl() throws {
        var root = LibraryRoot()
        root.file("/lib/ld-musl-x86_64.so.1", .library("libc.musl-x86_64.so.1"))
        root.file("/usr/local/lib/libx.so.1", .library("libx.so.1"))
        let loader = "/lib/ld-musl-x86_64.so.1"
        root.file("/app/server", .program(["libx.so.1", "libc.musl-x86_64.so.1", "libpthread.so.1"], loader: loader))
        root.file("/app/native.node", .library("native.node", needed: ["libc.so"]))
        #expect(try root.found() == [])
    }
}
