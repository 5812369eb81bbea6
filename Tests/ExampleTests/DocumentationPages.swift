import TestSupport
import Testing

/// The pages of the documentation: README.md, Documentation/*.md and what they lead to.
struct DocumentationPage: CustomTestStringConvertible, Sendable {
    /// The path in the repository, such as `Documentation/bases.md`.
    let path: String

    var testDescription: String { path }

    var text: String { get throws { String(decoding: try readFile("\(Example.repository)/\(path)"), as: UTF8.self) } }

    static let readMe = DocumentationPage(path: "README.md")

    /// The pages for users, whose blocks are typed by the tests.
    static var all: [DocumentationPage] {
        get throws {
            let names = try names(in: "\(Example.repository)/Documentation").filter { $0.hasSuffix(".md") }
            return [readMe] + names.map { DocumentationPage(path: "Documentation/\($0)") }
        }
    }

    /// All that people read: the pages for users, and those for people who work on coracle.
    static var everything: [DocumentationPage] {
        get throws {
            let others = [
                "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "Bases/README.md", "Bases/LICENSES.md",
                "Examples/README.md",
                "Examples/ci/README.md", "Examples/kubernetes/README.md",
                "Examples/library/README.md", "Benchmarks/README.md",
            ]
            return try all + (others + Example.all.map { "Examples/\($0.name)/README.md" }).map(DocumentationPage.init)
        }
    }

    /// The lines below `$ command` in the first page that has it, up to the next command or the block's end.
    static func shown(_ command: String) throws -> String? {
        for page in try all {
            let lines = try page.text.split(separator: "\n", omittingEmptySubsequences: false)
            guard let start = lines.firstIndex(of: "$ \(command)") else { continue }
            return lines[(start + 1)...].prefix { !$0.hasPrefix("```") && !$0.hasPrefix("$ ") }.joined(separator: "\n")
        }
        return nil
    }

    /// The fenced blocks in `language`, without their fences.
    func blocks(_ languages: Set<String>) throws -> [String] {
        var blocks = [String]()
        var block: String?
        var language: String?
        for line in try text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if language != nil {
                    if let block { blocks.append(block) }
                    (block, language) = (nil, nil)
                } else {
                    language = String(line.dropFirst(3))
                    block = languages.contains(language ?? "") ? "" : nil
                }
            } else if block != nil {
                block?.append("\(line)\n")
            }
        }
        return blocks
    }

    /// The names by which links reach the page's headings.
    var anchors: Set<String> {
        get throws {
            let headings = try text.split(separator: "\n").filter { $0.hasPrefix("#") }
            return Set(
                headings.map { heading in
                    let text = heading.drop { $0 == "#" || $0 == " " }.lowercased()
                    return String(
                        text.compactMap { character in
                            character == " "
                                ? "-"
                                : character.isLetter || character.isNumber || character == "-" || character == "_"
                                    ? character : nil
                        }
                    )
                }
            )
        }
    }
}
