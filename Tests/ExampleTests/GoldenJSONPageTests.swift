import TestSupport
import Testing

/// Documentation/json.md names every member that the commands print, and no other.
///
/// With CORACLE_GOLDEN=update in the environment the examples are written again; the tables are written by hand.
@Suite("The page of JSON documents has the members that the commands print", .serialized)
struct GoldenJSONPageTests {
    private static let file = "\(Example.repository)/Documentation/json.md"

    /// A part of the page below a heading of the second or third level.
    struct Section: CustomTestStringConvertible, Sendable {
        let heading: String
        /// The command whose document it describes, without `coracle`; `nil` for objects that several documents have.
        let command: String?
        /// The rows of its table, in order.
        let members: [Member]

        var testDescription: String { heading }
    }

    /// A row of a table: the path of a member, and what it means.
    struct Member: Hashable, Sendable {
        let path: String
        let isOptional: Bool
        let meaning: String
    }

    @Test("the document has the members of the table", arguments: try sections().filter { $0.command != nil })
    func members(section: Section) throws {
        let workshop = try Workshop()
        let document = try workshop.document(try #require(section.command))
        if Environment.current["CORACLE_GOLDEN"] == "update" { try Self.write(document, below: section) }
        let printed = try Set(workshop.jq(Self.paths, document).split(separator: "\n").map(String.init))
        let documented = try Self.expanded(section.members, by: Self.sections())
        for path in printed.sorted() {
            #expect(documented.contains { $0.describes(path) }, "json.md does not describe `\(path)`")
        }
        for member in documented where !member.isOptional {
            #expect(printed.contains { member.describes($0) }, "\(section.heading) has no `\(member.path)`")
        }
    }

    @Test("every command with `--json` is on the page")
    func everyCommand() throws {
        let headings = try Self.sections().map(\.heading).joined(separator: "\n")
        let commands = [
            "build", "plan", "config", "check", "lint", "advise", "doctor", "inspect", "files", "diff", "validate",
            "push",
            "pull", "copy", "index", "load", "sign", "attest", "verify", "reproduce",
            "digest", "tags", "referrers", "attach", "cache list", "cache show", "cache verify", "cache prune",
            "base list", "base show",
            "base lock",
            "base fetch", "sbom check", "rebase", "outdated", "update",
        ]
        for command in commands {
            #expect(headings.contains("`\(command)`"), "\(command)")
            #expect(
                try Built.coracle(["help"] + command.split(separator: " ").map(String.init)).output().contains("--json")
            )
        }
    }

    // MARK: The page

    private static func sections() throws -> [Section] {
        let page = DocumentationPage(path: "Documentation/json.md")
        var sections = [Section]()
        var (heading, command, members) = ("", String?.none, [Member]())
        for line in try page.text.split(separator: "\n").map(String.init) + ["## "] {
            if line.hasPrefix("## ") || line.hasPrefix("### ") {
                if !members.isEmpty { sections.append(Section(heading: heading, command: command, members: members)) }
                (heading, command, members) = (String(line.drop { $0 == "#" || $0 == " " }), nil, [])
            } else if line.hasPrefix("$ coracle ") {
                command = String(line.dropFirst(10))
            } else if let row = line.wholeMatch(of: #/\| `([^`]+)`( \(optional\))? \| (.*) \|/#) {
                members.append(
                    Member(path: String(row.1), isOptional: row.2 != nil, meaning: String(row.3))
                )
            }
        }
        return sections.filter { $0.heading != "Progress events" }
    }

