import Diagnostics
import OCI
import Testing

@Suite("Platforms")
struct PlatformTests {
    @Test(
        "a platform is written OS/ARCHITECTURE[/VARIANT]",
        arguments: [
            ("linux/amd64", Platform(os: "linux", architecture: "amd64")),
            ("linux/arm/v7", Platform(os: "linux", architecture: "arm", variant: "v7")),
            ("windows/amd64", Platform(os: "windows", architecture: "amd64")),
        ]
    )
    func accepted(text: String, platform: Platform) throws {
        #expect(try Platform(parsing: text) == platform)
        #expect(platform.description == text)
    }

    @Test(
        "what is not a platform is refused",
        arguments: [
            "", "linux", "linux/", "/amd64", "linux//v8", "linux/arm/v7/x", "Linux/amd64", "linux/amd64 ", "linux/a-b",
            "linux/é",
        ]
    )
    func refused(text: String) throws {
        let error = #expect(throws: Diagnostic.self) { try Platform(parsing: text) }
        #expect(error?.code == .platformMalformed)
    }

    @Test(
        "an omitted variant is the usual one",
        arguments: [
            ("linux/amd64", "linux/amd64", true), ("linux/arm64", "linux/arm64/v8", true),
            ("linux/arm", "linux/arm/v7", true),
            ("linux/arm", "linux/arm/v6", false), ("linux/arm64/v8", "linux/arm64/v9", false),
            ("linux/amd64", "linux/amd64/v3", false),
            ("linux/amd64/v3", "linux/amd64/v3", true), ("linux/amd64", "linux/arm64", false),
            ("linux/amd64", "windows/amd64", false),
        ]
    )
    func matching(one: String, other: String, matches: Bool) throws {
        let (one, other) = (try Platform(parsing: one), try Platform(parsing: other))
        #expect(one.matches(other) == matches)
        #expect(other.matches(one) == matches)
    }

    @Test(
        "a platform is also understood as the kernel and engines write it",
        arguments: [
            ("linux/x86_64", "linux/amd64"), ("linux/x86-64", "linux/amd64"), ("linux/aarch64", "linux/arm64"),
            ("linux/armhf", "linux/arm/v7"), ("amd64", "linux/amd64"), ("aarch64", "linux/arm64"),
            ("riscv64", "linux/riscv64"), ("linux/i386", "linux/386"),
        ]
    )
    func otherNames(text: String, platform: String) throws {
        #expect(try Platform(parsing: text).description == platform)
    }

    @Test("the usual variant of arm64 is left out, and no other")
    func normalized() throws {
        for (text, expected) in [
            ("linux/arm64/v8", "linux/arm64"), ("linux/arm64/v9", "linux/arm64/v9"), ("linux/arm/v8", "linux/arm/v8"),
        ] {
            #expect(try Platform(parsing: text).normalized.description == expected)
        }
    }

    @Test("a config's empty variant is absent")
    func emptyVariant() throws {
        let json = try JSON(parsing: Array(#"{"os":"linux","architecture":"amd64","variant":""}"#.utf8), named: "x")
        #expect(try Platform(json, named: "x") == Platform(os: "linux", architecture: "amd64"))
    }
}
