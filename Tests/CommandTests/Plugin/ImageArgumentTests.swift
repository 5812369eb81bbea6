import Testing

/// `ImageArguments` is the plugin's own file: a test cannot import a plugin.
@Suite("The arguments of `swift package build-container-image`")
struct ImageArgumentTests {
    @Test(
        "what is not the plugin's is handed on to coracle",
        arguments: [
            ("", "build P -o L"),
            ("-t shop:1 --push", "build P -t shop:1 --push"),
            ("--product web -o web.tar", "build P -o web.tar"),
            ("--product=web -oweb.tar", "build P -oweb.tar"),
            ("-c debug --output=x.oci", "build P --output=x.oci"),
            ("--dynamic -t shop:1", "build P -o L --base debian13/cc -t shop:1"),
            ("--dynamic --base debian12/cc", "build P -o L --base debian12/cc"),
            ("--cmd=--product -- --product web", "build P -o L --cmd=--product -- --product web"),
        ]
    )
    func command(typed: String, expected: String) throws {
        let arguments = try ImageArguments(typed.split(separator: " ").map(String.init))
        #expect(arguments.command(for: "P", layout: "L").joined(separator: " ") == expected)
    }

    @Test(
        "the product is the one that is named, the only one, or the one that is called as the package is",
        arguments: [
            ("--product web", ["shop", "web"], "web"), ("", ["web"], "web"), ("", ["admin", "shop"], "shop"),
        ]
    )
    func product(typed: String, products: [String], expected: String) throws {
        let arguments = try ImageArguments(typed.split(separator: " ").map(String.init))
        #expect(try arguments.chosen(of: products, in: "shop") == expected)
    }

    @Test(
        "a mistake says what there is",
        arguments: [
            ("--product", [], "`--product` needs a value"),
            ("-c fast", [], "`fast` is not a configuration: there are debug and release"),
            ("--bin web", [], "`--bin` says what to build, and the package does: name a `--product`"),
            ("", [], "the package has no executable product"),
            ("--product web", ["api"], "`web` is not an executable product of the package; there are `api`"),
            ("", ["admin", "api"], "name one of 2 products with `--product`: `admin`, `api`"),
        ]
    )
    func mistake(typed: String, products: [String], expected: String) {
        #expect(throws: ImageArguments.Mistake(description: expected)) {
            let arguments = try ImageArguments(typed.split(separator: " ").map(String.init))
            _ = try arguments.chosen(of: products, in: "shop")
        }
    }
}