    /// The members, and in the place of a shared object those of the object.
    private static func expanded(_ members: [Member], by sections: [Section]) throws -> [Member] {
        try members.flatMap { member -> [Member] in
            guard let link = member.meaning.firstMatch(of: #/\]\(#([a-z]+)\)/#), !member.path.hasSuffix("…"),
                let shared = sections.first(where: { $0.heading.lowercased() == link.1 && $0.command == nil })
            else {
                // The members of another document.
                guard let link = member.meaning.firstMatch(of: #/\]\(#([a-z]+)\)/#), member.path.hasSuffix("…"),
                    let other = sections.first(where: { $0.heading == "`\(link.1)`" })
                else { return [member] }
                let prefix = String(member.path.dropLast(1))
                return try expanded(other.members, by: sections).map {
                    Member(path: prefix + $0.path, isOptional: true, meaning: $0.meaning)
                }
            }
            let inner = try expanded(shared.members, by: sections).map {
                Member(
                    path: "\(member.path).\($0.path)",
                    isOptional: $0.isOptional || member.isOptional,
                    meaning: $0.meaning
                )
            }
            return [Member(path: member.path, isOptional: true, meaning: "")] + inner
        }
    }

    /// Puts the document, with arrays cut to their first element, below the command of the section.
    private static func write(_ document: String, below section: Section) throws {
        let workshop = try Workshop()
        let shown = try workshop.jq("walk(if type == \"array\" then .[0:1] else . end)", document, ["--indent", "2"])
        var lines = String(decoding: try readFile(file), as: UTF8.self).components()
        guard let start = lines.firstIndex(of: "$ coracle \(section.command ?? "")"),
            let end = lines[start...].firstIndex(of: "```")
        else { return }
        lines.replaceSubrange((start + 1)..<end, with: shown.split(separator: "\n").map(String.init))
        try writeFile(file, lines.joined(separator: "\n"))
    }

    /// For jq: the path of every member, with `[]` for the elements of arrays.
    private static let paths = """
        [paths | reduce .[] as $part (""; if ($part | type) == "number" then . + "[]" else . + "." + $part end)]
            | map(ltrimstr(".")) | unique | .[]
        """
}

extension GoldenJSONPageTests.Member {
    /// Whether the row describes the member at `path`: itself, what holds it, or what is in it if the row ends with `…`.
    func describes(_ path: String) -> Bool {
        if self.path.hasSuffix("…") {
            let prefix = self.path.dropLast(1)
            return path.hasPrefix(prefix) || prefix.hasPrefix(path)
        }
        let own = self.path.replacing("[]", with: ".[]").split(separator: ".")
        let other = path.replacing("[]", with: ".[]").split(separator: ".")
        return own.count >= other.count && zip(own, other).allSatisfy { $0 == "*" || $0 == $1 }
    }
}

extension String {
    fileprivate func components() -> [String] {
        split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}

/// A directory with what the page's commands take: programs, an image, an images file, bases; and a registry.
private struct Workshop {
    private let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    /// The standard output of `coracle` with the words of `command`.
    func document(_ command: String) throws -> String {
        try prepare()
        var command = command
        // Started for the commands that need one, and stopped at the end.
        let registry = command.contains("localhost:5000") ? try RegistryServer() : nil
        if let registry {
            try type("coracle push server.oci 127.0.0.1:\(registry.port)/me/server:1.0")
            command = command.replacing("localhost:5000", with: "127.0.0.1:\(registry.port)")
            if command.contains("release.pub") {
                try type("coracle sign 127.0.0.1:\(registry.port)/me/server:1.0 --key release.key")
            }
        }
        if command.contains(" Dockerfile") { return try oldBase(command) }
        if command.hasPrefix("referrers") { try type("coracle attach server.oci server.spdx.json") }
        if command.hasPrefix("diff") {
            try place.file("old/server", try readFile(FixtureProgram.go("probe").path()), mode: 0o755)
            try type("coracle build old/server -t ghcr.io/me/server:0.9 --no-ca --env LEVEL=1 -o old.oci")
            // Images that differ.
            command += " || [ $? = 1 ]"
        }
        // The page shows the cache where a user has it.
        let printed = try type("coracle \(command)").replacing(FreshBases.cache, with: "/home/me/.cache/coracle")
        if let registry { return printed.replacing("127.0.0.1:\(registry.port)", with: "localhost:5000") }
        return printed
    }

    /// The output of `command` where a Dockerfile names a base that has moved.
    private func oldBase(_ command: String) throws -> String {
        let registry = try RegistryServer()
        let address = "127.0.0.1:\(registry.port)"
        for (base, file) in [("static", "old.oci"), ("base", "new.oci")] {
            try type("coracle base build debian13/\(base) --platform linux/amd64 -o \(file)")
        }
        try type("coracle push old.oci \(address)/bases/debian:13")
        let digest = try type("coracle digest \(address)/bases/debian:13").split(separator: "\n")[0]
        try type("coracle push new.oci \(address)/bases/debian:13")
        try place.file("Dockerfile", "FROM \(address)/bases/debian:13@\(digest)\n")
        return try type("coracle \(command) || [ $? = 9 ]").replacing(address, with: "localhost:5000")
    }

    /// A bill of materials that lacks a supplier.
    private static let document = #"""
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
         "metadata": {"timestamp": "2026-11-21T09:00:00Z", "tools": {"components": [{"type": "application", "name": "x"}]},
          "component": {"bom-ref": "shop", "type": "application", "name": "shop", "version": "1.0"}},
         "components": [{"bom-ref": "express", "type": "library", "name": "express", "version": "4.18.2",
          "purl": "pkg:npm/express@4.18.2"}],
         "dependencies": [{"ref": "shop", "dependsOn": ["express"]}]}
        """#

    func jq(_ program: String, _ document: String, _ options: [String] = []) throws -> String {
        try place.file("document.json", document)
        return try Command("jq", ["-r"] + options + [program, place("document.json")]).output()
    }

    private func prepare() throws {
        let program = try readFile(FixtureProgram.go("hello").path())
        try place.file("server", program, mode: 0o755)
        try place.file("server.spdx.json", #"{"spdxVersion":"SPDX-2.3"}"#)
        for name in ["shop", "cart"] { try place.file("bin/\(name)", program, mode: 0o755) }
        try place.file(
            "images.yaml",
            "defaults: {path: 'bin/{name}', tag: 'shop/{name}:1.0'}\nimages: {shop: , cart: }\n"
        )
        try place.file("sbom.cdx.json", Self.document)
        try Command("cp", ["-R", try FreshBases.locked(), place("Bases")]).output()
        try type("coracle build server -t ghcr.io/me/server:1.0 --no-ca")
        try type("openssl ecparam -name prime256v1 -genkey -noout -out release.key && chmod 600 release.key")
        try type("openssl pkey -in release.key -pubout -out release.pub")
    }

    @discardableResult
    private func type(_ command: String) throws -> String {
        try Command(
            "bash",
            ["-c", command],
            environment: [
                "PATH": "\(Built.commandFolder):\(Environment.current["PATH"] ?? "/usr/bin:/bin")",
                "CORACLE_CACHE": FreshBases.cache,
            ],
            directory: place.path,
            timeLimit: 300
        ).output()
    }
}
