import ELF
import Findings
import Gate
import Testing

@Suite("Symbol versions")
struct VersionTests {
    @Test("GLIBC_2.38 not found")
    func notFound() throws {
        var root = LibraryRoot.debian()
        root.file(
            "/app/server",
            .program(versions: [VersionNeed("libc.so.6", "GLIBC_2.34", "GLIBC_2.37", "GLIBC_2.38")])
        )
        let findings = try root.findings()
        #expect(findings.map(\.rule.code) == ["run.version-missing"])
        #expect(
            findings.first?.summary == "`/app/server` needs GLIBC_2.38, which the image's `libc.so.6` does not have"
        )
        #expect(
            findings.first?.reason
                == "needs GLIBC_2.38, GLIBC_2.37 from libc.so.6; debian12/base provides up to GLIBC_2.36"
        )
        #expect(findings.first?.hint == "choose a newer base, or link statically")
    }

    @Test(
        "a version is looked up by name, not by number",
        arguments: [
            // glibc 2.31 has no node of its own, and DT_RELR's has no number.
            (["GLIBC_2.2.5", "GLIBC_2.30"], "GLIBC_2.29", true), (["GLIBC_2.2.5", "GLIBC_2.30"], "GLIBC_2.30", false),
            (["GLIBC_2.36"], "GLIBC_ABI_DT_RELR", true),
            (["GLIBC_2.36", "GLIBC_ABI_DT_RELR"], "GLIBC_ABI_DT_RELR", false),
        ]
    )
    func membership(defined: [String], needed: String, isMissing: Bool) throws {
        var root = LibraryRoot.debian(defined)
        root.file("/app/server", .program(versions: [VersionNeed("libc.so.6", needed)]))
        #expect(try root.found() == (isMissing ? ["run.version-missing /app/server"] : []))
    }

    @Test("a weak need is a note")
    func weak() throws {
        var root = LibraryRoot.debian()
        root.file("/app/server", .program(versions: [VersionNeed("libc.so.6", "GLIBC_2.99?")]))
        #expect(try root.found() == ["run.version-weak /app/server"])
    }

    @Test("a library without versions has them all, as far as the loader cares")
    func unversioned() throws {
        var root = LibraryRoot.debian([])
        root.file("/app/server", .program(versions: [VersionNeed("libc.so.6", "GLIBC_2.38")]))
        #expect(try root.found() == [])
    }

    @Test("a version of the C++ library names the base that has it")
    func cxx() throws {
        var root = LibraryRoot.debian()
        root.file("/usr/lib/x86_64-linux-gnu/libstdc++.so.6", .library("libstdc++.so.6", defines: ["GLIBCXX_3.4.30"]))
        root.file(
            "/app/addon.node",
            .library(
                "addon.node",
                needed: ["libstdc++.so.6"],
                versions: [VersionNeed("libstdc++.so.6", "GLIBCXX_3.4.32")]
            )
        )
        let finding = try #require(try root.findings(starting: nil, base: "debian12/nodejs").first)
        #expect(finding.hint == "choose a newer base, or build it on a system as old as the base")
        #expect(finding.reason?.contains("debian12/nodejs provides up to GLIBCXX_3.4.30") == true)
    }
}
