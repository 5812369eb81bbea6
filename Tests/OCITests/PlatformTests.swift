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

    @Test("a config's empty variant is absent")
    func emptyVariant() throws {
        let json = try JSON(parsing: Array(#"{"os":"linux","architecture":"amd64","variant":""}"#.utf8), named: "x")
        #expect(try Platform(json, named: "x") == Platform(os: "linux", architecture: "amd64"))
    }
}
