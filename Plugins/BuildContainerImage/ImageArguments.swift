/// What follows `swift package build-container-image`: a few words for the plugin, and all others for `coracle build`.
struct ImageArguments: Hashable {
    /// The product that is built; `nil` if none was named.
    private(set) var product: String?
    /// Built for debugging.
    private(set) var isDebug = false
    /// Linked with the C library of a base.
    private(set) var isDynamic = false
    /// In their order.
    private(set) var others: [String] = []

    struct Mistake: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    /// - Throws: a `Mistake`.
    init(_ words: [String]) throws {
        var rest = words[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            switch parts[0] {
            case "--":
                others += [word] + rest
                rest = []
            case "--product", "-c", "--configuration":
                guard let value = parts.count > 1 ? parts[1] : rest.popFirst(), !value.isEmpty else {
                    throw Mistake(description: "`\(parts[0])` needs a value")
                }
                if parts[0] == "--product" {
                    product = value
                } else if ["debug", "release"].contains(value) {
                    isDebug = value == "debug"
                } else {
                    throw Mistake(description: "`\(value)` is not a configuration: there are debug and release")
                }
            case "--dynamic" where parts.count == 1: isDynamic = true
            case "--bin", "--source", "--file", "-f":
                throw Mistake(description: "`\(parts[0])` says what to build, and the package does: name a `--product`")
            default: others.append(word)
            }
        }
    }

    /// The product that is built, of those that the package called `package` has.
    ///
    /// - Throws: a `Mistake`.
    func chosen(of products: [String], in package: String) throws -> String {
        let list = products.map { "`\($0)`" }.joined(separator: ", ")
        if let product {
            guard products.contains(product) else {
                throw Mistake(
                    description: products.isEmpty
                        ? "the package has no executable product"
                        : "`\(product)` is not an executable product of the package; there are \(list)"
                )
            }
            return product
        }
        guard let first = products.first else { throw Mistake(description: "the package has no executable product") }
        if products.count == 1 { return first }
        if products.contains(package) { return package }
        throw Mistake(description: "name one of \(products.count) products with `--product`: \(list)")
    }

    /// The arguments of coracle for the program at `path`.
    ///
    /// - Parameter layout: where the image goes if nothing says it.
    func command(for path: String, layout: String) -> [String] {
        let options = others.prefix { $0 != "--" }
        func has(_ names: String...) -> Bool {
            options.contains { option in names.contains { option == $0 || option.hasPrefix("\($0)=") } }
        }
        var words = ["build", path]
        if !has("-o", "--output", "--push"), !options.contains(where: { $0.hasPrefix("-o") && $0.count > 2 }) {
            words += ["-o", layout]
        }
        if isDynamic, !has("--base", "-b") { words += ["--base", "debian13/cc"] }
        return words + others
    }
}
