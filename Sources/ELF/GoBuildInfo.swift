import Diagnostics

/// What Go's linker notes in every program it makes; stripping does not remove it.
package struct GoBuildInfo: Hashable, Sendable {
    package struct Module: Hashable, Sendable {
        package let path: String
        /// `v1.2.3`, or `(devel)` for the main module.
        package let version: String

        package init(path: String, version: String) {
            self.path = path
            self.version = version
        }
    }

    package struct Dependency: Hashable, Sendable {
        package let module: Module
        /// What a `replace` line in `go.mod` put in its place.
        package let replacement: Module?

        package init(module: Module, replacement: Module? = nil) {
            self.module = module
            self.replacement = replacement
        }
    }

    /// The toolchain's version, such as `go1.19.8`.
    package let version: String
    /// The import path of the package `main`; `nil` for programs built without modules, as are Debian's.
    package private(set) var path: String?
    package private(set) var mainModule: Module?
    package private(set) var dependencies: [Dependency] = []
    /// How it was built: `GOARCH`, `GOARM`, `CGO_ENABLED`, `-tags`, `vcs.revision`, `vcs.time`, `vcs.modified` …
    package private(set) var settings: [String: String] = [:]
    private var sums: [Module: String] = [:]

    /// When the commit it was built from was made, as in RFC 3339: `2024-05-06T07:08:09Z`.
    package var commitTime: String? { settings["vcs.time"] }

    /// Go's hash over the list of a module's files, such as `h1:…=`; `nil` if there is none.
    package func sum(of module: Module) -> String? { sums[module] }

    /// `moduleInformation` is what `go version -m` prints, in lines of words separated by tabs.
    ///
    /// Go, src/runtime/debug/mod.go, ParseBuildInfo. Lines of an unknown kind are passed over.
    init(version: String, moduleInformation: String) {
        self.version = version
        for line in moduleInformation.split(separator: "\n") {
            let words = line.split(separator: "\t", omittingEmptySubsequences: false)
            if words.count > 3, ["mod", "dep", "=>"].contains(words[0]), !words[3].isEmpty {
                sums[Module(path: String(words[1]), version: String(words[2]))] = String(words[3])
            }
            switch (words[0], words.count) {
            case ("path", 2...): path = String(words[1])
            case ("mod", 3...): mainModule = Module(path: String(words[1]), version: String(words[2]))
            case ("dep", 3...):
                dependencies.append(Dependency(module: Module(path: String(words[1]), version: String(words[2]))))
            case ("=>", 3...):
                guard let replaced = dependencies.popLast() else { continue }
                let replacement = Module(path: String(words[1]), version: String(words[2]))
                dependencies.append(Dependency(module: replaced.module, replacement: replacement))
            case ("build", 2...):
                guard let (key, value) = Self.setting(line.dropFirst("build\t".count)) else { continue }
                settings[key] = value
            default: continue
            }
        }
    }

    /// `KEY=VALUE`, either of which may be quoted as in Go.
    private static func setting(_ text: Substring) -> (key: String, value: String)? {
        guard let first = text.first else { return nil }
        if first == "\"" || first == "`" {
            guard let (key, rest) = unquote(text), rest.first == "=" else { return nil }
            return (key, unquote(rest.dropFirst())?.text ?? String(rest.dropFirst()))
        }
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else { return nil }
        let value = text[text.index(after: equals)...]
        return (String(text[..<equals]), unquote(value)?.text ?? String(value))
    }

    /// A Go string literal at the start of `text`, and what follows it; `nil` if there is none that ends.
    private static func unquote(_ text: Substring) -> (text: String, rest: Substring)? {
        guard let quote = text.first, quote == "\"" || quote == "`" else { return nil }
        var content = ""
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            switch character {
            case quote: return (content, rest)
            case "\\" where quote == "\"":
                guard let escaped = rest.popFirst() else { return nil }
                switch escaped {
                case "n": content += "\n"
                case "t": content += "\t"
                case "r": content += "\r"
                case "\\", "\"": content.append(escaped)
                // Other escapes stand for bytes that no setting has: they stay as they are written.
                default: content += "\\\(escaped)"
                }
            default: content.append(character)
            }
        }
        return nil
    }
}
