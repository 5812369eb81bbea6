import ELF
import Findings
import Gate
import Testing

@Suite("How a program is linked statically")
struct StaticLinkingTests {
    @Test(
        "the program's language decides, which its file shows",
        arguments: [
            ("\0swift_getTypeByMangledName\0 GCC: (Debian 12.2.0) 12.2.0", "Swift with `swift build"),
            ("\0NimMain\0 GCC: (Debian 12.2.0)", "Nim with `--passL:-static`"),
            ("c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2", ".NET with `PublishAot`"),
            ("GCC: (Debian 12.2.0-14) 12.2.0", "C and C++ with `-static`"), ("clang version 19.1.0", "C and C++ with"),
            ("/usr/src/rustc-1.63.0/library/core/src/fmt.rs\0GCC: (Debian 12.2.0)", "Rust with a musl target"),
            ("nothing that is known", "Go with `CGO_ENABLED=0`, Rust with"),
        ]
    )
    func language(content: String, way: String) throws {
        var root = LibraryRoot()
        let bytes = Array("\u{7F}ELF".utf8) + [UInt8](repeating: 0, count: 2 << 20) + Array(content.utf8)
        root.file("/app/server", .program(), content: bytes)
        let finding = try #require(try root.findings(base: nil).first { $0.rule.code == "run.loader-missing" })
        #expect(finding.hint?.contains("link it statically: \(way)") == true, "\(finding.hint ?? "")")
    }
}
