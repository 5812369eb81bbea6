import Diagnostics
import Testing

@testable import Apk

@Suite("Versions of apk packages")
struct ApkVersionTests {
    /// Each is older than the next.
    private static let ascending = [
        "0.1", "0.9.8z-r0", "0.99e", "0.99f7-r0", "0.99f10", "1.0_alpha-r0", "1.0_alpha2-r0", "1.0_beta-r0",
        "1.0_pre1-r0",
        "1.0_rc1-r9", "1.0", "1.0-r0", "1.0-r1", "1.0-r10", "1.0_cvs1", "1.0_svn1", "1.0_git20220924-r4", "1.0_hg1",
        "1.0_p1", "1.0_p2-r1", "1.0a", "1.0b", "1.0.1", "1.05", "1.1", "1.2.3-r5", "1.10", "2", "20230506-r0",
        "99999999999999999999999999",
    ]

    @Test(
        "versions are ordered as apk orders them: suffixes before a release, then the release, revisions, suffixes behind it"
    )
    func order() throws {
        let versions = try Self.ascending.map { try ApkVersion(parsing: $0) }
        for (index, version) in versions.enumerated() {
            for other in versions[(index + 1)...] {
                #expect(version < other, "\(version) < \(other)")
                #expect(!(other < version), "\(other) < \(version)")
            }
        }
    }

    @Test(
        "what is written in two ways is one version",
        arguments: [("1.2", "1.2"), ("01.2", "1.2"), ("1.2-r01", "1.2-r1")]
    )
    func equal(left: String, right: String) throws {
        #expect(try ApkVersion(parsing: left) == ApkVersion(parsing: right))
    }

    @Test(
        "what is not a version is refused",
        arguments: [
            "", "a", "1.", "1..2", "1.2-", "1.2-r", "1.2_", "1.2_foo1", "1.2ab", "1:2", "1.2-r1-r2", "1.2~", "1.2 ",
        ]
            + [String(repeating: "1", count: 256)]
    )
    func malformed(text: String) {
        #expect {
            try ApkVersion(parsing: text)
        } throws: {
            ($0 as? Diagnostic)?.code == .apkVersionMalformed
        }
    }

    @Test(
        "dependencies allow what their relation says",
        arguments: [
            ("a", "1", true), ("a=1.2", "1.2", true), ("a=1.2", "1.2-r0", false), ("a>=1.2", "1.2-r0", true),
            ("a>1.2", "1.2", false), ("a<1.2", "1.1.9", true), ("a<=1.2", "1.2", true), ("a<=1.2", "1.3", false),
            ("a~1.2", "1.2.3-r4", true), ("a~1.2", "1.20", false), ("a=~1.2", "1.2-r9", true), ("a@edge>=2", "2", true),
        ]
    )
    func relations(text: String, version: String, isAllowed: Bool) throws {
        let dependency = try #require(ApkDependency(text))
        #expect(dependency.name == "a")
        #expect(dependency.allows(try ApkVersion(parsing: version)) == isAllowed)
    }

    @Test("dependencies are on packages, libraries, commands and paths, and some are conflicts")
    func names() throws {
        for (text, name) in [
            ("so:libc.musl-x86_64.so.1", "so:libc.musl-x86_64.so.1"), ("cmd:sh", "cmd:sh"), ("/bin/sh", "/bin/sh"),
            ("py3.11-pip>=1", "py3.11-pip"), ("pc:zlib>=1.2", "pc:zlib"),
        ] {
            #expect(try #require(ApkDependency(text)).name == name)
        }
        #expect(try #require(ApkDependency("!libressl")).isConflict)
        for text in ["", "!", "=1", "a=", "a=x", "a<>1"] { #expect(ApkDependency(text) == nil, "\(text)") }
        // What has no version does not fit a dependency with one.
        #expect(try #require(ApkDependency("so:a>=1")).allows(nil) == false)
        #expect(ApkProvision("so:libz.so.1=1.3.1").version?.description == "1.3.1")
        #expect(ApkProvision("/bin/sh").version == nil)
    }
}
