import TestSupport
import Testing

/// Every page leads where it says, and the first one stays a first page.
@Suite("The documentation as a whole")
struct DocumentationTests {
    @Test("the README has at most 180 lines, and none of its blocks is wider than 120 columns")
    func firstPage() throws {
        let page = DocumentationPage.readMe
        #expect(try page.text.split(separator: "\n", omittingEmptySubsequences: false).count <= 181)
        for block in try page.blocks(["sh", "console", "yaml", "text"]) {
            for line in block.split(separator: "\n") { #expect(line.count <= 120, "\(line)") }
        }
    }

    @Test("the README leads to every page for users")
    func index() throws {
        let text = try DocumentationPage.readMe.text
        for page in try DocumentationPage.all where page.path != "README.md" {
            #expect(text.contains("(\(page.path))"), "README.md does not list \(page.path)")
        }
    }

    @Test("every relative link leads to a file, and to a heading in it", arguments: try DocumentationPage.everything)
    func links(page: DocumentationPage) throws {
        let folder = page.path.split(separator: "/").dropLast().joined(separator: "/")
        for link in try page.text.matches(of: #/\]\(([^)\s]+)\)/#).map({ String($0.1) }) where !link.contains("://") {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let path = parts[0].isEmpty ? page.path : Self.resolved(parts[0], in: folder)
            #expect(exists("\(Example.repository)/\(path)"), "\(link)")
            if parts.count > 1 {
                let anchors = try DocumentationPage(path: path).anchors
                #expect(anchors.contains(parts[1]), "\(link): the headings of \(path) are \(anchors.sorted())")
            }
        }
    }

    @Test("every option in the documentation is one that a command has")
    func options() throws {
        let names = try Built.coracle(["--help"]).output().matches(of: #/(?m)^  ([a-z]+) /#).map { String($0.1) }
        var help = ""
        for name in names {
            help += try Built.coracle(["help", name]).output()
            if ["base", "cache", "key", "sbom"].contains(name) {
                for word in [
                    "list", "show", "lock", "fetch", "build", "verify", "prune", "generate", "public", "write", "check",
                ] {
                    help += (try? Built.coracle(["help", name, word]).output()) ?? ""
                }
            }
        }
        let known = Set(help.matches(of: #/--[a-z][a-z-]+/#).map { String($0.0) })
        for page in try DocumentationPage.all {
            let named = try Set(page.text.matches(of: #/`(--[a-z][a-z-]+)/#).map { String($0.1) })
            #expect(named.subtracting(known).subtracting(Self.ofOthers) == [], "\(page.path)")
        }
    }

    /// Options of a Dockerfile, cargo, docker, npm, swift and install.sh, which the pages mention.
    private static let ofOthers: Set<String> = [
        "--static-swift-stdlib", "--to", "--remap-path-prefix", "--os", "--cpu", "--libc",
        "--ignore-file-order", "--ignore-history", "--checksum",
        "--build-context", "--cap-add", "--gpus", "--omit", "--sbom-sources", "--require-hashes",
        "--product", "--dynamic", "--explicit-target-dependency-import-check",
    ]

    /// `path` of a link in a page of `folder`, without `..` and `.`.
    private static func resolved(_ path: String, in folder: String) -> String {
        var parts = folder.split(separator: "/").map(String.init)
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return parts.joined(separator: "/")
    }
}
