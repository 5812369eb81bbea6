import OCI

extension Recognition {
    /// A `package.json`, and what it says is started: `scripts.start` where that is `node FILE`, else `main`.
    package func node() -> Result? {
        guard let bytes = contents.read("package.json") else { return nil }
        guard let package = try? JSON(parsing: bytes, named: "package.json"), package.objectValue != nil else {
            return .unclear(.node, reason: "`package.json` is not a JSON object")
        }
        var reason = "`package.json` has neither `main` nor `scripts.start`"
        if let start = package["scripts"]?["start"]?.stringValue {
            let words = start.split(separator: " ").map(String.init)
            if words.first == "node", let file = words.dropFirst().first.flatMap(module) {
                return application("`scripts.start` of `package.json`", file, Array(words.dropFirst(2)))
            }
            reason = "`scripts.start` of `package.json` is `\(start)`, and not `node FILE` with a file that is there"
        }
        if let main = package["main"]?.stringValue {
            if let file = module(main) { return application("`main` of `package.json`", file, []) }
            reason = "`main` of `package.json` is `\(main)`, and there is no such file"
        }
        if let file = ["index.js", "server.js"].first(where: contents.hasFile) {
            return application("`package.json` and `\(file)`", file, [])
        }
        return .unclear(.node, reason: reason)
    }

    private func application(_ evidence: String, _ file: String, _ rest: [String]) -> Result {
        .application(
            RecognizedApplication(
                kind: .node,
                evidence: evidence,
                base: ApplicationKind.node.catalogueBase,
                interpreter: "node",
                arguments: [place(file)] + rest,
                dependencies: ["node_modules"].filter(contents.hasDirectory)
            )
        )
    }

    /// The file that node loads for `name`; nil if there is none, and for options and what only a shell understands.
    private func module(_ name: String) -> String? {
        var name = name
        while name.hasPrefix("./") { name = String(name.dropFirst(2)) }
        while name.hasSuffix("/") { name = String(name.dropLast()) }
        guard !name.isEmpty, !name.hasPrefix("-"), !name.hasPrefix("/") else { return nil }
        let candidates = [name, "\(name).js", "\(name).mjs", "\(name).cjs", "\(name)/index.js"]
        return candidates.first(where: contents.hasFile)
    }
}
