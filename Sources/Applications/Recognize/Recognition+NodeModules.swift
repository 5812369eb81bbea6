import Layers
import OCI

extension Recognition {
    /// More packages are not looked into.
    private static let mostPackages = 5000

    /// A file beside the started one that it loads, and that is not there.
    ///
    /// Only what is certain: a text that is loaded where a line begins, and not in a `try`, which would catch it.
    func missingFile(of file: String) -> RecognizedApplication.Problem? {
        guard let bytes = contents.read(file) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard !text.contains("try {"), !text.contains("try{") else { return nil }
        let directory = file.split(separator: "/").dropLast().joined(separator: "/")
        for line in text.split(whereSeparator: \.isNewline) {
            guard let name = NodeImport(line)?.name, name.hasPrefix("./") || name.hasPrefix("../") else { continue }
            let path = directory.isEmpty ? name : "\(directory)/\(name)"
            guard let place = Self.normalized(path), !isThere(place) else { continue }
            return RecognizedApplication.Problem(
                summary: "`\(self.place(file))` loads `\(name)`, which is not there",
                reason: "there is no `\(self.place(place))`, with any ending that node tries",
                hint: "look at the ignore file and at what the build step writes, and build again"
            )
        }
        return nil
    }

    /// Whether node finds something under `name`, which has no dots in it.
    private func isThere(_ name: String) -> Bool {
        if contents.hasFile(name) || contents.hasDirectory(name) { return true }
        return [".js", ".json", ".node", ".mjs", ".cjs", ".ts"].contains { contents.hasFile(name + $0) }
    }

    /// `name` without dots; `nil` if it leads out of the directory.
    private static func normalized(_ name: String) -> String? {
        var parts = [Substring]()
        for part in name.split(separator: "/") where part != "." {
            if part == ".." {
                guard parts.popLast() != nil else { return nil }
            } else {
                parts.append(part)
            }
        }
        return parts.joined(separator: "/")
    }

    /// A package that another one depends on, and that is not where node would find it.
    package struct LackingPackage: Hashable {
        /// The place of the package that lacks it, relative to the directory.
        package let package: String
        package let name: String
        /// Number of others.
        package let others: Int
    }

    /// What `npm ls` would call missing: dependencies of installed packages that cannot be found from their places; of the
    /// application itself, if nothing is installed.
    package var lackingPackage: LackingPackage? {
        if !contents.hasDirectory("node_modules") {
            let bytes = contents.read("package.json") ?? []
            let names = (try? JSON(parsing: bytes, named: "package.json"))?["dependencies"]?.objectValue?.keys ?? []
            return names.first.map { LackingPackage(package: "package.json", name: $0, others: names.count - 1) }
        }
        var lacking = [(package: String, name: String)]()
        let manifests = contents.entries { $0.suffix(13).elementsEqual("/package.json".utf8) }
        for entry in manifests.prefix(Self.mostPackages) {
            guard let name = contents.name(of: entry.path), let directory = Self.package(of: name),
                let bytes = contents.read(name), let package = try? JSON(parsing: bytes, named: name),
                let dependencies = package["dependencies"]?.objectValue
            else { continue }
            let optional = Set(package["optionalDependencies"]?.objectValue?.keys ?? [])
            for dependency in dependencies.keys where !optional.contains(dependency) {
                if !isFound(dependency, from: directory) { lacking.append((directory, dependency)) }
            }
        }
        return lacking.first.map { LackingPackage(package: $0.package, name: $0.name, others: lacking.count - 1) }
    }

    /// The directory of the installed package whose `package.json` is `name`; `nil` for others, such as those of a
    /// package's own tests.
    private static func package(of name: String) -> String? {
        let parts = name.split(separator: "/").dropLast()
        var rest = parts[...]
        guard rest.first == "node_modules" else { return nil }
        while rest.first == "node_modules" {
            rest.removeFirst()
            // pnpm's store has a directory of its own for each package.
            if rest.first == ".pnpm" { rest = rest.dropFirst(2) }
            guard rest.first != "node_modules" else { continue }
            rest = rest.dropFirst(rest.first?.hasPrefix("@") ?? false ? 2 : 1)
        }
        return rest.isEmpty ? parts.joined(separator: "/") : nil
    }

    private func isFound(_ name: String, from directory: String) -> Bool {
        var parts = directory.split(separator: "/")
        while true {
            let start = parts.isEmpty ? "" : parts.joined(separator: "/") + "/"
            if parts.last != "node_modules", contents.hasDirectory("\(start)node_modules/\(name)") { return true }
            guard parts.popLast() != nil else { return false }
        }
    }
}

/// A line of a script that loads another one by a text.
struct NodeImport {
    let name: String

    /// `import … from "NAME"`, `import "NAME"`, `const x = require("NAME")`; `nil` for other lines.
    init?(_ line: Substring) {
        let isImport = line.hasPrefix("import ") || line.hasPrefix("} from ")
        let isRequire = ["const ", "let ", "var ", "require("].contains(where: line.hasPrefix)
        let start: Substring?
        if isImport {
            start = line.firstRange(of: " from ").map { line[$0.upperBound...] } ?? line.dropFirst("import ".count)
        } else if isRequire {
            start = line.firstRange(of: "require(").map { line[$0.upperBound...] }
        } else {
            return nil
        }
        guard let text = start?.drop(while: { $0 == " " }), let quote = text.first, quote == "\"" || quote == "'",
            let end = text.dropFirst().firstIndex(of: quote)
        else { return nil }
        name = String(text[text.index(after: text.startIndex)..<end])
    }
}
