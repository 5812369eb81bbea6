import Dockerfiles
import Glibc
import TestSupport
import Testing

@testable import Migration

/// Dockerfiles as people write them, and what `coracle init` makes of each.
///
/// The comment `# files:` names what the project has: `/` is behind directories and `!` behind programs. `# ignore:` has the words
/// of its ignore file.
/// With CORACLE_GOLDEN=update in the environment the expected files are written again.
@Suite("Dockerfiles become a coracle.yaml")
struct GoldenTranslationTests {
    private static let directory =
        String(#filePath.prefix { $0 != "\0" }.dropLast("GoldenTranslationTests.swift".count)) + "Golden"

    static func cases() throws -> [String] {
        try names(in: directory).filter { $0.hasSuffix(".Dockerfile") }.map { String($0.dropLast(".Dockerfile".count)) }
            .sorted()
    }

    /// The project that a comment of the Dockerfile describes.
    static func files(_ text: String) -> ProjectFiles {
        let line = text.split(separator: "\n").first { $0.hasPrefix("# files:") } ?? ""
        var kinds: [String: ProjectFiles.Kind] = [".": .directory]
        for word in line.dropFirst("# files:".count).split(separator: " ") {
            let path = String(word.filter { $0 != "!" }.drop { $0 == "/" })
            let isDirectory = path.hasSuffix("/")
            let parts = path.split(separator: "/").map(String.init)
            for count in parts.indices { kinds[parts[..<count].joined(separator: "/")] = .directory }
            kinds[parts.joined(separator: "/")] = isDirectory ? .directory : .file(isExecutable: word.hasSuffix("!"))
        }
        let known = kinds
        let ignored = text.split(separator: "\n").first { $0.hasPrefix("# ignore:") }?.dropFirst("# ignore:".count)
            .split(separator: " ").joined(separator: "\n")
        return ProjectFiles(
            kind: { known[$0] },
            names: { directory in
                known.keys.filter { $0.hasPrefix("\(directory)/") && !$0.dropFirst(directory.count + 1).contains("/") }
                    .map { String($0.dropFirst(directory.count + 1)) }.sorted()
            },
            bytes: { path in path == ".dockerignore" ? ignored.map { Array($0.utf8) } : nil }
        )
    }

    @Test("each is the expected one", arguments: try cases())
    func golden(name: String) throws {
        let text = String(decoding: try readFile("\(Self.directory)/\(name).Dockerfile"), as: UTF8.self)
        let stages = try DockerfileStages(parsing: Array(text.utf8), named: "Dockerfile")
        let made = DockerfileTranslation.draft(of: stages, named: "Dockerfile", project: name, Self.files(text)).text
        let file = "\(Self.directory)/\(name).yaml"
        if Environment.current["CORACLE_GOLDEN"] == "update" { return try writeFile(file, made) }
        #expect(String(decoding: try readFile(file), as: UTF8.self) == made)
    }

    @Test("there are two dozen of them")
    func count() throws { #expect(try Self.cases().count >= 24) }

    @Test("every line of a Dockerfile is in the result, or listed with its number", arguments: try cases())
    func everyLine(name: String) throws {
        let text = String(decoding: try readFile("\(Self.directory)/\(name).Dockerfile"), as: UTF8.self)
        let stages = try DockerfileStages(parsing: Array(text.utf8), named: "Dockerfile")
        let made = DockerfileTranslation.draft(of: stages, named: "Dockerfile", project: name, Self.files(text)).text
        let commands = [
            "apt-get install", "setcap", "useradd", "docker-php-ext-install", "curl -sSL", "ONBUILD", "https://",
        ]
        for step in stages.chain(of: stages.stages.count - 1).steps {
            for command in commands where step.text.contains(command) {
                #expect(made.contains("line \(step.line)"), "\(step.name) \(step.text)\n\(made)")
            }
        }
    }
}
