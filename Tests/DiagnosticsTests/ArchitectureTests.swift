import FoundationEssentials
import Testing

/// `Documentation/architecture.md` against the packages and files that are there.
@Suite("The architecture document")
struct ArchitectureTests {
    private static let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: URL(filePath: "\(repository)/\(path)"), encoding: .utf8)
    }

    /// The modules that each of our modules imports, by `Package.swift`; each of them may be one of C.
    private static func packageImports() throws -> [String: Set<String>] {
        let package = try text("Package.swift")
        var imports: [String: Set<String>] = [:]
        for module in package.matches(of: /module\(\s*"(?<name>\w+)"(?:,\s*\[(?<imports>[^\]]*)\])?/) {
            imports[String(module.output.name)] = names(in: module.output.imports ?? "")
        }
        let program = try #require(package.firstMatch(of: /name: "CoracleCLI",\s*dependencies: \[(?<imports>[^\]]*)\]/))
        imports["CoracleCLI"] = names(in: program.output.imports)
        return imports
    }

    private static func names(in list: Substring) -> Set<String> {
        Set(list.matches(of: /["`](\w+)["`]/).map { String($0.output.1) })
    }

    @Test("the table of modules has what Package.swift says")
    func moduleTable() throws {
        var table: [String: Set<String>] = [:]
        for row in try Self.text("Documentation/architecture.md").matches(of: /\| `(\w+)` \| [^|\n]+ \| ([^|\n]+) \|/) {
            table[String(row.output.1)] = Self.names(in: row.output.2)
        }
        let package = try Self.packageImports()
        #expect(table.count > 20)
        #expect(table.keys.sorted() == package.keys.sorted())
        for (name, imports) in package {
            // The text below the table says it of all modules.
            #expect(table[name] == imports.subtracting(["Diagnostics"]), "\(name)")
        }
    }

    @Test("no module imports one that stands above it in the table")
    func direction() throws {
        let rows = try Self.text("Documentation/architecture.md").matches(of: /\| `(\w+)` \| [^|\n]+ \| ([^|\n]+) \|/)
        var above: Set<String> = []
        for row in rows {
            above.insert(String(row.output.1))
            #expect(Self.names(in: row.output.2).isDisjoint(with: above), "\(row.output.1)")
        }
    }

    /// Number of lines that a module may have: a reader can know as many.
    private static let lineLimit = 4500

    @Test("no module has more lines than a reader can know")
    func sizes() throws {
        for name in try Self.packageImports().keys {
            let folder = "\(Self.repository)/Sources/\(name)"
            let files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".swift") }
            #expect(!files.isEmpty, "\(name)")
            let count = try files.reduce(0) { count, file in
                try count + Self.text("Sources/\(name)/\(file)").utf8.count { $0 == UInt8(ascii: "\n") }
            }
            #expect(count <= Self.lineLimit, "\(name) has \(count) lines")
        }
    }

    @Test("every file that the document names is there")
    func files() throws {
        let text = try Self.text("Documentation/architecture.md")
        var count = 0
        for line in text.split(separator: "\n") {
            var folder = ""
            for name in line.matches(of: /`([\w\/+.-]+\.(?:swift|yaml|md))`/).map({ String($0.output.1) }) {
                // Only the first of several files of one folder has the folder's name.
                if let slash = name.lastIndex(of: "/") { folder = String(name[...slash]) }
                let path = name.contains("/") ? name : folder + name
                guard path.contains("/") else { continue }
                count += 1
                #expect(FileManager.default.fileExists(atPath: "\(Self.repository)/\(path)"), "\(path)")
            }
        }
        #expect(count > 40)
    }
}
